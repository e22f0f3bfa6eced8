import { UserReport } from '../../protocol/signal.ts'
import type { Session } from './store.ts'

/** Stores a report; false when one with its id is there already. */
export async function addReport({ db }: Session, id: string, report: UserReport): Promise<boolean> {
  const added = await db
    .insertInto('user_reports')
    .values({
      report_id: id,
      service_id: report.serviceId,
      reported_at: report.at,
      body: JSON.stringify(report),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return Number(added.numInsertedOrUpdatedRows ?? 0) > 0
}

/** From `since` to `until`, both included. */
type Asked = { services: readonly string[]; since: number; until: number }

export async function countReports({ db }: Session, asked: Asked): Promise<number> {
  const row = await db
    .selectFrom('user_reports')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('service_id', 'in', asked.services)
    .where('reported_at', '>=', asked.since)
    .where('reported_at', '<=', asked.until)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** When the first of them was; undefined where there is none. */
export async function firstReportAt(
  { db }: Session,
  { services, since, until }: Asked,
): Promise<number | undefined> {
  const row = await db
    .selectFrom('user_reports')
    .select('reported_at')
    .where('service_id', 'in', services)
    .where('reported_at', '>=', since)
    .where('reported_at', '<=', until)
    .orderBy('reported_at')
    .limit(1)
    .executeTakeFirst()
  return row?.reported_at
}

/** The last reports, newest first. */
export async function latestReports(
  { db }: Session,
  { services, since, until, limit }: Asked & { limit: number },
): Promise<UserReport[]> {
  const rows = await db
    .selectFrom('user_reports')
    .select('body')
    .where('service_id', 'in', services)
    .where('reported_at', '>=', since)
    .where('reported_at', '<=', until)
    .orderBy('reported_at', 'desc')
    .orderBy('report_id')
    .limit(limit)
    .execute()
  return rows.map((row) => UserReport.parse(JSON.parse(row.body)))
}

/** Forgets what was reported before an instant, the oldest first, at most `limit` at once. */
export async function forgetReports(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  const old = db
    .selectFrom('user_reports')
    .select('report_id')
    .where('reported_at', '<', before)
    .orderBy('reported_at')
    .limit(limit)
  await db.deleteFrom('user_reports').where('report_id', 'in', old).execute()
}
