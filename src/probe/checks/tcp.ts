import { CheckError, type CheckRunner } from './check-runner.ts'

export const runTcpCheck: CheckRunner<'tcp'> = () =>
  Promise.reject(new CheckError('probe.internal', 'this probe cannot run checks of the kind tcp'))
