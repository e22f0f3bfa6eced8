import { Change } from '../../protocol/signal.ts'
import type { Session } from './store.ts'

/** Stores a change; false when one with its id is there already, which stays as it is. */
export async function addChange({ db }: Session, change: Change): Promise<boolean> {
  const added = await db
    .insertInto('changes')
    .values({
      change_id: change.id,
      service_id: change.serviceId,
      changed_at: change.at,
      body: JSON.stringify(change),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(added.numInsertedOrUpdatedRows ?? 0) > 0
}

export async function findChange({ db }: Session, id: string): Promise<Change | undefined> {
  const row = await db
    .selectFrom('changes')
    .select('body')
    .where('change_id', '=', id)
    .executeTakeFirst()
  return row && Change.parse(JSON.parse(row.body))
}

/** Changes from `since` to `until`, both included, newest first. */
export async function listChanges(
  { db }: Session,
  query: {
    services?: readonly string[] | undefined
    since: number
    until?: number | undefined
    limit: number
  },
): Promise<Change[]> {
  let select = db
    .selectFrom('changes')
    .select('body')
    .where('changed_at', '>=', query.since)
    .orderBy('changed_at', 'desc')
    .orderBy('change_id')
  if (query.services !== undefined) select = select.where('service_id', 'in', query.services)
  if (query.until !== undefined) select = select.where('changed_at', '<=', query.until)
  const rows = await select.limit(query.limit).execute()
  return rows.map((row) => Change.parse(JSON.parse(row.body)))
}

/** Forgets what was changed before an instant, the oldest first, at most `limit` at once. */
export async function forgetChanges(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  const old = db
    .selectFrom('changes')
    .select('change_id')
    .where('changed_at', '<', before)
    .orderBy('changed_at')
    .limit(limit)
  await db.deleteFrom('changes').where('change_id', 'in', old).execute()
}
