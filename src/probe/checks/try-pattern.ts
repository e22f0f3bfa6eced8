import { runInNewContext } from 'node:vm'
import { codeOf } from '../../base/app-error.ts'

/** Longest text that patterns look at; what comes after it is not seen. */
export const PATTERN_INPUT_MAX = 1024 * 1024
/** A pattern that backtracks for ever would otherwise stop every measurement of the probe. */
export const PATTERN_MS_MAX = 100
/** All patterns of one run together. */
const PATTERNS_MS_MAX = 200

export type PatternAnswer = 'matches' | 'differs' | 'took_too_long'
export type TryPattern = (pattern: string, text: string) => PatternAnswer

/**
 * Patterns of one run, with a bound on the time they may take: the engine can only be interrupted by
 * the time limit of `node:vm`. That is all it is used for; nothing here is a sandbox.
 */
export function createPatternTrial(monotonic: () => number): TryPattern {
  let leftMs = PATTERNS_MS_MAX

  return (pattern, text) => {
    const timeout = Math.min(PATTERN_MS_MAX, Math.floor(leftMs))
    if (timeout < 1) return 'took_too_long'
    const startedAt = monotonic()
    try {
      const input = { pattern, text: text.slice(0, PATTERN_INPUT_MAX) }
      const matches = runInNewContext('new RegExp(pattern, "u").test(text)', input, { timeout })
      return matches === true ? 'matches' : 'differs'
    } catch (error) {
      if (codeOf(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'took_too_long'
      throw error
    } finally {
      leftMs -= monotonic() - startedAt
    }
  }
}
