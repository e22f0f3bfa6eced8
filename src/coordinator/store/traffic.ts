import { z } from 'zod'
import type { TrafficSpan } from '../../domain/objective/traffic-spans.ts'
import { Instant } from '../../protocol/ids.ts'
import { TRAFFIC_SPAN_MS } from '../../protocol/traffic-span.ts'
import { replaceSums } from './objectives.ts'
import type { Session } from './store.ts'

/** Requests come from everywhere: their sums are filed under no region. */
const NO_REGION = ''

/** What is known of asking for an objective's traffic. */
const Traffic = z.object({
  /** Hash of the queries: what was counted of others says nothing. */
  definition: z.string(),
  /** Since when it cannot be asked. */
  problem: z.object({ since: Instant, reason: z.string() }).optional(),
})
export type Traffic = z.infer<typeof Traffic>

/** Undefined where it was never asked for. */
export async function findTraffic(
  { db }: Session,
  objectiveId: string,
): Promise<{ dueAt: number; state: Traffic } | undefined> {
  const row = await db
    .selectFrom('objective_traffic')
    .selectAll()
    .where('objective_id', '=', objectiveId)
    .executeTakeFirst()
  return row && { dueAt: row.due_at, state: Traffic.parse(JSON.parse(row.body)) }
}

/** Moves when it is asked for next; false when somebody else did so in the meantime, and asks. */
export async function claimTraffic(
  { db }: Session,
  {
    objectiveId,
    dueAt,
    nextAt,
  }: { objectiveId: string; dueAt: number | undefined; nextAt: number },
): Promise<boolean> {
  if (dueAt === undefined) {
    const body = JSON.stringify({ definition: '' } satisfies Traffic)
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('objective_traffic')
      .values({ objective_id: objectiveId, due_at: nextAt, body })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return Number(numInsertedOrUpdatedRows ?? 0) > 0
  }
  const { numUpdatedRows } = await db
    .updateTable('objective_traffic')
    .set({ due_at: nextAt })
    .where('objective_id', '=', objectiveId)
    .where('due_at', '=', dueAt)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows) > 0
}

export async function saveTraffic(
  { db }: Session,
  objectiveId: string,
  state: Traffic,
): Promise<void> {
  await db
    .updateTable('objective_traffic')
    .set({ body: JSON.stringify(state) })
    .where('objective_id', '=', objectiveId)
    .execute()
}

/** What was counted from an instant to before another, oldest first. */
export async function trafficBetween(
  { db }: Session,
  objectiveId: string,
  { from, until }: { from: number; until: number },
): Promise<TrafficSpan[]> {
  const rows = await db
    .selectFrom('objective_sums')
    .select(['bucket_at', 'good', 'bad', 'unknown'])
    .where('objective_id', '=', objectiveId)
    .where('bucket_at', '>=', from)
    .where('bucket_at', '<', until)
    .orderBy('bucket_at')
    .execute()
  return rows.map(({ bucket_at, ...tally }) => ({ ...tally, bucketAt: bucket_at }))
}

/** Whether anything was counted before an instant. */
export async function hasTrafficBefore(
  { db }: Session,
  objectiveId: string,
  before: number,
): Promise<boolean> {
  const row = await db
    .selectFrom('objective_sums')
    .select('bucket_at')
    .where('objective_id', '=', objectiveId)
    .where('bucket_at', '<', before)
    .where('unknown', '=', 0)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Puts spans in the place of those of the same time, so that none counts twice. */
export const replaceTraffic = (
  tx: Session,
  objectiveId: string,
  { from, until }: { from: number; until: number },
  spans: readonly TrafficSpan[],
): Promise<void> =>
  replaceSums(
    tx,
    objectiveId,
    { since: from, until },
    spans.map((span) => ({ ...span, regionId: NO_REGION })),
  )

/** How many spans lie between two instants. */
export const spansBetween = (from: number, until: number): number =>
  Math.max(0, Math.round((until - from) / TRAFFIC_SPAN_MS))
