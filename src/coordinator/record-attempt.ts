import { retryDelivery, type Urgency } from '../domain/paging/retry-delivery.ts'
import { recordOrder } from './carry-out-order.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import type { DeliveryOutcome } from './notifiers/notifier.ts'
import { recordPage } from './record-page.ts'
import { type AttemptEnd, type OutboxEntry, recordDelivery } from './store/outbox.ts'
import { isTicketOrder } from './ticket-desk.ts'
import type { TicketOutcome } from './trackers/tracker.ts'

/** Shifts and digests want no haste, although they are for a person. */
function urgencyOf({ personal, eventType }: OutboxEntry): Urgency {
  if (personal === undefined || /^(shift|digest)\./.test(eventType)) return 'notification'
  return eventType === 'page.test' ? 'test' : 'page'
}

/** What becomes of the delivery by the end of an attempt. */
function endOf(
  { clock, random, metrics, logger }: CoordinatorParts,
  entry: OutboxEntry,
  outcome: TicketOutcome | DeliveryOutcome,
): AttemptEnd {
  const now = clock.now()
  const count = isTicketOrder(entry) ? metrics.ticketOrders : metrics.deliveries
  if (outcome.kind === 'delivered') {
    count('delivered')
    return { state: 'delivered', now }
  }
  if (outcome.kind === 'taken') {
    const { as, askAfterMs } = outcome
    const at = entry.taken?.as === as ? entry.taken.at : now
    return { state: 'pending', taken: { as, at }, dueAt: now + askAfterMs, now }
  }
  // Of what may have arrived it is still worth to hear; what failed is sent anew, and is another thing then.
  const taken = outcome.kind === 'failed' ? null : undefined
  const isAmbiguous = entry.isAmbiguous || outcome.kind === 'ambiguous'
  const urgency = urgencyOf(entry)
  const decision = retryDelivery(outcome, entry.attempts, { now, random: random(), urgency })
  if (decision.kind === 'retry') {
    count('failed')
    return { state: 'pending', error: outcome.reason, dueAt: decision.at, isAmbiguous, taken, now }
  }
  const state = isAmbiguous ? 'ambiguous' : 'undeliverable'
  const told = { deliveryId: entry.deliveryId, channel: entry.channelId, reason: decision.reason }
  // That somebody sleeps is for the ladder to see to, and nothing that is to be mended.
  if (outcome.kind === 'failed' && outcome.isUnanswered === true) {
    metrics.deliveries('unanswered')
    logger.warn(told, 'unanswered')
  } else {
    count('undeliverable')
    logger.error(told, state)
  }
  return { state, error: decision.reason, isAmbiguous, now }
}

/**
 * Writes down how an attempt ended: one of the loop that delivers, or what whoever carries a delivery out told
 * of it afterwards. What follows for the page is in the same transaction.
 */
export async function recordAttempt(
  parts: CoordinatorParts,
  entry: OutboxEntry,
  outcome: TicketOutcome | DeliveryOutcome,
): Promise<void> {
  const end = endOf(parts, entry, outcome)
  if (isTicketOrder(entry)) {
    const ticket = 'ticket' in outcome ? outcome.ticket : undefined
    await recordOrder(parts, entry, { end, ticket })
    return
  }
  if (entry.personal?.pageId === undefined) {
    await recordDelivery(parts.store, entry, end)
    return
  }
  await recordPage(parts, entry, end)
}
