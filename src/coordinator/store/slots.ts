import { sql } from 'kysely'
import type { EndedSlots } from '../../domain/incident/matrix.ts'
import type { SlotSummary } from '../../protocol/public-api.ts'
import { SlotEnd } from '../../protocol/run.ts'
import { bySlot } from './slot-order.ts'
import type { Session } from './store.ts'

/** Rows that one statement inserts; PostgreSQL takes at most 65,535 parameters. */
const INSERT_ROWS_MAX = 2_000

/** Rows that one pass marks, so that a long outage does not hold the database for long. */
const MISSED_PER_PASS_MAX = 5_000

export type ExpectedSlot = { checkId: string; regionId: string; slotAt: number; dueBy: number }

/** Writes down slots that are due. One whose run is already there stays as it is. */
export async function expectSlots({ db }: Session, expected: ExpectedSlot[]): Promise<void> {
  const inOrder = expected.toSorted(bySlot)
  for (let start = 0; start < inOrder.length; start += INSERT_ROWS_MAX) {
    await db
      .insertInto('slots')
      .values(
        inOrder.slice(start, start + INSERT_ROWS_MAX).map((slot) => ({
          check_id: slot.checkId,
          region_id: slot.regionId,
          slot_at: slot.slotAt,
          due_by: slot.dueBy,
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

export type EndedSlot = { checkId: string; regionId: string; slot: SlotSummary }

/**
 * Ends each awaited slot whose time is over as `missed`, and says which they were. Not for use in a
 * transaction: it goes by time, not by slot, and must never hold more than one row.
 */
export async function endMissedSlots({ db }: Session, now: number): Promise<EndedSlot[]> {
  const overdue = await db
    .selectFrom('slots')
    .select(['check_id', 'region_id', 'slot_at'])
    .where('end_kind', 'is', null)
    .where('due_by', '<', now)
    .orderBy('due_by')
    .limit(MISSED_PER_PASS_MAX)
    .execute()
  for (const slot of overdue) {
    await db
      .updateTable('slots')
      .set({ end_kind: 'missed' })
      .where('check_id', '=', slot.check_id)
      .where('region_id', '=', slot.region_id)
      .where('slot_at', '=', slot.slot_at)
      // Its run may have come in meanwhile.
      .where('end_kind', 'is', null)
      .execute()
  }
  return overdue.map((slot) => ({
    checkId: slot.check_id,
    regionId: slot.region_id,
    slot: { slotAt: slot.slot_at, end: 'missed' },
  }))
}

/** The newest slots of each check and region since an instant, oldest first. */
export async function recentSlots(
  { db }: Session,
  { checkIds, perRegion, since }: { checkIds: string[]; perRegion: number; since: number },
): Promise<Map<string, SlotSummary[]>> {
  const byCell = new Map<string, SlotSummary[]>()
  if (checkIds.length === 0) return byCell
  const numbered = db
    .selectFrom('slots')
    .select([
      'check_id',
      'region_id',
      'slot_at',
      'end_kind',
      'run_id',
      'duration_ms',
      'error_type',
      'message',
    ])
    .select(
      sql<number>`row_number() over (partition by check_id, region_id order by slot_at desc)`.as(
        'place',
      ),
    )
    .where('check_id', 'in', checkIds)
    .where('slot_at', '>=', since)
    .as('numbered')
  const rows = await db
    .selectFrom(numbered)
    .selectAll()
    .where('place', '<=', perRegion)
    .orderBy('slot_at')
    .execute()
  for (const row of rows) {
    const cell = slotCell(row.check_id, row.region_id)
    const slots = byCell.get(cell) ?? []
    slots.push(toSlotSummary(row))
    byCell.set(cell, slots)
  }
  return byCell
}

/** Key of a check × region in the map of {@link recentSlots}. */
export const slotCell = (checkId: string, regionId: string) => `${checkId}\n${regionId}`

type SlotRow = {
  slot_at: number
  end_kind: string | null
  run_id: string | null
  duration_ms: number | null
  error_type: string | null
  message: string | null
}

function toSlotSummary(row: SlotRow): SlotSummary {
  return {
    slotAt: row.slot_at,
    ...(row.end_kind !== null && { end: SlotEnd.parse(row.end_kind) }),
    ...(row.run_id !== null && { runId: row.run_id }),
    ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
    ...(row.error_type !== null && { errorType: row.error_type as SlotSummary['errorType'] }),
    ...(row.message !== null && { message: row.message }),
  } as SlotSummary
}

/** How many slots since an instant ended in which way; those awaited are not counted. */
export async function countSlotEnds(
  { db }: Session,
  since: number,
): Promise<Record<SlotEnd, number>> {
  const rows = await db
    .selectFrom('slots')
    .select(['end_kind', (e) => e.fn.countAll<number | string>().as('count')])
    .where('slot_at', '>=', since)
    .where('end_kind', 'is not', null)
    .groupBy('end_kind')
    .execute()
  const counts = Object.fromEntries(SlotEnd.options.map((end) => [end, 0])) as Record<
    SlotEnd,
    number
  >
  for (const row of rows) counts[SlotEnd.parse(row.end_kind)] = Number(row.count)
  return counts
}

/** How slots ended, counted by check, region and stretch of time from an instant on. */
export async function endsByBucket(
  { db }: Session,
  {
    checkIds,
    since,
    bucketMs,
    buckets,
  }: { checkIds: readonly string[]; since: number; bucketMs: number; buckets: number },
): Promise<EndedSlots[]> {
  if (checkIds.length === 0) return []
  // As literals: a bound number may be taken for one with a fraction, which would not be divided whole.
  const bucket = sql<number>`(slot_at - ${sql.lit(since)}) / ${sql.lit(bucketMs)}`
  const rows = await db
    .selectFrom('slots')
    .select(['check_id', 'region_id', 'end_kind', bucket.as('bucket')])
    .select((e) => e.fn.countAll<number | string>().as('slots'))
    .where('check_id', 'in', [...checkIds])
    .where('slot_at', '>=', since)
    .where('slot_at', '<', since + buckets * bucketMs)
    .where('end_kind', 'is not', null)
    .groupBy(['check_id', 'region_id', 'end_kind', bucket])
    .execute()
  return rows.map((row) => ({
    checkId: row.check_id,
    regionId: row.region_id,
    bucket: Number(row.bucket),
    end: SlotEnd.parse(row.end_kind),
    slots: Number(row.slots),
  }))
}
