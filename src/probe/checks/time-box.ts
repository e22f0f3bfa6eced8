import { createContext, Script } from 'node:vm'
import { codeOf } from '../../base/app-error.ts'
import { PATTERN_MS_MAX, type TryPattern } from '../../protocol/judge-expectations.ts'
import { CheckError } from './check-runner.ts'

/** Longest text that patterns look at; what comes after it is not seen. */
export const PATTERN_INPUT_MAX = 1024 * 1024
/** All work of one run together. */
const WORK_MS_MAX = 200

/** Why the probe itself is at fault where it could not look into an answer. */
export const TOO_LITTLE_PROCESSOR =
  'this probe got too little of a processor to look into what came'

export type TimeBox = {
  /** Does work that others wrote or that others' data may make slow; undefined when time was up. */
  run<T>(work: () => T): { value: T } | undefined
  tryPattern: TryPattern
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

/** Each try may take twice as long as the one before: a thread that waits for a processor does little. */
const TRIES_MAX = 3
/** Work that used less than this share of its time did not get the processor, and is no slow work. */
const USED_SHARE_MIN = 0.5

/**
 * A bound on the time that the patterns and paths of one run may take together. It is processor time
 * that counts: a probe that waits for its turn must not call a pattern slow, and its target broken.
 *
 * @param usedMs processor time that this thread has used.
 */
export function createTimeBox(usedMs: () => number = threadProcessorMs): TimeBox {
  let leftMs = WORK_MS_MAX

  function run<T>(work: () => T): { value: T } | undefined {
    for (let attempt = 0; attempt < TRIES_MAX && leftMs >= 1; attempt++) {
      const timeout = Math.floor(Math.min(PATTERN_MS_MAX, leftMs) * 2 ** attempt)
      const before = usedMs()
      try {
        return { value: interruptible(work, timeout) as T }
      } catch (error) {
        if (codeOf(error) !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
        if (usedMs() - before >= timeout * USED_SHARE_MIN) return undefined
      } finally {
        leftMs -= usedMs() - before
      }
    }
    if (leftMs < 1) return undefined
    throw new CheckError('probe.overload', TOO_LITTLE_PROCESSOR)
  }

  const seen = (text: string) => text.slice(0, PATTERN_INPUT_MAX)

  return {
    run,
    tryPattern(pattern, text) {
      const answer = run(() => new RegExp(pattern, 'u').test(seen(text)))
      if (!answer) return 'took_too_long'
      return answer.value ? 'matches' : 'differs'
    },
  }
}

function threadProcessorMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
