import { createContext, Script } from 'node:vm'
import { codeOf } from '../../base/app-error.ts'
import { PATTERN_MS_MAX, type TryPattern } from '../../protocol/judge-expectations.ts'

/** Longest text that patterns look at; what comes after it is not seen. */
export const PATTERN_INPUT_MAX = 1024 * 1024
/** All work of one run together. */
const WORK_MS_MAX = 200

export type TimeBox = {
  /** Does work that others wrote or that others' data may make slow; undefined when time was up. */
  run<T>(work: () => T): { value: T } | undefined
  tryPattern: TryPattern
  /** The first group of a match, or all of it without groups; undefined when there is none in time. */
  extract(pattern: string, text: string): string | undefined
}

// Only the time limit of `node:vm` can interrupt the engine. That is all it is used for; nothing here
// is a sandbox. One context serves all: making one takes longer than most patterns.
let shared: { context: { work: (() => unknown) | undefined }; script: Script } | undefined

function interruptible(work: () => unknown, timeout: number): unknown {
  shared ??= { context: createContext({ work: undefined }) as never, script: new Script('work()') }
  const { context, script } = shared
  context.work = work
  try {
    return script.runInContext(context, { timeout })
  } finally {
    context.work = undefined
  }
}

/** A bound on the time that the patterns and paths of one run may take together. */
export function createTimeBox(monotonic: () => number): TimeBox {
  let leftMs = WORK_MS_MAX

  function run<T>(work: () => T): { value: T } | undefined {
    const timeout = Math.min(PATTERN_MS_MAX, Math.floor(leftMs))
    if (timeout < 1) return undefined
    const startedAt = monotonic()
    try {
      return { value: interruptible(work, timeout) as T }
    } catch (error) {
      if (codeOf(error) === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
      throw error
    } finally {
      leftMs -= monotonic() - startedAt
    }
  }

  const seen = (text: string) => text.slice(0, PATTERN_INPUT_MAX)

  return {
    run,
    tryPattern(pattern, text) {
      const answer = run(() => new RegExp(pattern, 'u').test(seen(text)))
      if (!answer) return 'took_too_long'
      return answer.value ? 'matches' : 'differs'
    },
    extract(pattern, text) {
      const match = run(() => new RegExp(pattern, 'u').exec(seen(text)))?.value
      return match ? (match[1] ?? match[0]) : undefined
    },
  }
}
