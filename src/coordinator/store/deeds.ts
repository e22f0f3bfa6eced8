import { Deed } from '../../protocol/people-api.ts'
import type { Session } from './store.ts'

export async function addDeed({ db }: Session, deed: Deed): Promise<void> {
  await db
    .insertInto('deeds')
    .values({ deed_id: deed.id, at: deed.at, actor: deed.actor, body: JSON.stringify(deed) })
    .execute()
}

/** Newest first. */
export async function listDeeds(
  { db }: Session,
  {
    actor,
    before,
    limit,
  }: {
    actor?: string | undefined
    before?: { at: number; id: string } | undefined
    limit: number
  },
): Promise<Deed[]> {
  let select = db
    .selectFrom('deeds')
    .select('body')
    .orderBy('at', 'desc')
    .orderBy('deed_id', 'desc')
  if (actor !== undefined) select = select.where('actor', '=', actor)
  if (before)
    select = select.where((e) =>
      e.or([
        e('at', '<', before.at),
        e.and([e('at', '=', before.at), e('deed_id', '<', before.id)]),
      ]),
    )
  const rows = await select.limit(limit).execute()
  return rows.map(({ body }) => Deed.parse(JSON.parse(body)))
}

/** Deletes the oldest: those from before an instant, and those beyond `keep`; at most `limit` a pass. */
export async function forgetDeeds(
  { db }: Session,
  { before, keep, limit }: { before: number; keep: number; limit: number },
): Promise<void> {
  const firstTooMany = await db
    .selectFrom('deeds')
    .select('at')
    .orderBy('at', 'desc')
    .offset(keep)
    .limit(1)
    .executeTakeFirst()
  const until = Math.max(before, (firstTooMany?.at ?? -1) + 1)
  const old = await db
    .selectFrom('deeds')
    .select('deed_id')
    .where('at', '<', until)
    .orderBy('at')
    .limit(limit)
    .execute()
  if (old.length === 0) return
  await db
    .deleteFrom('deeds')
    .where(
      'deed_id',
      'in',
      old.map((row) => row.deed_id),
    )
    .execute()
}
