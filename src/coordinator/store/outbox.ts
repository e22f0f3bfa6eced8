import type { Selectable } from 'kysely'
import type { ToldContact } from '../../domain/incident/stakeholders/decide-told.ts'
import type { StepDelivery } from '../../domain/paging/judge-step.ts'
import type { DeliveryRecord, DeliveryState } from '../../protocol/delivery.ts'
import { Destination } from '../../protocol/destination.ts'
import type { Schema } from './schema.ts'
import type { Session } from './store.ts'

/** To whom a delivery goes that is not to a channel. */
export type PersonalDelivery = {
  /** Absent in a test. */
  pageId?: string | undefined
  /** `<round>.<step>` of the page. */
  step: string
  personId: string
  destination: Destination
  /** Of several contacts, the place in the order in which they are tried. */
  rank: number
}

export type OutboxEntry = {
  /** Stable over all attempts: the receiver's key against duplicates. */
  deliveryId: string
  /** The channel, `<person>/<contact>`, or `stakeholder/<stakeholder>/<contact>`. */
  channelId: string
  incidentId: string
  /** Sequence of the event that it tells of. */
  sequence: number
  eventType: string
  /** The exact body that is sent and signed. */
  body: string
  /** With this one. Also the fence: who writes down how an attempt ended must name it. */
  attempts: number
  personal?: PersonalDelivery | undefined
  /** An attempt before this one ended without an answer. */
  isAmbiguous: boolean
  /** Somebody else carries it out since then, and knows it by this id. */
  taken?: Taken | undefined
  createdAt: number
}

/** By which id whoever carries a delivery out knows it, and since when. */
export type Taken = { as: string; at: number }

export type NewDelivery = Omit<OutboxEntry, 'attempts' | 'isAmbiguous' | 'taken' | 'createdAt'> & {
  /** It is sent only when the contact before it failed. */
  isWaiting?: boolean
}

export async function addToOutbox(
  { db }: Session,
  entries: readonly NewDelivery[],
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
        state: entry.isWaiting ? 'waiting' : 'pending',
        attempts: 0,
        due_at: now,
        leased_until: 0,
        created_at: now,
        updated_at: now,
        last_error: null,
        page_id: entry.personal?.pageId ?? null,
        page_step: entry.personal?.step ?? null,
        person_id: entry.personal?.personId ?? null,
        destination: entry.personal ? JSON.stringify(entry.personal.destination) : null,
        contact_rank: entry.personal?.rank ?? null,
        taken_as: null,
        taken_at: null,
      })),
    )
    .execute()
}

/**
 * Takes entries that are due, oldest first, and holds them for `leaseMs`: nobody else takes them
 * meanwhile, and somebody else may when this coordinator dies. What was cancelled until now is not
 * among them, so that whoever sends at once sends nothing that an acknowledgement has stopped.
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
    // People before channels: somebody waits for them.
    .orderBy((e) => e.case().when('page_id', 'is not', null).then(0).else(1).end())
    .orderBy('created_at')
    .limit(limit)
  if (dialect === 'postgres') due = due.forUpdate().skipLocked()
  const ids = (await due.execute()).map((row) => row.delivery_id)
  if (ids.length === 0) return []
  const rows = await db
    .updateTable('outbox')
    .set((e) => ({
      leased_until: now + leaseMs,
      attempts: e('attempts', '+', 1),
      // A lease that was never given back: whoever had it died, perhaps after sending.
      is_ambiguous: e.case().when('leased_until', '>', 0).then(1).else(e.ref('is_ambiguous')).end(),
    }))
    .where('delivery_id', 'in', ids)
    .returningAll()
    .execute()
  return rows.toSorted((a, b) => a.created_at - b.created_at).map(entryOf)
}

function entryOf(row: Selectable<Schema['outbox']>): OutboxEntry {
  return {
    deliveryId: row.delivery_id,
    channelId: row.channel_id,
    incidentId: row.incident_id,
    sequence: row.sequence,
    eventType: row.event_type,
    body: row.body,
    attempts: row.attempts,
    isAmbiguous: row.is_ambiguous === 1,
    taken:
      row.taken_as === null || row.taken_at === null
        ? undefined
        : { as: row.taken_as, at: row.taken_at },
    createdAt: row.created_at,
    personal:
      row.person_id === null || row.destination === null
        ? undefined
        : {
            pageId: row.page_id ?? undefined,
            step: row.page_step ?? '',
            personId: row.person_id,
            destination: Destination.parse(JSON.parse(row.destination)),
            rank: row.contact_rank ?? 0,
          },
  }
}

/** A delivery by its id, with the state that it is in; undefined where there is none. */
export async function findDelivery(
  { db }: Session,
  deliveryId: string,
): Promise<{ entry: OutboxEntry; state: DeliveryState } | undefined> {
  const row = await db
    .selectFrom('outbox')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst()
  return row && { entry: entryOf(row), state: row.state as DeliveryState }
}

