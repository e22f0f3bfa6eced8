import { CheckError, type CheckRunner } from './check-runner.ts'

export const runWebSocketCheck: CheckRunner<'websocket'> = () =>
  Promise.reject(
    new CheckError('probe.internal', 'this probe cannot run checks of the kind websocket'),
  )
