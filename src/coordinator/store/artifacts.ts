import type { Session } from './store.ts'

export type StoredArtifact = { runId: string; name: string; mediaType: string; bytes: number }

export async function saveArtifact(
  { db }: Session,
  artifact: StoredArtifact,
  storedAt: number,
): Promise<void> {
  await db
    .insertInto('artifacts')
    .values({
      run_id: artifact.runId,
      name: artifact.name,
      media_type: artifact.mediaType,
      bytes: artifact.bytes,
      stored_at: storedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function findArtifact(
  { db }: Session,
  runId: string,
  name: string,
): Promise<StoredArtifact | undefined> {
  const row = await db
    .selectFrom('artifacts')
    .selectAll()
    .where('run_id', '=', runId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && { runId, name, mediaType: row.media_type, bytes: row.bytes }
}

export async function artifactsOf({ db }: Session, runId: string): Promise<StoredArtifact[]> {
  const rows = await db.selectFrom('artifacts').selectAll().where('run_id', '=', runId).execute()
  return rows.map(({ name, media_type: mediaType, bytes }) => ({ runId, name, mediaType, bytes }))
}

/** Bytes of all artifacts together. */
export async function artifactBytes({ db }: Session): Promise<number> {
  const row = await db
    .selectFrom('artifacts')
    .select((e) => e.fn.sum<number | string | null>('bytes').as('bytes'))
    .executeTakeFirstOrThrow()
  return Number(row.bytes ?? 0)
}

/** The oldest artifacts; those stored before `storedBefore` only, when it is given. */
export async function oldestArtifacts(
  { db }: Session,
  { limit, storedBefore }: { limit: number; storedBefore?: number },
): Promise<StoredArtifact[]> {
  let select = db.selectFrom('artifacts').selectAll().orderBy('stored_at').limit(limit)
  if (storedBefore !== undefined) select = select.where('stored_at', '<', storedBefore)
  const rows = await select.execute()
  return rows.map((row) => ({
    runId: row.run_id,
    name: row.name,
    mediaType: row.media_type,
    bytes: row.bytes,
  }))
}

export async function forgetArtifact({ db }: Session, runId: string, name: string): Promise<void> {
  await db.deleteFrom('artifacts').where('run_id', '=', runId).where('name', '=', name).execute()
}
