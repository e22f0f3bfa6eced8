import type { DeliveryState } from '../../../protocol/delivery.ts'
import { FLEET_SERVICE } from '../../../protocol/ids.ts'
import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import type { Stakeholder } from '../../../protocol/on-call.ts'
import { joinNames } from '../../join-names.ts'
import { isOpen } from '../moves.ts'
import { isWorse } from '../suggest-severity.ts'
import { servicesOf } from '../triage-card.ts'

/** What a stakeholder can be told; each is the last word of the type of a delivery. */
export const STAKEHOLDER_NEWS = [
  'confirmed',
  'update',
  'restored',
  'resolved',
  'back',
  'ended',
] as const
export type StakeholderNews = (typeof STAKEHOLDER_NEWS)[number]

/** A contact that was written to about this incident, with what became of each delivery. */
export type ToldContact = { stakeholderId: string; contactId: string; states: DeliveryState[] }

export type StakeholderDecision = {
  stakeholderId: string
  contactIds: string[]
  news: StakeholderNews
  /** Why they are told, in words. */
  reason: string
}

/**
 * Decides which stakeholders are told what after events of an incident. They are not paged, so they hear
 * only what a person has looked at:
 *
 * - `confirmed`, once: somebody declared or confirmed it, and it is as severe as they want to hear of.
 *   That may also become true later, when it is raised.
 * - `update`, `restored`, `resolved`, `back`, `ended`: whoever was told before hears of it, and nobody
 *   else, also when the incident has become less severe: a story that was begun is told to its end.
 * - What ends it goes to no contact at which nothing ever arrived: an end without a beginning puzzles.
 *
 * @param incident as the events have made it.
 * @param told every contact that was written to about it.
 */
export function decideTold(input: {
  incident: Incident
  events: readonly IncidentEvent[]
  stakeholders: readonly Stakeholder[]
  told: readonly ToldContact[]
}): StakeholderDecision[] {
  const { incident, events, stakeholders, told } = input
  if (events.length === 0) return []
  const before = Map.groupBy(told, ({ stakeholderId }) => stakeholderId)
  const news = newsOf(events)
  const later = [...before].flatMap(([stakeholderId, contacts]): StakeholderDecision[] => {
    if (news === undefined) return []
    const reached = ENDS.includes(news) ? contacts.filter(wasReached) : contacts
    const contactIds = reached.map(({ contactId }) => contactId)
    if (contactIds.length === 0) return []
    return [{ stakeholderId, contactIds, news, reason: 'they were told of it before' }]
  })
  const first = stakeholders
    .filter(({ id }) => !before.has(id))
    .flatMap((stakeholder): StakeholderDecision[] => {
      const reason = reasonToTell(incident, stakeholder)
      if (reason === undefined) return []
      const contactIds = stakeholder.contacts.map(({ id }) => id)
      return [{ stakeholderId: stakeholder.id, contactIds, news: 'confirmed', reason }]
    })
  return [...later, ...first]
}

const ENDS: readonly StakeholderNews[] = ['restored', 'resolved', 'ended']

const wasReached = ({ states }: ToldContact): boolean =>
  states.some((state) => state !== 'undeliverable' && state !== 'cancelled')

/** The last of what happened that is news to them. */
function newsOf(events: readonly IncidentEvent[]): StakeholderNews | undefined {
  return events
    .map(({ type }): StakeholderNews | undefined => {
      switch (type) {
        case 'update_posted':
          return 'update'
        case 'restored':
        case 'resolved':
          return type
        case 'recurred':
        case 'reopened':
          return 'back'
        case 'declined':
        case 'stood_down':
        case 'merged':
          return 'ended'
        default:
          return undefined
      }
    })
    .findLast((news) => news !== undefined)
}

/**
 * The services of an incident that a stakeholder hears of. What is wrong with the fleet itself is not what
 * customers notice: only who asks for that by name hears of it.
 */
export const concernedServices = (
  incident: Incident,
  { services }: Pick<Stakeholder, 'services'>,
): string[] => servicesOf(incident).filter((id) => services?.includes(id) ?? id !== FLEET_SERVICE)

/** Why they hear of an incident that they know nothing of yet; undefined while they do not. */
function reasonToTell(incident: Incident, stakeholder: Stakeholder): string | undefined {
  const isLookedAt = incident.declared !== undefined || incident.confirmed !== undefined
  if (!isLookedAt || !isOpen(incident)) return undefined
  if (isWorse(stakeholder.severity, incident.severity)) return undefined
  const concerned = concernedServices(incident, stakeholder)
  if (concerned.length === 0) return undefined
  const what = stakeholder.severity === 'SEV-1' ? 'SEV-1' : `${stakeholder.severity} and worse`
  const where = stakeholder.services ? ` of ${joinNames(concerned)}` : ''
  return `${stakeholder.name} is told of ${what}${where}`
}
