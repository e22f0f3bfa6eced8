import type { CheckKind } from '../protocol/check.ts'
import { isDurationSubject } from '../protocol/expectation.ts'
import type { Quality, RunError, RunErrorType } from '../protocol/run.ts'

/**
 * From here on times are not published as the target's. Small, because a number must be believable:
 * less than this is what a request over a network varies by itself …
 */
const ERROR_MS_MIN = 4
/** … or, of long runs, nobody would see it in the number. */
const ERROR_SHARE_MIN = 0.02
/**
 * The part of a run's time that our own standstill or wait must have for it to explain a time-out.
 * Large, because this turns a failure of the target into none: a target that is down must not be
 * excused by a few milliseconds of ours.
 */
const EXPLAINING_SHARE_MIN = 0.2

/** Waits for a processor add up over a whole run; in between, the target had its time to answer. */
const EXPLAINING_WAIT_MIN = 0.5

const TIMEOUTS: readonly RunErrorType[] = ['timeout', 'connect.timeout', 'dns.timeout']

/** What was waited for when a failure came. */
export type TimedWait = {
  /** How long all of it took, with what is in no published time. */
  wallMs: number
  /** Whether it was the time limit of the run that ended it, in whichever phase. */
  isOverdue?: boolean | undefined
}

export type JudgedQuality = {
  /** With `flagged` when the times are not the target's. */
  quality: Quality
  /** What a failure really is: a time-out of ours is no failure of the target. */
  excuseTimeout(error: RunError, wait: TimedWait): RunError
  /**
   * Why a limit that was broken does not count: the delay may be ours. Undefined when it does, because
   * the value is over its limit by more than that.
   */
  excluded(subject: string, overMs: number): string | undefined
}

/**
 * The probe judges itself before it judges the target: when its event loop stood still during a run, or
 * it waited for a processor, nobody knows who was slow. Times that may be wrong by more than they may be
 * are flagged and judge nothing; a time-out that our own delay explains is a `probe_fault`. An answer
 * that was wrong stays wrong however busy we were.
 */
export function judgeQuality(quality: Quality, durationMs: number, kind: CheckKind): JudgedQuality {
  const errorMs = Math.max(quality.eventLoopLagMs, quality.cpuWaitMs ?? 0)
  // A journey's times are taken in a process of its own, which our standstill does not touch.
  const isWrong = errorMs > Math.max(ERROR_MS_MIN, durationMs * ERROR_SHARE_MIN)
  if (kind === 'journey' || !isWrong)
    return { quality, excuseTimeout: (error) => error, excluded: () => undefined }
  const reason = describeDelay(quality)
  const { eventLoopLagMs: lagMs, cpuWaitMs = 0 } = quality
  const explains = (wallMs: number) =>
    lagMs >= wallMs * EXPLAINING_SHARE_MIN || cpuWaitMs >= wallMs * EXPLAINING_WAIT_MIN
  return {
    quality: { ...quality, flagged: reason },
    excuseTimeout(error, { wallMs, isOverdue = false }) {
      const isTimeout = isOverdue || TIMEOUTS.includes(error.type)
      if (!isTimeout || !explains(wallMs) || error.type.startsWith('probe.')) return error
      const message = `${reason}, so the time-out is not the target's (${error.message})`
      return { type: 'probe.overload', message }
    },
    excluded: (subject, overMs) =>
      isDurationSubject(subject) && overMs <= errorMs ? reason : undefined,
  }
}

/** `this probe stood still for 310 ms and waited 290 ms for a processor during the run`. */
function describeDelay({ eventLoopLagMs: lagMs, cpuWaitMs = 0 }: Quality): string {
  const delays = [
    ...(lagMs >= 1 ? [`stood still for ${Math.round(lagMs)} ms`] : []),
    ...(cpuWaitMs >= 1 ? [`waited ${Math.round(cpuWaitMs)} ms for a processor`] : []),
  ]
  return `this probe ${delays.join(' and ')} during the run`
}
