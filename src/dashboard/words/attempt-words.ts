import { describeDuration } from '../../base/duration.ts'
import type { EarlierAttempt, Run } from '../../protocol/run.ts'
import { firstLine } from './run-sentence.ts'
import { SLOT_WORDS } from './slot-words.ts'

/** `attempt 2 of 2 passed`; empty when there was one only. */
export function lastAttemptWords({ attempt, verdict }: Pick<Run, 'attempt' | 'verdict'>): string {
  return attempt < 2 ? '' : `attempt ${attempt} of ${attempt} ${SLOT_WORDS[verdict].word}`
}

/** An earlier attempt in words: `failed after 120 ms: connection refused`. */
export function attemptWords({ verdict, durationMs, error }: EarlierAttempt): string {
  const why = error ? `: ${firstLine(error.message)}` : ''
  return `${SLOT_WORDS[verdict].word} after ${describeDuration(durationMs)}${why}`
}
