import type { Fleet } from '../../../protocol/config.ts'
import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import { type LeadingView, RUNBOOKS_SHOWN_MAX } from '../../../protocol/leading-view.ts'
import type { TriageCard } from '../../../protocol/triage-card.ts'
import { runbooksFor } from '../../runbook/runbooks-for.ts'
import { correctionsOf } from './corrections.ts'
import { draftUpdate } from './draft-update.ts'
import { offeredRole, rolesHeld, twoRolesHints } from './roles.ts'
import { triedSoFar } from './tried.ts'

/** Puts together what whoever leads the incident needs to see, of its events and the definitions. */
export function leadingView(
  incident: Incident,
  events: readonly IncidentEvent[],
  {
    fleet,
    failing,
    now,
  }: {
    fleet: Pick<Fleet, 'statusPage' | 'updateEveryMs' | 'runbooks' | 'checks'>
    failing: TriageCard['howBad']['failing']
    now: number
  },
): LeadingView {
  const offer = offeredRole(incident, events)
  const updateEveryMs = fleet.updateEveryMs?.[incident.severity]
  const { steps = [] } = incident
  return {
    roles: rolesHeld(incident),
    ...(offer && { offer }),
    hints: twoRolesHints(incident, now),
    tried: triedSoFar(events, incident),
    ...(updateEveryMs !== undefined && { updateEveryMs }),
    draft: draftUpdate({ incident, events, failing, fleet, now }),
    components: (fleet.statusPage?.components ?? []).map(({ id, name }) => ({ id, name })),
    runbooks: runbooksFor(incident, fleet)
      .slice(0, RUNBOOKS_SHOWN_MAX)
      .map(({ runbook, because }) => ({
        runbook,
        because,
        done: steps.filter(({ runbookId }) => runbookId === runbook.id),
      })),
    corrections: [...correctionsOf(events)].map(([sequence, corrected]) => ({
      sequence,
      ...corrected,
    })),
  }
}
