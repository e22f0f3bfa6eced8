import type { IncidentState } from '../../protocol/incident.ts'
import { PHASES, phaseIndex, STATE_WORDS } from '../words/incident-words.ts'

/** The way that an incident goes, and where it is. */
export function PhaseBar({ state }: { state: IncidentState }) {
  const at = phaseIndex(state)
  if (at === undefined)
    return (
      <p class="card empty">
        This incident was {STATE_WORDS[state].word}: {STATE_WORDS[state].meaning}.
      </p>
    )
  return (
    <ol class="phases" aria-label="Phases">
      {PHASES.map((phase, index) => (
        <li
          key={phase}
          class={index < at ? 'phase-past' : index === at ? 'phase-now' : 'phase-ahead'}
          aria-current={index === at ? 'step' : undefined}
          title={STATE_WORDS[phase].meaning}
        >
          <span class="phase-name">
            {index === at && <span aria-hidden="true">▸ </span>}
            {phase}
          </span>
        </li>
      ))}
    </ol>
  )
}
