import { type RawBuilder, sql } from 'kysely'
import type { Objective, Tally } from '../../protocol/objective.ts'
import { ObjectiveStatus } from '../../protocol/objective.ts'
import { TRAFFIC_SPAN_MS } from '../../protocol/traffic-span.ts'
import type { Session } from './store.ts'

/** Slots of five minutes are summed up together, as requests are. */
export const SUM_BUCKET_MS = TRAFFIC_SPAN_MS

export type RegionTally = Tally & { regionId: string; bucketAt: number }

export type ObjectiveRow = {
  summedUntil: number
  receivedUntil: number
  status: ObjectiveStatus | undefined
}

/** What is known of an objective; undefined for one that is new, or that was defined otherwise. */
export async function findObjective(
  { db }: Session,
  objective: Objective,
): Promise<ObjectiveRow | undefined> {
  const row = await db
    .selectFrom('objectives')
    .selectAll()
    .where('objective_id', '=', objective.id)
    .executeTakeFirst()
  if (!row || row.definition !== definitionOf(objective)) return undefined
  return {
    summedUntil: row.summed_until,
    receivedUntil: row.received_until,
    status: row.body === null ? undefined : ObjectiveStatus.parse(JSON.parse(row.body)),
  }
}

/** Begins the sums of an objective anew. */
export async function beginObjective(
  { db }: Session,
  objective: Objective,
  row: Pick<ObjectiveRow, 'summedUntil' | 'receivedUntil'>,
): Promise<void> {
  for (const table of ['objective_sums', 'objective_traffic'] as const)
    await db.deleteFrom(table).where('objective_id', '=', objective.id).execute()
  const values = {
    definition: definitionOf(objective),
    summed_until: row.summedUntil,
    received_until: row.receivedUntil,
    body: null,
  }
  await db
    .insertInto('objectives')
    .values({ objective_id: objective.id, ...values })
    .onConflict((conflict) => conflict.column('objective_id').doUpdateSet(values))
    .execute()
}

export async function saveObjective(
  { db }: Session,
  objectiveId: string,
  row: ObjectiveRow,
): Promise<void> {
  await db
    .updateTable('objectives')
    .set({
      summed_until: row.summedUntil,
      received_until: row.receivedUntil,
      body: row.status === undefined ? null : JSON.stringify(row.status),
    })
    .where('objective_id', '=', objectiveId)
    .execute()
}

/** Forgets objectives that are no longer defined. */
export async function forgetObjectives({ db }: Session, defined: string[]): Promise<void> {
  for (const table of ['objectives', 'objective_sums', 'objective_traffic'] as const) {
    const gone = db.deleteFrom(table)
    await (defined.length === 0 ? gone : gone.where('objective_id', 'not in', defined)).execute()
  }
}

/** What is the same as long as its sums are of use. */
const definitionOf = ({ checks, latencyMs, periodMs, traffic }: Objective) =>
  JSON.stringify({ checks, latencyMs, periodMs, traffic })

/**
 * Counts an objective's slots from `since` to before `until`, by region and bucket.
 *
 * Good is a run that passed, within the time that the objective allows; one that failed or took
 * longer is bad. What was missed, could not be measured, or was too disturbed to time says nothing.
 * Slots that are awaited, and those that were skipped on purpose, do not count at all.
 */
