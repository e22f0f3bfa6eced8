import type { Session } from './store.ts'

/**
 * Deletes runs and slots older than an instant, at most `limit` of each, so that one pass never
 * holds the database for long.
 *
 * @returns how many rows went.
 */
export async function forgetHistory(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<number> {
  const oldRuns = await db
    .selectFrom('runs')
    .select('run_id')
    .where('slot_at', '<', before)
    .orderBy('slot_at')
    .limit(limit)
    .execute()
  if (oldRuns.length > 0)
    await db
      .deleteFrom('runs')
      .where(
        'run_id',
        'in',
        oldRuns.map((row) => row.run_id),
      )
      .execute()
  const newestToGo = await db
    .selectFrom('slots')
    .select('slot_at')
    .where('slot_at', '<', before)
    .orderBy('slot_at')
    .limit(1)
    .offset(limit)
    .executeTakeFirst()
  const deleted = await db
    .deleteFrom('slots')
    .where('slot_at', '<', newestToGo?.slot_at ?? before)
    .executeTakeFirst()
  return oldRuns.length + Number(deleted.numDeletedRows)
}
