import { STEPS_MAX, type Step } from '../../../protocol/run.ts'
import type { OpenStep } from '../judge-run-end.ts'
import type { NetTime } from './net-time.ts'
import type { RunReport } from './run-report.ts'

/** The steps of one run, in the order in which they began; a step may be inside another. */
export type StepRecorder = {
  step<T>(name: string, body: () => T | Promise<T>): Promise<T>
  /** The step that began last and has not ended: what the journey is doing right now. */
  innermost(): OpenStep | undefined
  /** What was said of this error when it failed a step; undefined when it failed none. */
  saidOf(error: unknown): string | undefined
  /** Lets no step begin or end any more, whatever the journey's code still does. */
  seal(): void
  /** Ends all that are still open, after sealing. */
  end(status: 'failed' | 'skipped', error?: string): void
}

type Entry = { index: number; name: string; startMs: number; isOpen: boolean }

export type StepParts = {
  time: NetTime
  report: RunReport
  url(): string | undefined
  /** Called when a body succeeded; throws when the step failed all the same. */
  verify(): void
  /** Called at the step that an error comes from, outside the measured time; gives its text. */
  onFailure(error: unknown, step: string): Promise<string>
}

export function createStepRecorder(parts: StepParts): StepRecorder {
  const { time, report } = parts
  const entries: Entry[] = []
  const said = new Map<unknown, string>()
  let isSealed = false

  function open(name: string): Entry {
    if (isSealed) throw new Error(`step "${name}" began after the journey was over`)
    const entry: Entry = { index: entries.length, name, startMs: time.now(), isOpen: true }
    entries.push(entry)
    if (entry.index === STEPS_MAX) report.log(`only the first ${STEPS_MAX} steps are recorded`)
    tell(entry, { status: 'failed', ms: 0 })
    return entry
  }

  function close(entry: Entry, end: Pick<Step, 'status' | 'ms' | 'error'>): void {
    if (!entry.isOpen) return
    entry.isOpen = false
    const url = parts.url()
    tell(entry, url === undefined ? end : { ...end, url })
  }

  function tell(entry: Entry, end: Omit<Step, 'name' | 'startMs'>): void {
    const { index, name, startMs, isOpen } = entry
    if (index < STEPS_MAX) report.step(index, { name, startMs, ...end }, { isOpen })
  }

  async function fail(entry: Entry, error: unknown): Promise<void> {
    const ms = time.now() - entry.startMs
    const text = said.get(error) ?? (await time.outside(() => parts.onFailure(error, entry.name)))
    said.set(error, text)
    if (!isSealed) close(entry, { status: 'failed', ms, error: text })
  }

  return {
    async step(name, body) {
      const entry = open(String(name))
      try {
        const value = await body()
        parts.verify()
        if (!isSealed) close(entry, { status: 'passed', ms: time.now() - entry.startMs })
        return value
      } catch (error) {
        // What fails after the run's end fails because of it.
        if (!isSealed) await fail(entry, error)
        throw error
      }
    },
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
