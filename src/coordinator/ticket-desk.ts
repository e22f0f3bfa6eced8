import { decideTicket, USUAL_TICKET_SEVERITIES } from '../domain/ticket/decide-ticket.ts'
import { nextBusinessDay } from '../domain/ticket/next-business-day.ts'
import { incidentTicket, incidentTicketId } from '../domain/ticket/ticket-text.ts'
import { workZone } from '../domain/ticket/work-zone.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import type { TicketOrder } from '../protocol/ticket.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { linesFor } from './paging-desk.ts'
import { addToOutbox, hasDelivery, type OutboxEntry, TRACKER_PREFIX } from './store/outbox.ts'
import type { Session } from './store/store.ts'

/**
 * Where incidents and slow burns become tickets: what is wanted is written into the outbox with what
 * caused it. The loop of deliveries carries it out, by `carry-out-order.ts`.
 */

/** Whether a delivery is an order for the tracker. */
export const isTicketOrder = ({ channelId }: Pick<OutboxEntry, 'channelId'>): boolean =>
  channelId.startsWith(TRACKER_PREFIX)

/** What an incident that has changed means for its ticket. */
export async function ticketForIncident(
  tx: Session,
  parts: CoordinatorParts,
  { incident, events }: { incident: Incident; events: readonly IncidentEvent[] },
): Promise<void> {
  const { tracker } = parts.fleet
  if (!tracker) return
  const openingId = `${incident.id}.ticket`
  const steps = decideTicket({
    incident,
    events,
    severities: tracker.severities ?? USUAL_TICKET_SEVERITIES,
    isAsked: incident.ticket !== undefined || (await hasDelivery(tx, openingId)),
  })
  for (const step of steps) {
    const order: TicketOrder =
      step.do === 'open'
        ? incidentTicket(incident, {
            lines: await linesFor(tx, parts, incident),
            reason: step.text,
            dueOn: dueDay(parts, incident.serviceId),
            url: parts.links.incident(incident.id),
          })
        : { do: step.do, id: incidentTicketId(incident), text: step.text }
    await giveOrder(tx, parts, order, {
      deliveryId: step.do === 'open' ? openingId : `${openingId}.${step.sequence}`,
      filedUnder: incident.id,
      sequence: step.sequence,
    })
  }
}

/** The next business day of whoever the service is of. */
export function dueDay({ fleet, clock }: CoordinatorParts, serviceId: string): string {
  const { tracker, onCall } = fleet
  const zone = workZone(onCall, serviceId) ?? tracker?.zone ?? 'UTC'
  return nextBusinessDay(clock.now(), zone, tracker?.holidays ?? [])
}

/** Writes an order for the tracker into the outbox. */
export async function giveOrder(
  tx: Session,
  { fleet, clock }: CoordinatorParts,
  order: TicketOrder,
  place: { deliveryId: string; filedUnder: string; sequence: number },
): Promise<void> {
  if (!fleet.tracker) return
  const { deliveryId, filedUnder, sequence } = place
  await addToOutbox(
    tx,
    [
      {
        ...{ deliveryId, sequence },
        channelId: `${TRACKER_PREFIX}${fleet.tracker.kind}`,
        incidentId: filedUnder,
        eventType: `ticket.${order.do}`,
        body: JSON.stringify(order),
      },
    ],
    clock.now(),
  )
}

/** In the place of an incident's id: no incident has such a one. */
export const objectiveFile = (objectiveId: string): string => `objective ${objectiveId}`