export type AttemptEnd = {
  state: 'pending' | 'delivered' | 'ambiguous' | 'undeliverable'
  error?: string
  /** The next attempt's time while it is pending. */
  dueAt?: number
  isAmbiguous?: boolean
  /** Who carries it out from here on; null: nobody any more. As it was when absent. */
  taken?: Taken | null | undefined
  now: number
}

/**
 * Writes down how an attempt ended, unless a later one has begun. What was cancelled meanwhile stays so,
 * except that it arrived all the same; and what may have arrived did, if somebody says so afterwards.
 *
 * @returns false when it was a later attempt's to say.
 */
export async function recordDelivery(
  { db }: Session,
  { deliveryId, attempts }: Pick<OutboxEntry, 'deliveryId' | 'attempts'>,
  end: AttemptEnd,
): Promise<boolean> {
  const isArrived = end.state === 'delivered'
  const result = await db
    .updateTable('outbox')
    .set({
      state: end.state,
      last_error: end.error ?? null,
      due_at: end.dueAt ?? end.now,
      leased_until: 0,
      updated_at: end.now,
      ...(end.isAmbiguous && { is_ambiguous: 1 }),
      ...(end.taken !== undefined && {
        taken_as: end.taken?.as ?? null,
        taken_at: end.taken?.at ?? null,
      }),
    })
    .where('delivery_id', '=', deliveryId)
    .where('attempts', '=', attempts)
    .where('state', 'in', isArrived ? ['pending', 'cancelled', 'ambiguous'] : ['pending'])
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** Stops whatever of these pages has not been sent. What is on its way already may still arrive. */
export async function cancelDeliveries(
  { db }: Session,
  pageIds: readonly string[],
  now: number,
): Promise<void> {
  if (pageIds.length === 0) return
  await db
    .updateTable('outbox')
    .set({ state: 'cancelled', updated_at: now })
    .where('page_id', 'in', [...pageIds])
    .where('event_type', 'in', ['page', 'notice'])
    .where('state', 'in', ['pending', 'waiting'])
    .execute()
}

/** The deliveries of one step to people, in the order of their contacts. */
export async function deliveriesOfStep(
  { db }: Session,
  pageId: string,
  step: string,
): Promise<StepDelivery[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['delivery_id', 'person_id', 'state', 'last_error'])
    .where('page_id', '=', pageId)
    .where('page_step', '=', step)
    .where('event_type', 'in', ['page', 'notice'])
    .orderBy('contact_rank')
    .execute()
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    personId: row.person_id ?? '',
    state: row.state as DeliveryState,
    ...(row.last_error !== null && { lastError: row.last_error }),
  }))
}

/** Lets deliveries that waited for another one be sent, or says that they are not needed. */
export async function endWaiting(
  { db }: Session,
  deliveryIds: readonly string[],
  state: 'pending' | 'cancelled',
  now: number,
): Promise<void> {
  if (deliveryIds.length === 0) return
  await db
    .updateTable('outbox')
    .set({ state, due_at: now, updated_at: now })
    .where('delivery_id', 'in', [...deliveryIds])
    .where('state', '=', 'waiting')
    .execute()
}

/** Every page to a person of an incident: where it went, what it said, and when it was written. */
export async function pagesWritten(
  { db }: Session,
  incidentId: string,
): Promise<{ destination: Destination; body: string; at: number }[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['destination', 'body', 'created_at'])
    .where('incident_id', '=', incidentId)
    .where('event_type', '=', 'page')
    .execute()
  return rows.flatMap(({ destination, body, created_at: at }) =>
    destination === null
      ? []
      : [{ destination: Destination.parse(JSON.parse(destination)), body, at }],
  )
}

