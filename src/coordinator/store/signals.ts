import { z } from 'zod'
import { Signal, SignalStatus } from '../../protocol/signal.ts'
import type { Session } from './store.ts'

/** Takes a delivery; the same one again, before it was looked at, changes nothing. */
export async function addToInbox(
  { db }: Session,
  delivery: { sourceId: string; hash: string; receivedAt: number; signals: readonly Signal[] },
): Promise<void> {
  await db
    .insertInto('inbox')
    .values({
      source_id: delivery.sourceId,
      hash: delivery.hash,
      received_at: delivery.receivedAt,
      body: JSON.stringify(delivery.signals),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function countInbox({ db }: Session): Promise<number> {
  const row = await db
    .selectFrom('inbox')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

export type Delivery = { sourceId: string; hash: string; receivedAt: number; signals: Signal[] }

/** The deliveries that came first. */
export async function oldestDeliveries({ db }: Session, limit: number): Promise<Delivery[]> {
  const rows = await db
    .selectFrom('inbox')
    .selectAll()
    .orderBy('received_at')
    .orderBy('source_id')
    .orderBy('hash')
    .limit(limit)
    .execute()
  return rows.map((row) => ({
    sourceId: row.source_id,
    hash: row.hash,
    receivedAt: row.received_at,
    signals: z.array(Signal).parse(JSON.parse(row.body)),
  }))
}

/** Takes a delivery out of the inbox; false when another coordinator did so before. */
export async function takeDelivery(
  { db }: Session,
  { sourceId, hash }: Pick<Delivery, 'sourceId' | 'hash'>,
): Promise<boolean> {
  const taken = await db
    .deleteFrom('inbox')
    .where('source_id', '=', sourceId)
    .where('hash', '=', hash)
    .executeTakeFirst()
  return Number(taken.numDeletedRows) > 0
}

export async function findSignal(
  { db }: Session,
  sourceId: string,
  key: string,
): Promise<SignalStatus | undefined> {
  const row = await db
    .selectFrom('signals')
    .select('body')
    .where('source_id', '=', sourceId)
    .where('signal_key', '=', key)
    .executeTakeFirst()
  return row && SignalStatus.parse(JSON.parse(row.body))
}

export async function saveSignal({ db }: Session, signal: SignalStatus): Promise<void> {
  const values = {
    service_id: signal.serviceId,
    state: signal.state,
    last_received_at: signal.lastReceivedAt,
    body: JSON.stringify(signal),
  }
  await db
    .insertInto('signals')
    .values({ source_id: signal.sourceId, signal_key: signal.key, ...values })
    .onConflict((conflict) => conflict.columns(['source_id', 'signal_key']).doUpdateSet(values))
    .execute()
}

/** What a source says is wrong; what all say where none is named. */
export async function firingSignals({ db }: Session, sourceId?: string): Promise<SignalStatus[]> {
  let select = db.selectFrom('signals').select('body').where('state', '=', 'firing')
  if (sourceId !== undefined) select = select.where('source_id', '=', sourceId)
  const rows = await select.execute()
  return rows.map((row) => SignalStatus.parse(JSON.parse(row.body)))
}

/** Signals, those told last first. */
export async function listSignals(
  { db }: Session,
  query: { service?: string | undefined; state?: string | undefined; limit: number },
): Promise<SignalStatus[]> {
  let select = db.selectFrom('signals').select('body').orderBy('last_received_at', 'desc')
  if (query.service !== undefined) select = select.where('service_id', '=', query.service)
  if (query.state !== undefined) select = select.where('state', '=', query.state)
  const rows = await select.limit(query.limit).execute()
  return rows.map((row) => SignalStatus.parse(JSON.parse(row.body)))
}

/** Forgets signals that are over and that nobody told for long, at most `limit` at once. */
export async function forgetSignals(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  const old = await db
    .selectFrom('signals')
    .select(['source_id', 'signal_key'])
    .where('state', '=', 'resolved')
    .where('last_received_at', '<', before)
    .orderBy('last_received_at')
    .limit(limit)
    .execute()
  for (const row of old)
    await db
      .deleteFrom('signals')
      .where('source_id', '=', row.source_id)
      .where('signal_key', '=', row.signal_key)
      .where('state', '=', 'resolved')
      .where('last_received_at', '<', before)
      .execute()
}