export async function tallySlots(
  { db }: Session,
  { checks, latencyMs }: Pick<Objective, 'checks' | 'latencyMs'>,
  { since, until, bucketMs }: { since: number; until: number; bucketMs: number },
): Promise<RegionTally[]> {
  const served = sql`slots.end_kind in ('passed', 'degraded')`
  const isTimed = sql`coalesce(runs.is_flagged, 0) = 0`
  const good =
    latencyMs === undefined
      ? served
      : sql`${served} and ${isTimed} and slots.duration_ms <= ${latencyMs}`
  const bad =
    latencyMs === undefined
      ? sql`slots.end_kind = 'failed'`
      : sql`slots.end_kind = 'failed' or (${served} and ${isTimed} and slots.duration_ms > ${latencyMs})`
  const countOf = (condition: RawBuilder<unknown>) =>
    sql<number | string>`sum(case when ${condition} then 1 else 0 end)`
  // Literals, not parameters: PostgreSQL takes two equal parameters for two expressions to group by.
  const bucket = sql<number | string>`slots.slot_at - slots.slot_at % ${sql.lit(bucketMs)}`
  const rows = await db
    .selectFrom('slots')
    .leftJoin('runs', 'runs.run_id', 'slots.run_id')
    .select(['slots.region_id', bucket.as('bucket_at')])
    .select([countOf(good).as('good'), countOf(bad).as('bad'), countOf(sql`true`).as('slots')])
    .where('slots.check_id', 'in', checks)
    .where('slots.slot_at', '>=', since)
    .where('slots.slot_at', '<', until)
    .where('slots.end_kind', 'is not', null)
    .where('slots.end_kind', '!=', 'skipped')
    .groupBy(['slots.region_id', bucket])
    .execute()
  return rows.map((row) => ({
    regionId: row.region_id,
    bucketAt: Number(row.bucket_at),
    good: Number(row.good),
    bad: Number(row.bad),
    unknown: Number(row.slots) - Number(row.good) - Number(row.bad),
  }))
}

/** Puts sums in the place of those of the same buckets. */
export async function replaceSums(
  { db }: Session,
  objectiveId: string,
  { since, until }: { since: number; until: number },
  sums: readonly RegionTally[],
): Promise<void> {
  await db
    .deleteFrom('objective_sums')
    .where('objective_id', '=', objectiveId)
    .where('bucket_at', '>=', since)
    .where('bucket_at', '<', until)
    .execute()
  if (sums.length === 0) return
  await db
    .insertInto('objective_sums')
    .values(
      sums.map(({ regionId, bucketAt, good, bad, unknown }) => ({
        objective_id: objectiveId,
        region_id: regionId,
        bucket_at: bucketAt,
        good,
        bad,
        unknown,
      })),
    )
    .execute()
}

/** Sums of an objective since an instant, by region. */
export async function sumsSince(
  { db }: Session,
  objectiveId: string,
  since: number,
): Promise<(Tally & { regionId: string })[]> {
  const rows = await db
    .selectFrom('objective_sums')
    .select('region_id')
    .select((e) => [
      e.fn.sum<number | string>('good').as('good'),
      e.fn.sum<number | string>('bad').as('bad'),
      e.fn.sum<number | string>('unknown').as('unknown'),
    ])
    .where('objective_id', '=', objectiveId)
    .where('bucket_at', '>=', since)
    .groupBy('region_id')
    .execute()
  return rows.map((row) => ({
    regionId: row.region_id,
    good: Number(row.good),
    bad: Number(row.bad),
    unknown: Number(row.unknown),
  }))
}

/** Forgets sums that no window reaches any more. */
export async function forgetSums(
  { db }: Session,
  objectiveId: string,
  before: number,
): Promise<void> {
  await db
    .deleteFrom('objective_sums')
    .where('objective_id', '=', objectiveId)
    .where('bucket_at', '<', before)
    .execute()
}

/** Buckets that runs received after an instant have changed, of those that are summed already. */
export async function bucketsChangedLate(
  { db }: Session,
  { checks }: Pick<Objective, 'checks'>,
  range: { receivedAfter: number; slotsSince: number; slotsBefore: number; limit: number },
): Promise<number[]> {
  const bucket = sql<number | string>`slot_at - slot_at % ${sql.lit(SUM_BUCKET_MS)}`
  const rows = await db
    .selectFrom('runs')
    .select(bucket.as('bucket_at'))
    .distinct()
    .where('received_at', '>', range.receivedAfter)
    .where('check_id', 'in', checks)
    .where('slot_at', '>=', range.slotsSince)
    .where('slot_at', '<', range.slotsBefore)
    .limit(range.limit)
    .execute()
  return rows.map((row) => Number(row.bucket_at))
}
