import type { Session } from './store.ts'

/** Ends of slots that say something about the target. */
const CONCLUSIVE = ['passed', 'degraded', 'failed']

/** The days since an instant on which each check was measured. */
export async function measuredDays(
  { db }: Session,
  checkIds: readonly string[],
  since: number,
): Promise<Map<string, Set<number>>> {
  const days = new Map<string, Set<number>>()
  if (checkIds.length === 0) return days
  const rows = await db
    .selectFrom('measured_days')
    .selectAll()
    .where('check_id', 'in', [...checkIds])
    .where('day_at', '>=', since)
    .execute()
  for (const row of rows)
    days.set(row.check_id, (days.get(row.check_id) ?? new Set()).add(row.day_at))
  return days
}

/** True when any slot of the check within the time ended with a verdict about its target. */
export async function wasMeasured(
  { db }: Session,
  {
    checkId,
    regionIds,
    from,
    until,
  }: { checkId: string; regionIds: readonly string[]; from: number; until: number },
): Promise<boolean> {
  // With the regions the primary key leads to the rows at once.
  const row = await db
    .selectFrom('slots')
    .select('check_id')
    .where('check_id', '=', checkId)
    .where('region_id', 'in', [...regionIds])
    .where('slot_at', '>=', from)
    .where('slot_at', '<', until)
    .where('end_kind', 'in', CONCLUSIVE)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export async function noteMeasuredDay(
  { db }: Session,
  checkId: string,
  dayAt: number,
): Promise<void> {
  await db
    .insertInto('measured_days')
    .values({ check_id: checkId, day_at: dayAt })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function forgetMeasuredDays({ db }: Session, before: number): Promise<void> {
  await db.deleteFrom('measured_days').where('day_at', '<', before).execute()
}
