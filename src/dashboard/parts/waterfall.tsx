import { describeDuration } from '../../base/duration.ts'
import type { Run } from '../../protocol/run.ts'
import { type WaterfallRow, waterfallRows } from '../words/waterfall-rows.ts'

const SIGNS = {
  passed: '✓ ',
  degraded: '◐ ',
  failed: '✗ ',
  skipped: '– ',
  measured: '',
  waiting: '',
} as const

/** Where the time of a run went: its steps when it is a journey, else its phases. */
export function Waterfall({ run }: { run: Pick<Run, 'steps' | 'phases'> }) {
  const { rows, wholeMs } = waterfallRows(run)
  if (rows.length === 0) return null
  return (
    <section aria-label="Where the time went">
      <h2>{run.steps.length > 0 ? 'Steps' : 'Phases'}</h2>
      <ol class="card waterfall">
        {rows.map((row) => (
          <Row key={`${row.startMs} ${row.name}`} row={row} wholeMs={wholeMs} />
        ))}
      </ol>
    </section>
  )
}

function Row({ row, wholeMs }: { row: WaterfallRow; wholeMs: number }) {
  const share = (ms: number) => `${Math.min(100, (ms / wholeMs) * 100)}%`
  return (
    <li class={`waterfall-${row.status}`}>
      <span class="waterfall-name">
        <span class={`tone-${row.status}`} aria-hidden="true">
          {SIGNS[row.status]}
        </span>
        {row.name}
        {SIGNS[row.status] !== '' && <span class="unseen">, {row.status}</span>}
      </span>
      <span class="waterfall-track" aria-hidden="true">
        <span
          class="waterfall-bar"
          style={{ marginInlineStart: share(row.startMs), width: share(row.ms) }}
        />
      </span>
      <span class="waterfall-time">
        {row.status === 'skipped' ? '–' : row.ms < 1 ? '< 1 ms' : describeDuration(row.ms)}
      </span>
      {row.error !== undefined && <pre class="message waterfall-error">{row.error}</pre>}
    </li>
  )
}
