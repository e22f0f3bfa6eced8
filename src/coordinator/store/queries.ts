import { z } from 'zod'
import { Instant } from '../../protocol/ids.ts'
import { ReadingTable } from '../../protocol/reading-table.ts'
import type { Session } from './store.ts'

export const StoredReading = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('number'),
    value: z.number(),
    atLeast: z.boolean().optional(),
    table: ReadingTable.optional(),
  }),
  z.object({ kind: z.literal('no_data'), reason: z.string() }),
  z.object({
    kind: z.literal('unknown'),
    reason: z.string(),
    /** What it is made of was not collected, as is known. */
    isTelemetry: z.boolean().optional(),
  }),
])

/** What is known of a query between two readings. */
const QueryState = z.object({
  /** Hash of its definition: what was known of another question says nothing. */
  definition: z.string(),
  /** A hold-down under way. */
  turning: z.object({ isBad: z.boolean(), since: Instant, lastAt: Instant }).optional(),
  /** What is usual at this hour, where the query is compared with it. */
  baseline: z
    .object({
      hourAt: Instant,
      askedAt: Instant,
      value: z.number().optional(),
      heldFrom: Instant.optional(),
    })
    .optional(),
  last: z.object({ at: Instant, reading: StoredReading }).optional(),
})
export type QueryState = z.infer<typeof QueryState>

/** All of them, by the query's id, with when each is due. */
export async function queryStates({
  db,
}: Session): Promise<Map<string, { dueAt: number; state: QueryState }>> {
  const rows = await db.selectFrom('query_states').selectAll().execute()
  return new Map(
    rows.map(({ query_id, due_at, body }) => [
      query_id,
      { dueAt: due_at, state: QueryState.parse(JSON.parse(body)) },
    ]),
  )
}

/** Moves when a query is due; false when somebody else did so in the meantime, and asks it. */
export async function claimQuery(
  { db }: Session,
  { queryId, dueAt, nextAt }: { queryId: string; dueAt: number | undefined; nextAt: number },
): Promise<boolean> {
  if (dueAt === undefined) {
    const body = JSON.stringify({ definition: '' } satisfies QueryState)
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('query_states')
      .values({ query_id: queryId, due_at: nextAt, body })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return Number(numInsertedOrUpdatedRows ?? 0) > 0
  }
  const { numUpdatedRows } = await db
    .updateTable('query_states')
    .set({ due_at: nextAt })
    .where('query_id', '=', queryId)
    .where('due_at', '=', dueAt)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows) > 0
}

export async function saveQueryState(
  { db }: Session,
  queryId: string,
  state: QueryState,
): Promise<void> {
  await db
    .updateTable('query_states')
    .set({ body: JSON.stringify(state) })
    .where('query_id', '=', queryId)
    .execute()
}

/** What a query has scanned on a day. */
export async function scannedOn({ db }: Session, queryId: string, day: number): Promise<number> {
  const row = await db
    .selectFrom('query_scans')
    .select('bytes')
    .where('query_id', '=', queryId)
    .where('day', '=', day)
    .executeTakeFirst()
  return row?.bytes ?? 0
}

/** Adds to it, and forgets the days before. */
export async function addScanned(
  { db }: Session,
  { queryId, day, bytes }: { queryId: string; day: number; bytes: number },
): Promise<void> {
  await db
    .insertInto('query_scans')
    .values({ query_id: queryId, day, bytes })
    .onConflict((conflict) =>
      conflict
        .columns(['query_id', 'day'])
        .doUpdateSet((e) => ({ bytes: e('query_scans.bytes', '+', bytes) })),
    )
    .execute()
  await db
    .deleteFrom('query_scans')
    .where('query_id', '=', queryId)
    .where('day', '<', day)
    .execute()
}
