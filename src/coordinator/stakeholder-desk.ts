import { decideTold } from '../domain/incident/stakeholders/decide-told.ts'
import { toldText } from '../domain/incident/stakeholders/told-text.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import type { Notification } from '../protocol/notification.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { serviceName } from './service-name.ts'
import {
  addToOutbox,
  type NewDelivery,
  STAKEHOLDER_TYPE,
  stakeholderChannel,
  stakeholdersTold,
} from './store/outbox.ts'
import type { Session } from './store/store.ts'

/**
 * Writes what stakeholders are told of an incident that has changed. Whom it told before is read from the
 * outbox itself, in the transaction that changes the incident, so that no two can tell the same.
 */
export async function tellStakeholders(
  tx: Session,
  { fleet, clock, links }: CoordinatorParts,
  { incident, events }: { incident: Incident; events: readonly IncidentEvent[] },
): Promise<void> {
  const stakeholders = fleet.onCall?.stakeholders ?? []
  const told = await stakeholdersTold(tx, incident.id)
  // Those who were told before they left the file are seen in what becomes of their delivery.
  if (stakeholders.length === 0 && told.length === 0) return
  const decisions = decideTold({ incident, events, stakeholders, told })
  const now = clock.now()
  const deliveries = decisions.flatMap(({ stakeholderId, contactIds, news, reason }) => {
    const text = toldText({
      ...{ news, incident, events, fleet, reason },
      serviceName: serviceName(fleet, incident.serviceId),
    })
    const stakeholder = stakeholders.find(({ id }) => id === stakeholderId)
    const body: Notification = {
      type: `${STAKEHOLDER_TYPE}${news}`,
      timestamp: new Date(now).toISOString(),
      data: {
        id: incident.id,
        service: incident.serviceId,
        severity: incident.severity,
        state: incident.state,
        generation: incident.generation,
        impactStartedAt: new Date(incident.impactStartedAt).toISOString(),
        headline: text.subject,
        text: text.lines.join('\n'),
        reason,
        url: links.incident(incident.id),
        stakeholder: { id: stakeholderId, name: stakeholder?.name ?? stakeholderId },
      },
    }
    return contactIds.map(
      (contactId): NewDelivery => ({
        deliveryId: `${incident.id}.${incident.lastSequence}.stakeholder.${stakeholderId}.${contactId}`,
        channelId: stakeholderChannel(stakeholderId, contactId),
        incidentId: incident.id,
        sequence: incident.lastSequence,
        eventType: body.type,
        body: JSON.stringify(body),
      }),
    )
  })
  await addToOutbox(tx, deliveries, now)
}
