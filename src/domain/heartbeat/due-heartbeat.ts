import type { CheckOf } from '../../protocol/check.ts'
import { COORDINATOR_REGION } from '../../protocol/ids.ts'
import { nextSlot } from '../../protocol/schedule.ts'

export type WatchedJob = Pick<
  CheckOf<'heartbeat'>,
  'id' | 'schedule' | 'regions' | 'graceMs' | 'expectations'
>

/** How much earlier than its cron instant a call counts for it: the job's clock may be ahead of ours. */
export const EARLY_MS_MAX = 10_000

/** Time until a late call is noticed, written down and evaluated. */
const NOTICE_MS = 60_000

/**
 * When the next call is due after one at `heardAt`, without grace: an interval later, or at the next
 * instant of the cron expression. Undefined when the expression has none left.
 */
export function dueAfter(job: Pick<WatchedJob, 'id' | 'schedule' | 'regions'>, heardAt: number) {
  if (job.schedule.kind === 'interval') return heardAt + job.schedule.everyMs
  return nextSlot(job, COORDINATOR_REGION, heardAt + EARLY_MS_MAX)
}

/** The longest time that one execution may take: what is expected of it, else until the next is overdue. */
export function longestRunMs(job: WatchedJob, startedAt: number): number {
  const expected = job.expectations.find(
    ({ level, subject, matcher }) =>
      level === 'must' && subject === 'total' && matcher.max !== undefined,
  )?.matcher.max
  if (expected !== undefined) return expected
  return (dueAfter(job, startedAt) ?? Infinity) - startedAt + job.graceMs
}

/**
 * How long the vote of a call at `heardAt` counts: until the next one is overdue, and that it is so had
 * time to be noticed.
 */
export function heartbeatFreshForMs(
  job: Pick<WatchedJob, 'id' | 'schedule' | 'regions' | 'graceMs'>,
  heardAt: number,
): number {
  return (dueAfter(job, heardAt) ?? Infinity) - heardAt + job.graceMs + NOTICE_MS
}
