import type { HeartbeatState, JobStart } from './heartbeat-state.ts'

/** What a job says. `fail` tells no exit code; success is exit code 0. */
export type JobCall = {
  signal: 'start' | 'success' | 'fail' | 'exit'
  exitCode?: number | undefined
  /** The job's own name for this execution, so that several at once can be told apart. */
  run?: string | undefined
}

export type TakenCall =
  | { kind: 'repeated' }
  | { kind: 'started'; next: HeartbeatState }
  /** `startedAt` is absent when the job did not say that it starts. */
  | { kind: 'ended'; next: HeartbeatState; startedAt?: number }

/** The same call so soon after itself is one that was sent again because its answer was lost. */
const REPEAT_MS = 1_000
/** Where the execution is named, the two can hardly be two. */
const NAMED_REPEAT_MS = 60_000

/** Executions under way at once; of more, the oldest are forgotten. */
export const STARTS_MAX = 50
const RECENT_CALLS_MAX = 50

/** Decides what a call changes. */
export function takeCall(state: HeartbeatState, call: JobCall, now: number): TakenCall {
  const name = [call.signal, call.exitCode ?? '', call.run ?? ''].join(' ')
  const repeatMs = call.run === undefined ? REPEAT_MS : NAMED_REPEAT_MS
  const isRepeated = state.recentCalls.some(
    (recent) => recent.call === name && Math.abs(now - recent.at) < repeatMs,
  )
  if (isRepeated) return { kind: 'repeated' }

  const { lateToldAt: _, ...rest } = state
  const recentCalls = [
    ...state.recentCalls.filter(({ at }) => Math.abs(now - at) < NAMED_REPEAT_MS),
    { call: name, at: now },
  ].slice(-RECENT_CALLS_MAX)
  if (call.signal === 'start') {
    const starts = [...state.starts, { run: call.run, at: now, isTold: false }].slice(-STARTS_MAX)
    return { kind: 'started', next: { ...rest, recentCalls, starts, lastStartAt: now } }
  }
  const isOf = (start: JobStart) => start.run === call.run
  // Of executions without a name only the latest can be the one that ended: those before it died.
  const startedAt = state.starts.findLast(isOf)?.at
  const starts = state.starts.filter((start) => !isOf(start))
  return {
    kind: 'ended',
    next: { ...rest, recentCalls, starts, lastEndAt: now },
    ...(startedAt !== undefined && { startedAt }),
  }
}
