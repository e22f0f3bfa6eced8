import { channel as diagnosticsChannel } from 'node:diagnostics_channel'
import type { Destination } from '../../protocol/destination.ts'
import { defineLoop } from '../../runtime/loop.ts'
import { attemptOrder } from '../carry-out-order.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import type { DeliveryOutcome } from '../notifiers/notifier.ts'
import { notify } from '../notifiers/registry.ts'
import { recordAttempt } from '../record-attempt.ts'
import { leaseDeliveries, type OutboxEntry, readStakeholderChannel } from '../store/outbox.ts'
import { isTicketOrder } from '../ticket-desk.ts'

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
  await recordAttempt(parts, entry, outcome)
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
  const { fleet, http, clock, secret, links } = parts
  const destination = destinationOf(parts, entry)
  if (!destination)
    return { kind: 'failed', reason: 'the channel is no longer in config/', retryable: false }
  const senders = fleet.senders ?? {}
  return notify(entry, destination, { http, clock, secret, links, senders, signal })
}
