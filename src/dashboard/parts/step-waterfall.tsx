import type { Step } from '../../protocol/run.ts'
import { shortTime } from '../words/quantity.ts'
import { type StepRow, stepRows, stepsMs } from '../words/step-rows.ts'

const SIGNS = { passed: '✓', degraded: '◐', failed: '✗', skipped: '–' } as const

/** The steps of a journey: the user's time as a full bar, what evidence took as a lighter one. */
export function StepWaterfall({ steps }: { steps: readonly Step[] }) {
  const wholeMs = stepsMs(steps)
  return (
    <section aria-label="Where the time went">
      <h2>Steps</h2>
      <ol class="card waterfall steps">
        {stepRows(steps).map((row, index) => (
          <Row key={index} row={row} wholeMs={wholeMs} />
        ))}
      </ol>
    </section>
  )
}

function Row({
  row: { step, depth, evidence, notes },
  wholeMs,
}: {
  row: StepRow
  wholeMs: number
}) {
  const { name, status, startMs, ms, grossMs = ms, error } = step
  const share = (part: number) => `${Math.min(100, (part / wholeMs) * 100)}%`
  return (
    <li class={`waterfall-${status}`}>
      <span class={`waterfall-name step-depth-${depth}`}>
        <span class={`tone-${status}`} aria-hidden="true">
          {SIGNS[status]}{' '}
        </span>
        {name}
        <span class="unseen">, {status}</span>
      </span>
      <span class="waterfall-track" aria-hidden="true">
        <span
          class="waterfall-gross"
          style={{ insetInlineStart: share(startMs), width: share(grossMs) }}
        />
        <span
          class="waterfall-bar"
          style={{ insetInlineStart: share(startMs), width: share(ms) }}
        />
      </span>
      <span class="waterfall-time">{status === 'skipped' ? '–' : shortTime(ms)}</span>
      {(evidence !== undefined || notes.length > 0) && (
        <span class="quiet waterfall-notes">
          {[status === 'passed' ? '' : status, ...notes, evidence].filter(Boolean).join(' · ')}
        </span>
      )}
      {error !== undefined && <pre class="message waterfall-error">{error}</pre>}
    </li>
  )
}