/** Where people were paged for an incident, each contact once: those that were sent something. */
export async function contactsPaged(
  { db }: Session,
  incidentId: string,
): Promise<
  { pageId: string; personId: string; channelId: string; destination: Destination; body: string }[]
> {
  const rows = await db
    .selectFrom('outbox')
    .select(['page_id', 'person_id', 'channel_id', 'destination', 'body'])
    .where('incident_id', '=', incidentId)
    .where('event_type', '=', 'page')
    .where('attempts', '>', 0)
    .orderBy('created_at', 'desc')
    .execute()
  const seen = new Set<string>()
  return rows.flatMap((row) => {
    const { page_id: pageId, person_id: personId, channel_id: channelId, destination, body } = row
    if (!pageId || !personId || !destination || seen.has(channelId)) return []
    seen.add(channelId)
    const where = Destination.parse(JSON.parse(destination))
    return [{ pageId, personId, channelId, destination: where, body }]
  })
}

/** What the types of deliveries to stakeholders begin with, and their channels. */
export const STAKEHOLDER_TYPE = 'stakeholder.'
const STAKEHOLDER_CHANNEL = /^stakeholder\/([^/]+)\/([^/]+)$/

/** Names a contact of a stakeholder as a channel; no channel's id has a slash. */
export const stakeholderChannel = (stakeholderId: string, contactId: string): string =>
  `stakeholder/${stakeholderId}/${contactId}`

/** The contact that {@link stakeholderChannel} names; undefined for any other channel. */
export function readStakeholderChannel(
  channelId: string,
): { stakeholderId: string; contactId: string } | undefined {
  const [, stakeholderId, contactId] = STAKEHOLDER_CHANNEL.exec(channelId) ?? []
  return stakeholderId === undefined || contactId === undefined
    ? undefined
    : { stakeholderId, contactId }
}

/** The contacts of stakeholders that were written to about an incident, the first first. */
export async function stakeholdersTold(
  { db }: Session,
  incidentId: string,
): Promise<ToldContact[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['channel_id', 'state'])
    .where('incident_id', '=', incidentId)
    .where('event_type', 'like', `${STAKEHOLDER_TYPE}%`)
    .orderBy('sequence')
    .orderBy('delivery_id')
    .execute()
  const byChannel = Map.groupBy(rows, (row) => row.channel_id)
  return [...byChannel].flatMap(([channelId, deliveries]) => {
    const named = readStakeholderChannel(channelId)
    if (!named) return []
    return [{ ...named, states: deliveries.map(({ state }) => state as DeliveryState) }]
  })
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
    ...(row.person_id !== null && { personId: row.person_id }),
    ...(row.page_id !== null && { pageId: row.page_id, step: row.page_step ?? '' }),
    ...(row.is_ambiguous === 1 && { isAmbiguous: true }),
    ...(row.state === 'pending' && row.taken_as !== null && { isTaken: true }),
  }))
}

/** Whether anything was ever put there under this id. */
export async function hasDelivery({ db }: Session, deliveryId: string): Promise<boolean> {
  const row = await db
    .selectFrom('outbox')
    .select('delivery_id')
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirst()
  return row !== undefined
}

/** In the place of a channel, before the kind of a tracker. No channel's id has a colon. */
export const TRACKER_PREFIX = 'ticket:'

/** What somebody waits for: a ticket is in no hurry. */
export async function countPendingDeliveries({ db }: Session): Promise<number> {
  const row = await db
    .selectFrom('outbox')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('state', '=', 'pending')
    .where('channel_id', 'not like', `${TRACKER_PREFIX}%`)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** What is no part of an incident's record: tests of pages, news of shifts, and digests. */
const PASSING_TYPES = ['page.test', 'shift.started', 'shift.unconfirmed', 'digest.backlog']

/** Forgets ended deliveries of what passes, the oldest first, at most `limit` at once. Others are the record. */
export async function forgetDeliveries(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  const old = db
    .selectFrom('outbox')
    .select('delivery_id')
    .where('event_type', 'in', PASSING_TYPES)
    .where('state', 'not in', ['pending', 'waiting'])
    .where('updated_at', '<', before)
    .orderBy('updated_at')
    .limit(limit)
  await db.deleteFrom('outbox').where('delivery_id', 'in', old).execute()
}
