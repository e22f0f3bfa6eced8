import type { CheckKind } from '../protocol/check.ts'
import { DURATION_SUBJECTS } from '../protocol/expectation.ts'
import type { Quality, RunError, RunErrorType } from '../protocol/run.ts'

/** Less is everyday: a collection of garbage, a large answer being parsed. */
const LAG_MS_MIN = 100
/** The part of the run's time that our own standstill must have for it to explain the verdict. */
const LAG_SHARE_MIN = 0.2

const TIMEOUTS: readonly RunErrorType[] = ['timeout', 'connect.timeout', 'dns.timeout']

export type JudgedQuality = {
  /** With `flagged` when the times are not the target's. */
  quality: Quality
  /** What a failure really is: a time-out of ours is no failure of the target. */
  isTimeUnknown(broken: RunError | undefined): RunError | undefined
  /** Why an expectation of that subject does not count; undefined when it does. */
  excluded(subject: string): string | undefined
}

/**
 * The probe judges itself before it judges the target: when the event loop stood still for a good part
 * of a run, nobody knows who was slow. Its times are flagged and judge nothing, and a time-out is a
 * `probe_fault`. An answer that was wrong stays wrong however busy we were.
 */
export function judgeQuality(quality: Quality, durationMs: number, kind: CheckKind): JudgedQuality {
  // A journey's times are taken in a process of its own, which our standstill does not touch.
  const reason = kind === 'journey' ? undefined : flagOf(quality, durationMs)
  if (reason === undefined)
    return { quality, isTimeUnknown: (broken) => broken, excluded: () => undefined }
  return {
    quality: { ...quality, flagged: reason },
    isTimeUnknown(broken) {
      if (!broken || !TIMEOUTS.includes(broken.type)) return broken
      const message = `${reason}, so the time-out is not the target's (${broken.message})`
      return { type: 'probe.overload', message }
    },
    excluded: (subject) => (DURATION_SUBJECTS.has(subject) ? reason : undefined),
  }
}

function flagOf({ eventLoopLagMs: lagMs }: Quality, durationMs: number): string | undefined {
  if (lagMs < LAG_MS_MIN || lagMs < durationMs * LAG_SHARE_MIN) return undefined
  return `this probe stood still for ${Math.round(lagMs)} ms during the run`
}
