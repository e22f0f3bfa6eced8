import type { Fleet } from '../../../protocol/config.ts'
import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import { type LeadingView, RUNBOOKS_SHOWN_MAX } from '../../../protocol/leading-view.ts'
import type { PageTarget } from '../../../protocol/on-call.ts'
import type { Runbook } from '../../../protocol/runbook.ts'
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
    whoHas,
  }: {
    fleet: Pick<Fleet, 'statusPage' | 'updateEveryMs' | 'runbooks' | 'checks'>
    failing: TriageCard['howBad']['failing']
    now: number
    /** Who has a duty at the moment. */
    whoHas(target: PageTarget): { now: string; canPage: boolean }
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
        ...callsOf(runbook, incident, whoHas),
      })),
    corrections: [...correctionsOf(events)].map(([sequence, corrected]) => ({
      sequence,
      ...corrected,
    })),
  }
}

function callsOf(
  { id, calls = [] }: Runbook,
  { asked = [] }: Incident,
  whoHas: (target: PageTarget) => { now: string; canPage: boolean },
): Pick<LeadingView['runbooks'][number], 'calls'> {
  if (calls.length === 0) return {}
  return {
    calls: calls.map(({ duty, who }, index) => {
      const last = asked.findLast(({ runbookId, call }) => runbookId === id && call === index + 1)
      return { who, ...whoHas(duty), ...(last && { asked: { at: last.at, by: last.by } }) }
    }),
  }
}
