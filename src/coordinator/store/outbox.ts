import type { Session } from './store.ts'

export type OutboxEntry = {
  /** Stable over all attempts: the receiver's key against duplicates. */
  deliveryId: string
  channelId: string
  incidentId: string
  /** Sequence of the event that it tells of. */
  sequence: number
  eventType: string
  /** The exact body that is sent and signed. */
  body: string
  attempts: number
}

export type DeliveryRecord = {
  deliveryId: string
  channelId: string
  eventType: string
  state: 'pending' | 'delivered' | 'undeliverable'
  attempts: number
  createdAt: number
  updatedAt: number
  lastError?: string
}

export async function addToOutbox(
  { db }: Session,
  entries: Omit<OutboxEntry, 'attempts'>[],
  now: number,
): Promise<void> {
  if (entries.length === 0) return
  await db
    .insertInto('outbox')
    .values(
      entries.map((entry) => ({
        delivery_id: entry.deliveryId,
        channel_id: entry.channelId,
        incident_id: entry.incidentId,
        sequence: entry.sequence,
        event_type: entry.eventType,
        body: entry.body,
        state: 'pending',
        attempts: 0,
        due_at: now,
        leased_until: 0,
        created_at: now,
        updated_at: now,
        last_error: null,
      })),
    )
    .execute()
}

/**
 * Takes entries that are due, oldest first, and holds them for `leaseMs`: nobody else takes them
 * meanwhile, and somebody else may when this coordinator dies.
 */
export async function leaseDeliveries(
  { db, dialect }: Session,
  { now, leaseMs, limit }: { now: number; leaseMs: number; limit: number },
): Promise<OutboxEntry[]> {
  let due = db
    .selectFrom('outbox')
    .select('delivery_id')
    .where('state', '=', 'pending')
    .where('due_at', '<=', now)
    .where('leased_until', '<=', now)
    // One at a time for each channel and incident: "recovered" must not arrive before "opened".
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom('outbox as earlier')
            .select('earlier.delivery_id')
            .where('earlier.state', '=', 'pending')
            .whereRef('earlier.channel_id', '=', 'outbox.channel_id')
            .whereRef('earlier.incident_id', '=', 'outbox.incident_id')
            .whereRef('earlier.sequence', '<', 'outbox.sequence'),
        ),
      ),
    )
    .orderBy('created_at')
    .limit(limit)
  if (dialect === 'postgres') due = due.forUpdate().skipLocked()
  const ids = (await due.execute()).map((row) => row.delivery_id)
  if (ids.length === 0) return []
  const rows = await db
    .updateTable('outbox')
    .set((e) => ({ leased_until: now + leaseMs, attempts: e('attempts', '+', 1) }))
    .where('delivery_id', 'in', ids)
    .returningAll()
    .execute()
  return rows
    .toSorted((a, b) => a.created_at - b.created_at)
    .map((row) => ({
      deliveryId: row.delivery_id,
      channelId: row.channel_id,
      incidentId: row.incident_id,
      sequence: row.sequence,
      eventType: row.event_type,
      body: row.body,
      attempts: row.attempts,
    }))
}

/** Writes down how an attempt ended. `dueAt` is the next attempt's time while it is pending. */
export async function recordDelivery(
  { db }: Session,
  deliveryId: string,
  outcome: { state: DeliveryRecord['state']; error?: string; dueAt?: number; now: number },
): Promise<void> {
  await db
    .updateTable('outbox')
    .set({
      state: outcome.state,
      last_error: outcome.error ?? null,
      due_at: outcome.dueAt ?? outcome.now,
      leased_until: 0,
      updated_at: outcome.now,
    })
    .where('delivery_id', '=', deliveryId)
    .execute()
}

/** Everything that was or will be told about an incident, oldest first. */
export async function deliveriesOf({ db }: Session, incidentId: string): Promise<DeliveryRecord[]> {
  const rows = await db
    .selectFrom('outbox')
    .selectAll()
    .where('incident_id', '=', incidentId)
    .orderBy('created_at')
    .orderBy('delivery_id')
    .execute()
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    channelId: row.channel_id,
    eventType: row.event_type,
    state: row.state as DeliveryRecord['state'],
    attempts: row.attempts,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    ...(row.last_error !== null && { lastError: row.last_error }),
  }))
}

export async function countPendingDeliveries({ db }: Session): Promise<number> {
  const row = await db
    .selectFrom('outbox')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
