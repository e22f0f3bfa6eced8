import { Silence } from '../../protocol/suppression.ts'
import type { Session } from './store.ts'

/** More silences at once than anybody oversees; further ones are refused. */
export const ACTIVE_SILENCES_MAX = 500

export async function saveSilence({ db }: Session, silence: Silence): Promise<void> {
  const row = {
    created_at: silence.createdAt,
    until_at: silence.until,
    ended_at: silence.endedAt ?? null,
    body: JSON.stringify(silence),
  }
  await db
    .insertInto('silences')
    .values({ silence_id: silence.id, ...row })
    .onConflict((conflict) => conflict.column('silence_id').doUpdateSet(row))
    .execute()
}

export async function findSilence({ db }: Session, id: string): Promise<Silence | undefined> {
  const row = await db
    .selectFrom('silences')
    .select('body')
    .where('silence_id', '=', id)
    .executeTakeFirst()
  return row && parse(row)
}

/** Those that hold at an instant, the first to end first. */
export async function silencesAt({ db }: Session, now: number): Promise<Silence[]> {
  const rows = await db
    .selectFrom('silences')
    .select('body')
    .where('until_at', '>', now)
    .where('ended_at', 'is', null)
    .orderBy('until_at')
    .limit(ACTIVE_SILENCES_MAX)
    .execute()
  return rows.map(parse)
}

/** All that there were, the newest first. */
export async function listSilences(
  { db }: Session,
  { before, limit }: { before?: { createdAt: number; id: string } | undefined; limit: number },
): Promise<Silence[]> {
  let select = db
    .selectFrom('silences')
    .select('body')
    .orderBy('created_at', 'desc')
    .orderBy('silence_id', 'desc')
  if (before)
    select = select.where((e) =>
      e.or([
        e('created_at', '<', before.createdAt),
        e.and([e('created_at', '=', before.createdAt), e('silence_id', '<', before.id)]),
      ]),
    )
  return (await select.limit(limit).execute()).map(parse)
}

const parse = ({ body }: { body: string }) => Silence.parse(JSON.parse(body))
