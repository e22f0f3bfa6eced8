import type { Incident } from '../../../protocol/incident.ts'
import type { Audience } from '../../../protocol/leading-view.ts'
import type { Stakeholder } from '../../../protocol/on-call.ts'
import { concernedServices, type ToldContact } from './decide-told.ts'

/**
 * The stakeholders of an incident as whoever communicates sees them: those who know of it, and those who
 * would hear of it, were it declared or as severe as they want to hear of.
 */
export function audienceOf(
  incident: Incident,
  stakeholders: readonly Stakeholder[],
  told: readonly ToldContact[],
): Audience {
  const known = new Set(told.map(({ stakeholderId }) => stakeholderId))
  return stakeholders
    .filter((one) => known.has(one.id) || concernedServices(incident, one).length > 0)
    .map(({ id, name, severity }) => ({ id, name, severity, isTold: known.has(id) }))
}
