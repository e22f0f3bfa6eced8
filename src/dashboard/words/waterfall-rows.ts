import type { Run } from '../../protocol/run.ts'
import { phaseWord } from './phase-words.ts'

export type WaterfallRow = {
  name: string
  /** A phase is `measured`; `waiting` is the probe's own time, not the target's. */
  status: 'passed' | 'degraded' | 'failed' | 'skipped' | 'measured' | 'waiting'
  startMs: number
  ms: number
  error?: string
}

/**
 * The rows of a waterfall: steps where they were measured, or phases one after the other, with the
 * time that all of them span.
 */
export function waterfallRows(run: Pick<Run, 'steps' | 'phases'>): {
  rows: WaterfallRow[]
  wholeMs: number
} {
  const rows = run.steps.length > 0 ? run.steps.map(stepRow) : phaseRows(run.phases)
  return { rows, wholeMs: Math.max(1, ...rows.map(({ startMs, ms }) => startMs + ms)) }
}

const stepRow = ({ name, status, startMs, ms, error }: Run['steps'][number]): WaterfallRow => ({
  name,
  status,
  startMs,
  ms,
  ...(error !== undefined && { error }),
})

function phaseRows(phases: Run['phases']): WaterfallRow[] {
  let startMs = 0
  return phases.map(({ name, ms }) => {
    const status = name === 'queue' ? ('waiting' as const) : ('measured' as const)
    const row = { name: phaseWord(name), status, startMs, ms }
    startMs += ms
    return row
  })
}
