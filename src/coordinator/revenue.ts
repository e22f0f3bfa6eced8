import {
  impactSpan,
  type RevenueLost,
  revenueCheckIds,
  revenueLost,
} from '../domain/incident/revenue-lost.ts'
import { incidentTimes } from '../domain/incident/times/incident-times.ts'
import { servicesOf } from '../domain/incident/triage-card.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { incidentEvents } from './store/incidents.ts'
import { countConclusive } from './store/runs.ts'
import type { Session } from './store/store.ts'

/**
 * What the services of an incident did not earn, as far as they say what they do and runs measured how much
 * of them failed.
 *
 * @param known the incident's events, where they are loaded already.
 */
export async function loadRevenue(
  session: Session,
  { fleet, clock }: Pick<CoordinatorParts, 'fleet' | 'clock'>,
  incident: Incident,
  known?: readonly IncidentEvent[],
): Promise<RevenueLost[]> {
  const affected = servicesOf(incident)
  const earning = fleet.services.filter(
    ({ id, revenuePerMinute }) => revenuePerMinute && affected.includes(id),
  )
  if (earning.length === 0) return []
  const events = known ?? (await incidentEvents(session, incident.id))
  const span = impactSpan(incident, incidentTimes(events, undefined), clock.now())
  const lost: RevenueLost[] = []
  for (const service of earning) {
    const checkIds = revenueCheckIds(incident, service.id)
    const runs = await countConclusive(session, checkIds, span.since, span.until)
    lost.push(...[revenueLost(span, service, runs)].filter((one) => one !== undefined))
  }
  return lost
}
