import { type RawBuilder, sql } from 'kysely'
import type { BucketRuns } from '../../domain/measurement/latency-columns.ts'
import type { Session } from './store.ts'

export type LatencyQuery = {
  checkId: string
  regionIds: string[]
  since: number
  /** Not included. */
  until: number
}

/**
 * The conclusive runs of a check in a stretch of time, by region; only regions that have one. Runs from
 * before what is needed was kept are left out.
 *
 * The database joins the numbers into one text for each region: a row for each run would take ten
 * times as long to carry over.
 */
export async function bucketRuns(
  { db, dialect }: Session,
  { checkId, regionIds, since, until }: LatencyQuery,
): Promise<BucketRuns[]> {
  const joined = (column: 'duration_ms' | 'phases'): RawBuilder<string | null> => {
    const published = sql`case when is_flagged = 0 then ${sql.ref(column)} end`
    return dialect === 'sqlite'
      ? sql`group_concat(${published})`
      : sql`string_agg((${published})::text, ',')`
  }
  const countOf = (condition: RawBuilder<unknown>) =>
    sql<number | string>`sum(case when ${condition} then 1 else 0 end)`
  const rows = await db
    .selectFrom('runs')
    .select(['region_id', (e) => e.fn.countAll<number | string>().as('runs')])
    .select([
      countOf(sql`verdict = 'failed'`).as('failed'),
      countOf(sql`is_flagged = 1`).as('flagged'),
      joined('duration_ms').as('durations'),
      joined('phases').as('phases'),
    ])
    .where('check_id', '=', checkId)
    .where('slot_at', '>=', since)
    .where('slot_at', '<', until)
    .where('region_id', 'in', regionIds)
    .where('verdict', '!=', 'probe_fault')
    .where('is_flagged', 'is not', null)
    .groupBy('region_id')
    .execute()
  return rows.map((row) => ({
    regionId: row.region_id,
    runs: Number(row.runs),
    failed: Number(row.failed),
    flagged: Number(row.flagged),
    durationsMs: JSON.parse(`[${row.durations ?? ''}]`) as number[],
    phases: JSON.parse(`[${row.phases ?? ''}]`) as BucketRuns['phases'],
  }))
}

/** Most runs of one stretch that are read for what is usual. */
const DURATIONS_MAX = 10_000

/** How long runs took that did not fail and whose times are the target's, in no order. */
export async function servedDurations(
  { db }: Session,
  checkId: string,
  { since, until }: { since: number; until: number },
): Promise<number[]> {
  const rows = await db
    .selectFrom('runs')
    .select('duration_ms')
    .where('check_id', '=', checkId)
    .where('slot_at', '>=', since)
    .where('slot_at', '<', until)
    .where('verdict', 'in', ['passed', 'degraded'])
    .where('is_flagged', '=', 0)
    .limit(DURATIONS_MAX)
    .execute()
  return rows.map((row) => row.duration_ms)
}
