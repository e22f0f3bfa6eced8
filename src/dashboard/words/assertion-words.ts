import type { Assertion } from '../../protocol/expectation.ts'

export type AssertionTone = 'passed' | 'degraded' | 'failed' | 'unknown'

/** What came of an assertion, with its sign. One that does not count is neither good nor bad. */
export function assertionWord({ held, level, excluded }: Assertion): {
  tone: AssertionTone
  word: string
} {
  if (excluded !== undefined) return { tone: 'unknown', word: '– not counted' }
  if (held) return { tone: 'passed', word: '✓ held' }
  return level === 'must'
    ? { tone: 'failed', word: '✗ failed' }
    : { tone: 'degraded', word: '◐ degraded' }
}

const PLACES: readonly AssertionTone[] = ['failed', 'degraded', 'unknown', 'passed']

/** What did not hold comes first. */
export const placeOf = (assertion: Assertion): number =>
  PLACES.indexOf(assertionWord(assertion).tone)
