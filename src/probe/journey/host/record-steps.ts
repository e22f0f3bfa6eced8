import { DURATION_EXPECTED, describeDuration, parseDuration } from '../../../base/duration.ts'
import { STEPS_MAX, type Step } from '../../../protocol/run.ts'
import { waitFor } from '../../../runtime/deadline.ts'
import type { StepOptions } from '../../../sdk/journey.ts'
import type { OpenStep } from '../judge-run-end.ts'
import type { NetTime } from './net-time.ts'
import type { RunReport } from './run-report.ts'

/** The steps of one run, in the order in which they began; a step may be inside another. */
export type StepRecorder = {
  step<T>(name: string, body: () => T | Promise<T>, options?: StepOptions): Promise<T>
  soft<T>(name: string, body: () => T | Promise<T>, options?: StepOptions): Promise<T | undefined>
  /** What soft steps said when they failed, in their order. */
  softFailures(): readonly string[]
  /** The step that began last and has not ended: what the journey is doing right now. */
  innermost(): OpenStep | undefined
  /** What was said of this error when it failed a step; undefined when it failed none. */
  saidOf(error: unknown): string | undefined
  /** Lets no step begin or end any more, whatever the journey's code still does. */
  seal(): void
  /** Ends all that are still open, after sealing. */
  end(status: 'failed' | 'skipped', error?: string): void
}

/** Thrown by `skip()`: ends the step that it is called in. */
export class SkipError extends Error {
  override readonly name = 'SkipError'
}

type Entry = {
  index: number
  name: string
  startMs: number
  grossStartMs: number
  isOpen: boolean
  isSoft: boolean
  parent: number | undefined
}

type Limits = { withinMs: number | undefined; degradedAfterMs: number | undefined }

const NO_LIMITS: Limits = { withinMs: undefined, degradedAfterMs: undefined }

export type StepParts = {
  time: NetTime
  report: RunReport
  url(): string | undefined
  /** Whether steps keep to their own limits. */
  hasLimits: boolean
  /** Called when a body succeeded; throws when the step failed all the same. */
  verify(): void
  /** Called at the step that an error comes from, outside the measured time; gives its text. */
  onFailure(error: unknown, step: string): Promise<string>
  /** Called when an outermost step has passed, outside the measured time. */
  onPassed?(step: string): Promise<void>
  /** Goes around the body of each step. */
  around?<T>(step: string, body: () => T | Promise<T>): Promise<T>
}

/** Shortest look at the clock while the measured time stands still. */
const LIMIT_STEP_MS = 5

