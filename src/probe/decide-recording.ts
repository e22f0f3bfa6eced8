import type { CheckOf, ProbedCheck } from '../protocol/check.ts'
import type { RunErrorType, Verdict } from '../protocol/run.ts'

/** While a check goes on failing, a recording now and then is enough: each takes as long as a run. */
export const RECORDING_EVERY_MS = 10 * 60_000

export type RecordingQuestion = {
  check: ProbedCheck
  /** Of the run that was just measured. */
  verdict: Verdict
  /** Why it failed, if it did. */
  errorType: RunErrorType | undefined
  now: number
  /** When the check was recorded last; undefined if never. */
  lastAt: number | undefined
  /** Another recording is being made. */
  isBusy: boolean
}

export type RecordingDecision =
  | { isRecorded: true; check: CheckOf<'journey'> }
  | {
      isRecorded: false
      because: 'not wanted' | 'forbidden request' | 'recorded a moment ago' | 'another recording'
    }

/**
 * Whether a journey is run once more to be recorded. One at a time in a probe, so that an outage of
 * everything does not double the load of all its browsers.
 */
export function decideRecording(question: RecordingQuestion): RecordingDecision {
  const { check, verdict, errorType, now, lastAt, isBusy } = question
  if (check.kind !== 'journey') return { isRecorded: false, because: 'not wanted' }
  const { recording } = check.evidence
  // What failed because of the probe itself is not the target's to be looked at.
  const isWanted = recording === 'always' || (recording === 'on-failure' && verdict === 'failed')
  if (!isWanted || verdict === 'probe_fault') return { isRecorded: false, because: 'not wanted' }
  // What it must never do, it shall not try twice.
  if (errorType === 'journey.forbidden_request')
    return { isRecorded: false, because: 'forbidden request' }
  if (recording === 'on-failure' && lastAt !== undefined && now - lastAt < RECORDING_EVERY_MS)
    return { isRecorded: false, because: 'recorded a moment ago' }
  if (isBusy) return { isRecorded: false, because: 'another recording' }
  return { isRecorded: true, check }
}
