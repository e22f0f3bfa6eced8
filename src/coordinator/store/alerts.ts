import { AlertStatus } from '../../protocol/public-api.ts'
import type { Session } from './store.ts'

/** What an alert is before its check was ever evaluated. */
export function quietAlert(now: number, regions: string[]): AlertStatus {
  return {
    state: 'quiet',
    since: now,
    scope: 'unknown',
    reason: 'no run has come in yet',
    failing: [],
    healthy: [],
    unknown: regions,
  }
}

export async function findAlerts({ db }: Session): Promise<Map<string, AlertStatus>> {
  const rows = await db.selectFrom('alerts').select(['check_id', 'body']).execute()
  return new Map(rows.map((row) => [row.check_id, AlertStatus.parse(JSON.parse(row.body))]))
}

/** Those of some checks that fire. */
export async function firingAlerts(
  { db }: Session,
  checkIds: readonly string[],
): Promise<Map<string, AlertStatus>> {
  if (checkIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('alerts')
    .select(['check_id', 'body'])
    .where('state', '=', 'firing')
    .where('check_id', 'in', checkIds)
    .execute()
  return new Map(rows.map((row) => [row.check_id, AlertStatus.parse(JSON.parse(row.body))]))
}

/** Whether any alert is not quiet. */
export async function hasTrouble({ db }: Session): Promise<boolean> {
  const row = await db
    .selectFrom('alerts')
    .select('check_id')
    .where('state', '!=', 'quiet')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The alert of a check, held until the transaction ends. */
export async function lockAlert(
  { db, dialect }: Session,
  checkId: string,
): Promise<AlertStatus | undefined> {
  let select = db.selectFrom('alerts').select('body').where('check_id', '=', checkId)
  if (dialect === 'postgres') select = select.forUpdate()
  const row = await select.executeTakeFirst()
  return row && AlertStatus.parse(JSON.parse(row.body))
}

export async function saveAlert(
  { db }: Session,
  checkId: string,
  alert: AlertStatus,
  evaluateAt: number | undefined,
): Promise<void> {
  const row = {
    state: alert.state,
    body: JSON.stringify(alert),
    is_due: 0,
    evaluate_at: evaluateAt ?? null,
  }
  await db
    .insertInto('alerts')
    .values({ check_id: checkId, ...row })
    .onConflict((conflict) => conflict.column('check_id').doUpdateSet(row))
    .execute()
}

/** Marks alerts for evaluation: a run of their check came in. */
export async function markAlertsDue({ db }: Session, checkIds: string[]): Promise<void> {
  if (checkIds.length === 0) return
  await db.updateTable('alerts').set({ is_due: 1 }).where('check_id', 'in', checkIds).execute()
}

/** Checks whose alert must be looked at: a run came in, or a vote went stale. */
export async function dueAlerts({ db }: Session, now: number, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('alerts')
    .select('check_id')
    .where((e) => e.or([e('is_due', '=', 1), e('evaluate_at', '<=', now)]))
    .limit(limit)
    .execute()
  return rows.map((row) => row.check_id)
}

/** An alert row for each check that has none, so that it can be marked and locked. */
export async function ensureAlerts(
  { db }: Session,
  checks: { id: string; regions: string[] }[],
  now: number,
): Promise<void> {
  for (const check of checks)
    await db
      .insertInto('alerts')
      .values({
        check_id: check.id,
        state: 'quiet',
        body: JSON.stringify(quietAlert(now, check.regions)),
        is_due: 1,
        evaluate_at: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

export async function removeAlert({ db }: Session, checkId: string): Promise<void> {
  await db.deleteFrom('alerts').where('check_id', '=', checkId).execute()
}
