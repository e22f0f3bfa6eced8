import { Heartbeat } from '../../protocol/probe-api.ts'
import type { Session } from './store.ts'

export type SeenProbe = {
  probeId: string
  regionId: string
  lastSeenAt: number
  heartbeat: Heartbeat
}

/** Keeps a probe's last heartbeat, with the time at which it was received. */
export async function saveHeartbeat(
  { db }: Session,
  heartbeat: Heartbeat,
  receivedAt: number,
): Promise<void> {
  const row = {
    region_id: heartbeat.regionId,
    last_seen_at: receivedAt,
    body: JSON.stringify(heartbeat),
  }
  await db
    .insertInto('probes')
    .values({ probe_id: heartbeat.probeId, ...row })
    .onConflict((conflict) => conflict.column('probe_id').doUpdateSet(row))
    .execute()
}

export async function listProbes({ db }: Session): Promise<SeenProbe[]> {
  const rows = await db
    .selectFrom('probes')
    .selectAll()
    .orderBy('region_id')
    .orderBy('probe_id')
    .execute()
  return rows.map((row) => ({
    probeId: row.probe_id,
    regionId: row.region_id,
    lastSeenAt: row.last_seen_at,
    heartbeat: Heartbeat.parse(JSON.parse(row.body)),
  }))
}

/** A sign of life from a region: judged by the time of receipt, never by the probe's clock. */
export async function hearRegion(
  { db }: Session,
  regionId: string,
  receivedAt: number,
): Promise<void> {
  await db
    .insertInto('regions')
    .values({ region_id: regionId, last_heard_at: receivedAt })
    .onConflict((conflict) =>
      conflict.column('region_id').doUpdateSet({ last_heard_at: receivedAt }),
    )
    .execute()
}

export async function regionsHeard({ db }: Session): Promise<Map<string, number>> {
  const rows = await db.selectFrom('regions').selectAll().execute()
  return new Map(rows.map((row) => [row.region_id, row.last_heard_at]))
}
