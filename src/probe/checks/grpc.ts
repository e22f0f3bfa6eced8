import { CheckError, type CheckRunner } from './check-runner.ts'

export const runGrpcCheck: CheckRunner<'grpc'> = () =>
  Promise.reject(new CheckError('probe.internal', 'this probe cannot run checks of the kind grpc'))
