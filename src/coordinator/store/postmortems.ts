import { ActionItem, PostmortemBody, PostmortemRevision } from '../../protocol/postmortem.ts'
import type { Session } from './store.ts'

export type StoredPostmortem = {
  revision: number
  updatedAt: number
  updatedBy: string
  body: PostmortemBody
}

/** Saves of one person within so long are one revision: each pause in typing is no history. */
const TOGETHER_MS = 5 * 60_000

const REVISIONS_SHOWN_MAX = 200

export async function findPostmortem(
  { db, dialect }: Session,
  incidentId: string,
  { isLocked = false }: { isLocked?: boolean } = {},
): Promise<StoredPostmortem | undefined> {
  let select = db.selectFrom('postmortems').selectAll().where('incident_id', '=', incidentId)
  if (isLocked && dialect === 'postgres') select = select.forUpdate()
  const row = await select.executeTakeFirst()
  return (
    row && {
      revision: row.revision,
      updatedAt: row.updated_at,
      updatedBy: row.updated_by,
      body: PostmortemBody.parse(JSON.parse(row.body)),
    }
  )
}

/** Stores a version, and keeps it in the history. What takes up an earlier one replaces none. */
export async function storePostmortem(
  { db }: Session,
  incidentId: string,
  {
    revision,
    updatedAt,
    updatedBy,
    body,
    restoredFrom,
  }: StoredPostmortem & { restoredFrom?: number },
): Promise<void> {
  const row = {
    revision,
    updated_at: updatedAt,
    updated_by: updatedBy,
    body: JSON.stringify(body),
  }
  await db
    .insertInto('postmortems')
    .values({ incident_id: incidentId, ...row })
    .onConflict((conflict) => conflict.column('incident_id').doUpdateSet(row))
    .execute()
  const last = await db
    .selectFrom('postmortem_revisions')
    .select(['revision', 'saved_at', 'saved_by', 'restored_from'])
    .where('incident_id', '=', incidentId)
    .orderBy('revision', 'desc')
    .limit(1)
    .executeTakeFirst()
  // The first is what the record drafted, and stays.
  const together =
    last &&
    last.revision > 1 &&
    last.saved_by === updatedBy &&
    last.restored_from === null &&
    restoredFrom === undefined &&
    updatedAt - last.saved_at < TOGETHER_MS
      ? last
      : undefined
  if (together)
    await db
      .deleteFrom('postmortem_revisions')
      .where('incident_id', '=', incidentId)
      .where('revision', '=', together.revision)
      .execute()
  await db
    .insertInto('postmortem_revisions')
    .values({
      incident_id: incidentId,
      revision,
      // Of those that are one, the time of the first: else a long evening would be one for ever.
      saved_at: together?.saved_at ?? updatedAt,
      saved_by: updatedBy,
      restored_from: restoredFrom ?? null,
      body: row.body,
    })
    .execute()
}

export async function postmortemRevisions({ db }: Session, incidentId: string) {
  const rows = await db
    .selectFrom('postmortem_revisions')
    .selectAll()
    .where('incident_id', '=', incidentId)
    .orderBy('revision', 'desc')
    .limit(REVISIONS_SHOWN_MAX)
    .execute()
  return rows.map((row) =>
    PostmortemRevision.parse({
      revision: row.revision,
      savedAt: row.saved_at,
      savedBy: row.saved_by,
      ...(row.restored_from !== null && { restoredFrom: row.restored_from }),
      body: JSON.parse(row.body),
    }),
  )
}

/** What people had written by a revision; undefined where it is not kept. */
export async function findRevision(
  { db }: Session,
  incidentId: string,
  revision: number,
): Promise<PostmortemBody | undefined> {
  const row = await db
    .selectFrom('postmortem_revisions')
    .select('body')
    .where('incident_id', '=', incidentId)
    .where('revision', '=', revision)
    .executeTakeFirst()
  return row && PostmortemBody.parse(JSON.parse(row.body))
}

/** The next action item's id: `AI-1`, `AI-2` … */
export async function takeActionItemId({ db }: Session): Promise<string> {
  const row = await db
    .updateTable('counters')
    .set((e) => ({ value: e('value', '+', 1) }))
    .where('name', '=', 'action_item')
    .returning('value')
    .executeTakeFirstOrThrow()
  return `AI-${row.value}`
}

export async function storeActionItem({ db }: Session, item: ActionItem): Promise<void> {
  const row = {
    due_at: item.dueAt,
    done_at: item.done?.at ?? null,
    body: JSON.stringify(item),
  }
  await db
    .insertInto('action_items')
    .values({
      item_id: item.id,
      number: Number(item.id.slice('AI-'.length)),
      incident_id: item.incidentId,
      ...row,
    })
    .onConflict((conflict) => conflict.column('item_id').doUpdateSet(row))
    .execute()
}

export async function findActionItem(
  { db, dialect }: Session,
  id: string,
): Promise<ActionItem | undefined> {
  let select = db.selectFrom('action_items').select('body').where('item_id', '=', id)
  if (dialect === 'postgres') select = select.forUpdate()
  const row = await select.executeTakeFirst()
  return row && ActionItem.parse(JSON.parse(row.body))
}

export async function actionItemsOf({ db }: Session, incidentId: string): Promise<ActionItem[]> {
  const rows = await db
    .selectFrom('action_items')
    .select('body')
    .where('incident_id', '=', incidentId)
    .orderBy('number')
    .execute()
  return rows.map((row) => ActionItem.parse(JSON.parse(row.body)))
}

/** Action items of all incidents, the first due first; those that are done, the last done first. */
export async function listActionItems(
  { db }: Session,
  { state, now, limit }: { state: 'open' | 'overdue' | 'done'; now: number; limit: number },
): Promise<ActionItem[]> {
  let select = db.selectFrom('action_items').select('body')
  if (state === 'done') select = select.where('done_at', 'is not', null).orderBy('done_at', 'desc')
  else select = select.where('done_at', 'is', null).orderBy('due_at')
  if (state === 'overdue') select = select.where('due_at', '<', now)
  const rows = await select.limit(limit).execute()
  return rows.map((row) => ActionItem.parse(JSON.parse(row.body)))
}
