import { dueAfter, type WatchedJob } from './due-heartbeat.ts'
import type { HeartbeatState } from './heartbeat-state.ts'
import { firstStuck, judgeHeartbeat, lastHeard, overdueFrom } from './judge-heartbeat.ts'

/** A stretch of time in which the coordinator did not listen. */
export type Absence = { from: number; until: number }

export type HeartbeatDecision = {
  /** To be saved. */
  next: HeartbeatState
  /** What must be told as a failed run: in words why, and since when. */
  late?: { reason: string; since: number }
  /** When to look again; absent when only a call changes anything. */
  lookAt?: number
}

/**
 * Decides what becomes of a job by the passing of time. That a call is missing is told once when it is
 * overdue, and again each time that the next one would have been due, so that the word stays fresh;
 * that an execution does not end is told once for each.
 */
export function watchHeartbeat({
  job,
  state: before,
  absence,
  now,
}: {
  job: WatchedJob
  state: HeartbeatState
  /** The latest one. */
  absence: Absence | undefined
  now: number
}): HeartbeatDecision {
  const state = excuse(job, before, absence)
  const judgement = judgeHeartbeat(job, state, now)
  const { reason, since = now } = judgement
  if (judgement.state === 'stuck') {
    const starts = state.starts.map((start) =>
      start === judgement.start ? { ...start, isTold: true } : start,
    )
    // Where no time is set for an execution, it is stuck when the next call is overdue: one miss.
    const isOverdue = now > (overdueFrom(job, state) ?? Infinity)
    const next = { ...state, starts, ...(isOverdue && { lateToldAt: now }) }
    return { next, late: { reason, since }, lookAt: now }
  }
  if (judgement.state !== 'late') return { next: state, ...lookAt(judgement.lookAt) }

  const tellAgainAt = state.lateToldAt === undefined ? now : dueAfter(job, state.lateToldAt)
  if (tellAgainAt === undefined || now < tellAgainAt) return { next: state, ...lookAt(tellAgainAt) }
  return {
    next: { ...state, lateToldAt: now },
    late: { reason, since },
    ...lookAt(dueAfter(job, now)),
  }
}

const lookAt = (instant: number | undefined) => (instant === undefined ? {} : { lookAt: instant })

/**
 * A call that was due about the time when we did not listen may have been made, and lost: then the job
 * is given until the next one. What was late before that stays late.
 */
function excuse(
  job: WatchedJob,
  state: HeartbeatState,
  absence: Absence | undefined,
): HeartbeatState {
  if (!absence || state.lateToldAt !== undefined || (state.excusedUntil ?? 0) >= absence.until)
    return state
  const overdueAt = overdueFrom(job, state)
  const isCallLost =
    overdueAt !== undefined &&
    overlaps(absence, Math.max(overdueAt - 2 * job.graceMs, lastHeard(state) + 1), overdueAt)
  const stuck = firstStuck(job, state)
  const isEndLost = stuck !== undefined && overlaps(absence, stuck.start.at, stuck.endsBy)
  return isCallLost || isEndLost ? { ...state, excusedUntil: absence.until } : state
}

const overlaps = ({ from, until }: Absence, start: number, end: number) =>
  from <= end && until >= start