export function createStepRecorder(parts: StepParts): StepRecorder {
  const { time, report } = parts
  const entries: Entry[] = []
  const said = new Map<unknown, string>()
  const softFailures: string[] = []
  let isSealed = false

  function open(name: string, isSoft: boolean): Entry {
    if (isSealed) throw new Error(`step "${name}" began after the journey was over`)
    const entry: Entry = {
      index: entries.length,
      name,
      startMs: time.now(),
      grossStartMs: time.grossNow(),
      isOpen: true,
      isSoft,
      parent: entries.findLast((candidate) => candidate.isOpen)?.index,
    }
    entries.push(entry)
    if (entry.index === STEPS_MAX) report.log(`only the first ${STEPS_MAX} steps are recorded`)
    tell(entry, { status: 'failed', ms: 0 })
    return entry
  }

  function close(entry: Entry, end: Pick<Step, 'status' | 'ms' | 'error' | 'reason'>): void {
    if (!entry.isOpen) return
    entry.isOpen = false
    const url = parts.url()
    const grossMs = time.grossNow() - entry.grossStartMs
    const gross = grossMs - end.ms >= 1 ? { grossMs } : {}
    tell(entry, { ...end, ...gross, ...(url !== undefined && { url }) })
  }

  function tell(entry: Entry, end: StepEnd): void {
    if (entry.index < STEPS_MAX) report.step(entry.index, stepOf(entry, end), entry)
  }

  async function fail(entry: Entry, error: unknown): Promise<void> {
    const ms = time.now() - entry.startMs
    const text = said.get(error) ?? (await time.outside(() => parts.onFailure(error, entry.name)))
    said.set(error, text)
    if (!isSealed) close(entry, { status: 'failed', ms, error: text })
  }

  async function succeed(entry: Entry, { degradedAfterMs = Infinity }: Limits): Promise<void> {
    const ms = time.now() - entry.startMs
    if (isSealed) return
    const { onPassed } = parts
    if (entry.parent === undefined && onPassed) await time.outside(() => onPassed(entry.name))
    if (isSealed) return
    if (ms <= degradedAfterMs) close(entry, { status: 'passed', ms })
    else close(entry, { status: 'degraded', ms, reason: tooSlow(ms, degradedAfterMs) })
  }

  async function run<T>(
    name: string,
    body: () => T | Promise<T>,
    { isSoft, ...written }: StepOptions & { isSoft: boolean },
  ): Promise<T | undefined> {
    const limits = parts.hasLimits ? readLimits(name, written) : NO_LIMITS
    const entry = open(name, isSoft)
    const { around } = parts
    try {
      const value = await inTime(entry, limits, around ? () => around(name, body) : body, time)
      parts.verify()
      await succeed(entry, limits)
      return value
    } catch (error) {
      // What fails after the run's end fails because of it.
      if (isSealed) throw error
      if (error instanceof SkipError) {
        const ms = time.now() - entry.startMs
        close(entry, { status: 'skipped', ms, reason: error.message })
        return undefined
      }
      await fail(entry, error)
      if (!isSoft || isSealed) throw error
      softFailures.push(`step "${name}": ${said.get(error) ?? ''}`)
      return undefined
    }
  }

  return {
    step<T>(name: string, body: () => T | Promise<T>, options: StepOptions = {}) {
      // Only a step that was skipped gives nothing, and its body could not say what it gives.
      return run(String(name), body, { ...options, isSoft: false }) as Promise<T>
    },
    soft: (name, body, options = {}) => run(String(name), body, { ...options, isSoft: true }),
    softFailures: () => softFailures,
    innermost() {
      const entry = entries.findLast((candidate) => candidate.isOpen)
      return entry && { name: entry.name, ms: time.now() - entry.startMs }
    },
    saidOf: (error) => said.get(error),
    seal() {
      isSealed = true
    },
    end(status, error) {
      for (const entry of entries) {
        if (!entry.isOpen) continue
        const ms = time.now() - entry.startMs
        close(entry, error === undefined ? { status, ms } : { status, ms, error })
      }
    },
  }
}

type StepEnd = Omit<Step, 'name' | 'startMs' | 'parent' | 'isSoft'>

const stepOf = ({ name, startMs, isSoft, parent }: Entry, end: StepEnd): Step => ({
  name,
  startMs,
  ...end,
  ...(isSoft && { isSoft }),
  ...(parent !== undefined && { parent }),
})

const tooSlow = (ms: number, limitMs: number) =>
  `it took ${describeDuration(ms)}, more than the ${describeDuration(limitMs)} that it should`

/** The body's value, unless the step takes longer than it may. The body itself cannot be stopped. */
async function inTime<T>(
  { name, startMs }: Entry,
  { withinMs }: Limits,
  body: () => T | Promise<T>,
  time: NetTime,
): Promise<T> {
  if (withinMs === undefined) return body()
  const isOver = new AbortController()
  const limit = async () => {
    for (;;) {
      const leftMs = withinMs - (time.now() - startMs)
      if (leftMs <= 0 || isOver.signal.aborted) break
      await waitFor(Math.max(LIMIT_STEP_MS, leftMs), isOver.signal)
    }
    if (isOver.signal.aborted) return new Promise<never>(() => undefined)
    throw new Error(`step "${name}" did not finish within ${describeDuration(withinMs)}`)
  }
  try {
    const working = Promise.resolve(body())
    // What it says after its limit is not heard any more.
    working.catch(() => undefined)
    return await Promise.race([working, limit()])
  } finally {
    isOver.abort()
  }
}

function readLimits(name: string, { within, degradedAfter }: StepOptions): Limits {
  return {
    withinMs: readDuration(name, 'within', within),
    degradedAfterMs: readDuration(name, 'degradedAfter', degradedAfter),
  }
}

function readDuration(
  step: string,
  option: keyof StepOptions,
  value: string | number | undefined,
): number | undefined {
  if (value === undefined) return undefined
  const ms = typeof value === 'number' ? value : parseDuration(value)
  if (ms === undefined || !(ms > 0))
    throw new TypeError(
      `step "${step}": ${option} is ${JSON.stringify(value)}, expected ${DURATION_EXPECTED}`,
    )
  return ms
}
