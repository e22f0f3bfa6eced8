import { CheckError, type CheckRunner } from './check-runner.ts'

export const runSmtpCheck: CheckRunner<'smtp'> = () =>
  Promise.reject(new CheckError('probe.internal', 'this probe cannot run checks of the kind smtp'))
