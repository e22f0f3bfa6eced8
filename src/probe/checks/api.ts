import { CheckError, type CheckRunner } from './check-runner.ts'

export const runApiCheck: CheckRunner<'api'> = () =>
  Promise.reject(new CheckError('probe.internal', 'this probe cannot run checks of the kind api'))
