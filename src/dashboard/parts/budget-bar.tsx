import type { ObjectiveStatus } from '../../protocol/objective.ts'
import { spentWords } from '../words/objective-words.ts'

/** How much of an error budget is spent, as a bar that fills up. */
export function BudgetBar({ status }: { status: ObjectiveStatus }) {
  const { spentShare, state } = status
  const width = Math.min(1, spentShare ?? 0) * 100
  const isLoud = state === 'burning' || (spentShare ?? 0) > 1
  return (
    <div class="budget">
      <span class="budget-track" aria-hidden="true">
        <span
          class={`budget-spent ${isLoud ? 'budget-loud' : ''}`}
          style={{ inlineSize: `${width}%` }}
        />
      </span>
      <span>{spentWords(status)}</span>
    </div>
  )
}
