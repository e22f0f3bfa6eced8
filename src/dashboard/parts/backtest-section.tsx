import { useState } from 'preact/hooks'
import type { AlertRule } from '../../protocol/alert-rule.ts'
import { fetchedPart } from './fetched-part.tsx'

const BacktestForm = fetchedPart(async () => (await import('./backtest-form.tsx')).BacktestForm)

/** The form comes when somebody wants it. */
export function BacktestSection({ checkId, rule }: { checkId: string; rule: AlertRule }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <section aria-label="Try another rule">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Try another rule over the stored runs</summary>
        {isOpen && <BacktestForm checkId={checkId} rule={rule} />}
      </details>
    </section>
  )
}
