import { CheckError, type CheckRunner } from './check-runner.ts'

export const runIcmpCheck: CheckRunner<'icmp'> = () =>
  Promise.reject(new CheckError('probe.internal', 'this probe cannot run checks of the kind icmp'))
