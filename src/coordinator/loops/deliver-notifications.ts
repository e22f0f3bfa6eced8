import { retryDelivery } from '../../domain/paging/retry-delivery.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import type { DeliveryOutcome } from '../notifiers/notifier.ts'
import { notify } from '../notifiers/registry.ts'
import { leaseDeliveries, type OutboxEntry, recordDelivery } from '../store/outbox.ts'

/** Deliveries under way at once. */
const DELIVERIES_MAX = 20

const ATTEMPT_MS = 10_000

/** Longer than an attempt, so that a lease runs out only when its holder died. */
const LEASE_MS = 30_000

/** Tells channels what the outbox holds: at least once, with the same id at each attempt. */
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
  const { clock, store, metrics, logger } = parts
  const outcome = await attempt(parts, entry, signal)
  const now = clock.now()
  if (outcome.kind === 'delivered') {
    metrics.deliveries('delivered')
    await recordDelivery(store, entry.deliveryId, { state: 'delivered', now })
    return
  }
  const decision = retryDelivery(outcome, entry.attempts, { now, random: parts.random() })
  if (decision.kind === 'retry') {
    metrics.deliveries('failed')
    const { at: dueAt } = decision
    await recordDelivery(store, entry.deliveryId, {
      state: 'pending',
      error: outcome.reason,
      dueAt,
      now,
    })
    return
  }
  metrics.deliveries('undeliverable')
  logger.error(
    { deliveryId: entry.deliveryId, channel: entry.channelId, reason: decision.reason },
    'undeliverable',
  )
  await recordDelivery(store, entry.deliveryId, {
    state: 'undeliverable',
    error: decision.reason,
    now,
  })
}

async function attempt(
  { fleet, http, clock, secret }: CoordinatorParts,
  entry: OutboxEntry,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const channel = fleet.channels.find((candidate) => candidate.id === entry.channelId)
  if (!channel)
    return { kind: 'failed', reason: 'the channel is no longer in config/', retryable: false }
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)])
  const { senders = {} } = fleet
  return notify(entry, channel, { http, clock, senders, secret, signal: deadline })
}
