import { describeDuration } from '../../base/duration.ts'
import { dueAfter, longestRunMs, type WatchedJob } from './due-heartbeat.ts'
import type { HeartbeatState, JobStart } from './heartbeat-state.ts'

/**
 * The states of a job, as far as its calls tell:
 *
 *     on_time → running   it said that it starts
 *     running → on_time   it said that it ended, well or not
 *     running → stuck     it has not ended in the time that it may take
 *     any     → late      its next call is overdue
 *     stuck, late → on_time, running   it calls again
 */
export type HeartbeatJudgement = {
  state: 'on_time' | 'running' | 'stuck' | 'late'
  /** Why, in words. */
  reason: string
  /** With `stuck`: the execution that does not end. */
  start?: JobStart
  /** With `stuck` and `late`: the last instant at which all was still well. */
  since?: number
  /** When time alone changes this; absent when it never does. */
  lookAt?: number
}

/** Decides how a job stands by what it said so far. */
export function judgeHeartbeat(
  job: WatchedJob,
  state: HeartbeatState,
  now: number,
): HeartbeatJudgement {
  const stuck = firstStuck(job, state)
  const overdueAt = overdueFrom(job, state)
  if (stuck && now > stuck.endsBy) {
    const allowed = describeDuration(longestRunMs(job, stuck.start.at))
    const reason = `started at ${toTime(stuck.start.at)} and has not ended; it may take ${allowed}`
    return { state: 'stuck', reason, start: stuck.start, since: stuck.endsBy }
  }
  if (overdueAt !== undefined && now > overdueAt)
    return { state: 'late', reason: explainLate(job, state, overdueAt), since: overdueAt }

  const lookAt = Math.min(overdueAt ?? Infinity, stuck?.endsBy ?? Infinity) + 1
  const running = state.starts.findLast(({ isTold }) => !isTold)
  return {
    state: running ? 'running' : 'on_time',
    reason: running ? `started at ${toTime(running.at)}` : explainOnTime(state),
    ...(lookAt !== Infinity && { lookAt }),
  }
}

/** The last instant at which the next call is not overdue; undefined when none is expected any more. */
export function overdueFrom(job: WatchedJob, state: HeartbeatState): number | undefined {
  const dueAt = dueAfter(job, lastHeard(state))
  return dueAt === undefined ? undefined : dueAt + job.graceMs
}

/** What the next call is counted from. An absence of ours counts as if the job had called at its end. */
export function lastHeard({
  knownSince,
  lastEndAt,
  lastStartAt,
  excusedUntil,
}: HeartbeatState): number {
  return Math.max(knownSince, lastEndAt ?? 0, lastStartAt ?? 0, excusedUntil ?? 0)
}

/** Of the executions under way, the one whose time is over first. */
export function firstStuck(
  job: WatchedJob,
  { starts, excusedUntil = 0 }: HeartbeatState,
): { start: JobStart; endsBy: number } | undefined {
  return starts
    .filter(({ isTold }) => !isTold)
    .map((start) => {
      const countedFrom = Math.max(start.at, excusedUntil)
      return { start, endsBy: countedFrom + longestRunMs(job, countedFrom) }
    })
    .toSorted((a, b) => a.endsBy - b.endsBy)[0]
}

function explainLate(job: WatchedJob, state: HeartbeatState, overdueAt: number): string {
  const { lastEndAt, lastStartAt, knownSince } = state
  const isHeard = lastEndAt !== undefined || lastStartAt !== undefined
  const heard = isHeard
    ? `no call since ${toTime(Math.max(lastEndAt ?? 0, lastStartAt ?? 0))}`
    : `it never called, and is watched since ${toTime(knownSince)}`
  const grace = describeDuration(job.graceMs)
  return `${heard}; due at ${toTime(overdueAt - job.graceMs)}, with ${grace} grace`
}

const explainOnTime = ({ lastEndAt }: HeartbeatState) =>
  lastEndAt === undefined ? 'no call yet' : `called at ${toTime(lastEndAt)}`

/** RFC 3339, in UTC: the same for whoever reads it, wherever. */
const toTime = (instant: number) => new Date(instant).toISOString().replace(/\.\d+Z$/, 'Z')
