import { HandOff } from '../../protocol/hand-off.ts'
import type { Session } from './store.ts'

/** More at once than there are duties that anybody oversees. */
const HAND_OFFS_MAX = 1_000

const dueAtOf = ({ confirmedAt, unconfirmed, confirmBy }: HandOff): number | null =>
  confirmedAt === undefined && unconfirmed === undefined ? confirmBy : null

/**
 * Writes a new one down.
 *
 * @returns false when it is there already: another coordinator was first.
 */
export async function addHandOff({ db }: Session, handOff: HandOff): Promise<boolean> {
  const result = await db
    .insertInto('hand_offs')
    .values({
      hand_off_id: handOff.handOffId,
      due_at: dueAtOf(handOff),
      until_at: handOff.until,
      body: JSON.stringify(handOff),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0
}

export async function saveHandOff({ db }: Session, handOff: HandOff): Promise<void> {
  await db
    .updateTable('hand_offs')
    .set({ due_at: dueAtOf(handOff), body: JSON.stringify(handOff) })
    .where('hand_off_id', '=', handOff.handOffId)
    .execute()
}

/** Lets one be that nobody needs to hear of. */
export async function settleHandOff({ db }: Session, handOffId: string): Promise<void> {
  await db
    .updateTable('hand_offs')
    .set({ due_at: null })
    .where('hand_off_id', '=', handOffId)
    .execute()
}

export async function findHandOff({ db }: Session, id: string): Promise<HandOff | undefined> {
  const row = await db
    .selectFrom('hand_offs')
    .select('body')
    .where('hand_off_id', '=', id)
    .executeTakeFirst()
  return row && parse(row)
}

/** Those that are not over at an instant, the last to begin last. */
export async function handOffsAfter({ db }: Session, instant: number): Promise<HandOff[]> {
  const rows = await db
    .selectFrom('hand_offs')
    .select('body')
    .where('until_at', '>', instant)
    .orderBy('until_at')
    .orderBy('hand_off_id')
    .limit(HAND_OFFS_MAX)
    .execute()
  return rows.map(parse).toSorted((a, b) => a.from - b.from)
}

/** Ids of those that were due to be confirmed by then, and were not. */
export async function handOffsDue({ db }: Session, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('hand_offs')
    .select('hand_off_id')
    .where('due_at', '<=', now)
    .orderBy('due_at')
    .limit(HAND_OFFS_MAX)
    .execute()
  return rows.map((row) => row.hand_off_id)
}

/** Forgets what was over before an instant, the oldest first, at most `limit` at once. */
export async function forgetHandOffs(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  const old = db
    .selectFrom('hand_offs')
    .select('hand_off_id')
    .where('until_at', '<', before)
    .orderBy('until_at')
    .limit(limit)
  await db.deleteFrom('hand_offs').where('hand_off_id', 'in', old).execute()
}

const parse = ({ body }: { body: string }): HandOff => HandOff.parse(JSON.parse(body))
