import { SYSTEM, stampEvents } from '../domain/incident/stamp-events.ts'
import { type Ticket, TicketOrder } from '../protocol/ticket.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { save } from './incident-desk.ts'
import type { DeliveryOutcome } from './notifiers/notifier.ts'
import { findIncident } from './store/incidents.ts'
import { findObjective, saveObjective } from './store/objectives.ts'
import { type AttemptEnd, type OutboxEntry, recordDelivery } from './store/outbox.ts'
import { lockService, type Session } from './store/store.ts'
import { objectiveFile } from './ticket-desk.ts'
import { askTracker } from './trackers/registry.ts'
import type { TicketOutcome } from './trackers/tracker.ts'

/** Makes one attempt to carry out an order. */
export async function attemptOrder(
  parts: CoordinatorParts,
  entry: OutboxEntry,
  signal: AbortSignal,
): Promise<TicketOutcome | DeliveryOutcome> {
  const { fleet, http, clock, secret, store } = parts
  if (!fleet.tracker)
    return { kind: 'failed', reason: 'tickets are no longer in config/', retryable: false }
  const order = TicketOrder.parse(JSON.parse(entry.body))
  const ticket = order.do === 'open' ? undefined : await knownTicket(store, parts, entry)
  return askTracker(order, ticket, fleet.tracker, {
    ...{ http, clock, secret, signal },
    deliveryId: entry.deliveryId,
    isRepeated: entry.attempts > 1,
    orderedAt: entry.createdAt,
  })
}

async function knownTicket(
  session: Session,
  { fleet }: CoordinatorParts,
  { incidentId }: OutboxEntry,
): Promise<Ticket | undefined> {
  const objective = fleet.objectives.find(({ id }) => objectiveFile(id) === incidentId)
  return objective
    ? (await findObjective(session, objective))?.status?.ticket?.opened
    : (await findIncident(session, incidentId))?.ticket
}

/** Writes down how an attempt ended and, where it opened a ticket, what that is called. */
export async function recordOrder(
  parts: CoordinatorParts,
  entry: OutboxEntry,
  { end, ticket }: { end: AttemptEnd; ticket: Ticket | undefined },
): Promise<void> {
  const { store, fleet, feed } = parts
  const order = TicketOrder.parse(JSON.parse(entry.body))
  const objective = fleet.objectives.find(({ id }) => objectiveFile(id) === entry.incidentId)
  const isChanged = await store.transaction(async (tx) => {
    const serviceId = objective?.serviceId ?? (await findIncident(tx, entry.incidentId))?.serviceId
    if (serviceId !== undefined) await lockService(tx, serviceId)
    if (!(await recordDelivery(tx, entry, end))) return false
    if (!ticket || order.do !== 'open') return true
    if (objective) {
      const row = await findObjective(tx, objective)
      const asked = row?.status?.ticket
      if (!row?.status || asked?.id !== order.id) return true
      const status = { ...row.status, ticket: { ...asked, opened: ticket } }
      await saveObjective(tx, objective.id, { ...row, status })
      return true
    }
    const incident = await findIncident(tx, entry.incidentId)
    if (!incident) return true
    const { reason } = order
    const events = stampEvents(incident, [{ type: 'ticket_opened', ticket, reason }], {
      now: end.now,
      actor: SYSTEM,
    })
    await save(tx, parts, incident, events)
    return true
  })
  if (!isChanged) return
  feed.publish([
    objective
      ? { type: 'objective', objectiveId: objective.id }
      : { type: 'incident', incidentId: entry.incidentId },
  ])
}
