import { z } from 'zod'
import { CheckId, IncidentId, Instant, RegionId } from '../../protocol/ids.ts'
import { Run } from '../../protocol/run.ts'
import { SweptQuery } from '../../protocol/sweep.ts'
import type { Session } from './store.ts'

/** A sweep under way: what was asked, and what has answered. */
export const Sweep = z.object({
  id: z.string(),
  incidentId: IncidentId,
  by: z.string(),
  begunAt: Instant,
  queryIds: z.array(z.string()),
  answered: z.array(SweptQuery),
  checks: z.array(
    z.object({
      checkId: CheckId,
      name: z.string(),
      commandId: z.string(),
      deadlineMs: z.number(),
      asked: z.array(RegionId),
      unreachable: z.array(RegionId),
    }),
  ),
  left: z.number(),
})
export type Sweep = z.infer<typeof Sweep>

/** Sweeps that are looked after at once; of further ones the answers come later. */
const OPEN_MAX = 20

export async function addSweep({ db }: Session, sweep: Sweep): Promise<void> {
  await db
    .insertInto('sweeps')
    .values({
      sweep_id: sweep.id,
      incident_id: sweep.incidentId,
      ended_at: null,
      body: JSON.stringify(sweep),
    })
    .execute()
}

/** Those that await answers; of one incident, or the oldest of all. */
export async function openSweeps({ db }: Session, incidentId?: string): Promise<Sweep[]> {
  let select = db.selectFrom('sweeps').select('body').where('ended_at', 'is', null)
  if (incidentId !== undefined) select = select.where('incident_id', '=', incidentId)
  const rows = await select.limit(OPEN_MAX).execute()
  return rows.map(({ body }) => Sweep.parse(JSON.parse(body)))
}

export async function saveSweep({ db }: Session, sweep: Sweep): Promise<void> {
  await db
    .updateTable('sweeps')
    .set({ body: JSON.stringify(sweep) })
    .where('sweep_id', '=', sweep.id)
    .where('ended_at', 'is', null)
    .execute()
}

/** False when somebody else has ended it already. */
export async function endSweep({ db }: Session, sweepId: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('sweeps')
    .set({ ended_at: now })
    .where('sweep_id', '=', sweepId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows) > 0
}

/** Probes' clocks differ by so much at most, or their runs are not believed. */
const SKEW_MS = 60_000

/** The runs that came of a command, with when they came. */
export async function runsOfCommand(
  { db }: Session,
  { checkId, commandId, since }: { checkId: string; commandId: string; since: number },
): Promise<(Run & { receivedAt: number })[]> {
  const rows = await db
    .selectFrom('runs')
    .select(['body', 'received_at'])
    .where('check_id', '=', checkId)
    .where('slot_at', '>=', since - SKEW_MS)
    .where('command_id', '=', commandId)
    .execute()
  return rows.map((row) => ({
    ...Run.parse(JSON.parse(row.body)),
    receivedAt: row.received_at,
  }))
}
