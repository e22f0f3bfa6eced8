import { channel as diagnosticsChannel } from 'node:diagnostics_channel'
import { retryDelivery, type Urgency } from '../../domain/paging/retry-delivery.ts'
import type { Destination } from '../../protocol/destination.ts'
import { defineLoop } from '../../runtime/loop.ts'
import { attemptOrder, recordOrder } from '../carry-out-order.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import type { DeliveryOutcome } from '../notifiers/notifier.ts'
import { notify } from '../notifiers/registry.ts'
import { recordPage } from '../record-page.ts'
import {
  type AttemptEnd,
  leaseDeliveries,
  type OutboxEntry,
  readStakeholderChannel,
  recordDelivery,
} from '../store/outbox.ts'
import { isTicketOrder } from '../ticket-desk.ts'
import type { TicketOutcome } from '../trackers/tracker.ts'

/** Deliveries under way at once. */
const DELIVERIES_MAX = 20

const ATTEMPT_MS = 10_000

/** Longer than an attempt, so that a lease runs out only when its holder died. */
const LEASE_MS = 15_000

/** Says how far a delivery is, for whoever watches the process: `leased`, `sent`, `recorded`. */
const progress = diagnosticsChannel('firewatch.delivery')

/**
 * Tells channels and people what the outbox holds: at least once, with the same id at each attempt.
 * What is leased is sent at once, so the lease is the moment at which it is too late to stop it.
 */
export const deliverNotifications = defineLoop<CoordinatorParts>({
  name: 'deliver-notifications',
  everyMs: 1_000,
  deadlineMs: 25_000,
  async run(parts, signal) {
    const { store, clock } = parts
    const entries = await store.transaction((tx) =>
      leaseDeliveries(tx, { now: clock.now(), leaseMs: LEASE_MS, limit: DELIVERIES_MAX }),
    )
    await Promise.all(entries.map((entry) => deliver(parts, entry, signal)))
    // Those that waited for one of these are due at once.
    if (entries.length > 0) parts.wake.deliver()
  },
})

async function deliver(
  parts: CoordinatorParts,
  entry: OutboxEntry,
  signal: AbortSignal,
): Promise<void> {
  const { deliveryId, eventType } = entry
  const within = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)])
  progress.publish({ at: 'leased', deliveryId, eventType })
  const outcome = isTicketOrder(entry)
    ? await attemptOrder(parts, entry, within)
    : await attempt(parts, entry, within)
  progress.publish({ at: 'sent', deliveryId, eventType })
  await record(parts, entry, outcome)
  progress.publish({ at: 'recorded', deliveryId, eventType })
}

function destinationOf(
  { fleet }: CoordinatorParts,
  { personal, channelId }: OutboxEntry,
): Destination | undefined {
  if (personal) return personal.destination
  const named = readStakeholderChannel(channelId)
  if (!named) return fleet.channels.find(({ id }) => id === channelId)
  const stakeholder = fleet.onCall?.stakeholders?.find(({ id }) => id === named.stakeholderId)
  return stakeholder?.contacts.find(({ id }) => id === named.contactId)?.destination
}

async function attempt(
  parts: CoordinatorParts,
  entry: OutboxEntry,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { fleet, http, clock, secret } = parts
  const destination = destinationOf(parts, entry)
  if (!destination)
    return { kind: 'failed', reason: 'the channel is no longer in config/', retryable: false }
  return notify(entry, destination, { http, clock, secret, senders: fleet.senders ?? {}, signal })
}

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
  const isAmbiguous = entry.isAmbiguous || outcome.kind === 'ambiguous'
  const urgency = urgencyOf(entry)
  const decision = retryDelivery(outcome, entry.attempts, { now, random: random(), urgency })
  if (decision.kind === 'retry') {
    count('failed')
    return { state: 'pending', error: outcome.reason, dueAt: decision.at, isAmbiguous, now }
  }
  const state = isAmbiguous ? 'ambiguous' : 'undeliverable'
  count('undeliverable')
  const { deliveryId, channelId } = entry
  logger.error({ deliveryId, channel: channelId, reason: decision.reason }, state)
  return { state, error: decision.reason, isAmbiguous, now }
}

async function record(
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
