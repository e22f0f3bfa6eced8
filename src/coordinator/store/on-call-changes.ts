import { OnCallChange, type OnCallChanges } from '../../protocol/on-call.ts'
import type { Session } from './store.ts'

/** More at once than anybody oversees; further ones are refused. */
export const ON_CALL_CHANGES_MAX = 2_000

export async function saveOnCallChange({ db }: Session, change: OnCallChange): Promise<void> {
  const row = {
    created_at: change.createdAt,
    from_at: change.from,
    until_at: Math.min(change.until, change.endedAt ?? change.until),
    body: JSON.stringify(change),
  }
  await db
    .insertInto('on_call_changes')
    .values({ change_id: change.id, ...row })
    .onConflict((conflict) => conflict.column('change_id').doUpdateSet(row))
    .execute()
}

export async function findOnCallChange(
  { db }: Session,
  id: string,
): Promise<OnCallChange | undefined> {
  const row = await db
    .selectFrom('on_call_changes')
    .select('body')
    .where('change_id', '=', id)
    .executeTakeFirst()
  return row && parse(row)
}

/** Those that are not over before an instant, the first to begin first. */
export async function onCallChangesAfter(
  { db }: Session,
  instant: number,
): Promise<OnCallChange[]> {
  const rows = await db
    .selectFrom('on_call_changes')
    .select('body')
    .where('until_at', '>', instant)
    .orderBy('from_at')
    .orderBy('change_id')
    .limit(ON_CALL_CHANGES_MAX)
    .execute()
  return rows.map(parse)
}

/** The same as who is on call asks for it. */
export async function loadOnCallChanges(session: Session, instant: number): Promise<OnCallChanges> {
  const changes = await onCallChangesAfter(session, instant)
  return {
    overrides: changes.filter((change) => change.kind !== 'absence'),
    absences: changes.filter((change) => change.kind === 'absence'),
  }
}

/** Forgets what was over before an instant, the oldest first, at most `limit` at once. */
export async function forgetOnCallChanges(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  const old = db
    .selectFrom('on_call_changes')
    .select('change_id')
    .where('until_at', '<', before)
    .orderBy('until_at')
    .limit(limit)
  await db.deleteFrom('on_call_changes').where('change_id', 'in', old).execute()
}

const parse = ({ body }: { body: string }): OnCallChange => OnCallChange.parse(JSON.parse(body))
