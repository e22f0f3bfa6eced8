import { STEPS_MAX, type Step } from '../../../protocol/run.ts'
import type { RunReport } from '../host/run-report.ts'
import type { NetTimeline } from './net-timeline.ts'

/** A step of the run; instants are epoch milliseconds. */
export type LedgerEntry = {
  index: number
  name: string
  startedAt: number
  endedAt: number | undefined
  parent: number | undefined
}

export type StepEnd = Omit<Step, 'name' | 'startMs' | 'parent' | 'ms' | 'grossMs'>

/** The steps of one run in the order in which they began, told as they begin and end. */
export type StepLedger = {
  /** @param index takes the place of an entry that is to be forgotten. */
  open(name: string, startedAt: number, at?: { parent?: number; index?: number }): LedgerEntry
  /** Only the first end of a step counts. */
  close(entry: LedgerEntry, endedAt: number, end: StepEnd): void
  /** All that are still open. */
  closeAll(endedAt: number, end: StepEnd): void
  /** The one that began last and has not ended. */
  underWay(): LedgerEntry | undefined
  entries: readonly LedgerEntry[]
}

export function createStepLedger(
  report: Pick<RunReport, 'step' | 'log'>,
  timeline: Pick<NetTimeline, 'at'>,
): StepLedger {
  const entries: LedgerEntry[] = []

  function tell(
    entry: LedgerEntry,
    end: Omit<Step, 'name' | 'startMs' | 'parent'>,
    isOpen: boolean,
  ) {
    const { index, name, parent, startedAt } = entry
    if (index >= STEPS_MAX) return
    const startMs = timeline.at(startedAt)
    report.step(
      index,
      { name, startMs, ...end, ...(parent !== undefined && { parent }) },
      { isOpen },
    )
  }

  function close(entry: LedgerEntry, endedAt: number, end: StepEnd): void {
    if (entry.endedAt !== undefined) return
    entry.endedAt = endedAt
    const ms = Math.max(0, timeline.at(endedAt) - timeline.at(entry.startedAt))
    const grossMs = Math.max(0, endedAt - entry.startedAt)
    tell(entry, { ...end, ms, ...(grossMs - ms >= 1 && { grossMs }) }, false)
  }

  return {
    entries,
    underWay: () => entries.findLast(({ endedAt }) => endedAt === undefined),
    open(name, startedAt, { parent, index = entries.length } = {}) {
      const entry: LedgerEntry = { index, name, startedAt, endedAt: undefined, parent }
      entries[index] = entry
      if (index === STEPS_MAX) report.log(`only the first ${STEPS_MAX} steps are recorded`)
      tell(entry, { status: 'failed', ms: 0 }, true)
      return entry
    },
    close,
    closeAll(endedAt, end) {
      for (const entry of entries) close(entry, endedAt, end)
    },
  }
}
