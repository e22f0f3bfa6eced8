import type { PhaseName, Run } from '../../protocol/run.ts'

export type WaterfallRow = {
  name: string
  /** A phase is `measured`; `waiting` is the probe's own time, not the target's. */
  status: 'passed' | 'failed' | 'skipped' | 'measured' | 'waiting'
  startMs: number
  ms: number
  error?: string
}

const PHASE_WORDS: { readonly [P in PhaseName]: string } = {
  queue: 'waiting in the probe',
  dns: 'name resolution',
  connect: 'connect',
  tls: 'TLS handshake',
  firstByte: 'first byte',
  download: 'download',
  query: 'query',
  proxy: 'proxy',
  upgrade: 'upgrade',
  greeting: 'greeting',
  exchange: 'conversation',
  rtt: 'round trip',
  other: 'other',
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
    const row = { name: PHASE_WORDS[name] ?? name, status, startMs, ms }
    startMs += ms
    return row
  })
}
