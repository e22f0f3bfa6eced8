import type { Incident } from '../../protocol/incident.ts'
import { WatchedCheck } from '../../protocol/verification.ts'
import { markAlertsDue } from './alerts.ts'
import type { Session } from './store.ts'

export type Watch = WatchedCheck & { incidentId: string; until: number }

/**
 * Brings the watches up to what an incident has become. The alerts of the checks are looked at again at
 * once, by the rule that holds now.
 */
export async function keepWatches(
  session: Session,
  before: Incident | undefined,
  { id, watch }: Pick<Incident, 'id' | 'watch'>,
): Promise<void> {
  if (before?.watch?.since === watch?.since) return
  const { db } = session
  await db.deleteFrom('watches').where('incident_id', '=', id).execute()
  const checks = watch?.checks ?? []
  if (watch && checks.length > 0)
    await db
      .insertInto('watches')
      .values(
        checks.map((check) => ({
          incident_id: id,
          check_id: check.checkId,
          until_at: watch.until,
          body: JSON.stringify(check),
        })),
      )
      .execute()
  const concerned = [...checks, ...(before?.watch?.checks ?? [])].map(({ checkId }) => checkId)
  await markAlertsDue(session, [...new Set(concerned)])
}

/** The watch over a check that goes on at `now`; of several the one that ends last. */
export async function watchOf(
  { db }: Session,
  checkId: string,
  now: number,
): Promise<Watch | undefined> {
  const row = await db
    .selectFrom('watches')
    .selectAll()
    .where('check_id', '=', checkId)
    .where('until_at', '>', now)
    .orderBy('until_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return (
    row && {
      ...WatchedCheck.parse(JSON.parse(row.body)),
      incidentId: row.incident_id,
      until: row.until_at,
    }
  )
}
