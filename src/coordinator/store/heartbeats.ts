import { z } from 'zod'
import { type HeartbeatState, newHeartbeat } from '../../domain/heartbeat/heartbeat-state.ts'
import type { CheckOf } from '../../protocol/check.ts'
import { Instant } from '../../protocol/ids.ts'
import type { Session } from './store.ts'

const StoredState = z.object({
  knownSince: Instant,
  lastEndAt: Instant.optional(),
  lastStartAt: Instant.optional(),
  starts: z.array(z.object({ run: z.string().optional(), at: Instant, isTold: z.boolean() })),
  recentCalls: z.array(z.object({ call: z.string(), at: Instant })),
  excusedUntil: Instant.optional(),
  lateToldAt: Instant.optional(),
}) satisfies z.ZodType<HeartbeatState>

/**
 * A row for each heartbeat, so that it can be locked. One whose schedule changed is watched from now
 * on; all are looked at soon, since their definitions may say something else than before.
 */
export async function ensureHeartbeats(
  session: Session,
  checks: CheckOf<'heartbeat'>[],
  now: number,
): Promise<void> {
  for (const check of checks) {
    const schedule = JSON.stringify(check.schedule)
    const row = await session.db
      .selectFrom('heartbeats')
      .select('schedule')
      .where('check_id', '=', check.id)
      .executeTakeFirst()
    if (!row) {
      await session.db
        .insertInto('heartbeats')
        .values({
          check_id: check.id,
          schedule,
          body: JSON.stringify(newHeartbeat(now)),
          look_at: now,
        })
        // Another coordinator may start at the same moment.
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      continue
    }
    const state = await lockHeartbeat(session, check.id)
    if (!state) continue
    const isMoved = row.schedule !== schedule
    const { lateToldAt: _, ...rest } = state
    const next = isMoved ? { ...rest, knownSince: now } : state
    await session.db
      .updateTable('heartbeats')
      .set({ schedule, body: JSON.stringify(next), look_at: now })
      .where('check_id', '=', check.id)
      .execute()
  }
}

/** What a job said so far, held until the transaction ends; undefined when it is not watched. */
export async function lockHeartbeat(
  { db, dialect }: Session,
  checkId: string,
): Promise<HeartbeatState | undefined> {
  let select = db.selectFrom('heartbeats').select('body').where('check_id', '=', checkId)
  if (dialect === 'postgres') select = select.forUpdate()
  const row = await select.executeTakeFirst()
  return row && StoredState.parse(JSON.parse(row.body))
}

export async function saveHeartbeatState(
  { db }: Session,
  checkId: string,
  state: HeartbeatState,
  lookAt: number | undefined,
): Promise<void> {
  await db
    .updateTable('heartbeats')
    .set({ body: JSON.stringify(state), look_at: lookAt ?? null })
    .where('check_id', '=', checkId)
    .execute()
}

/** Jobs that time alone may have made late. */
export async function heartbeatsToLookAt({ db }: Session, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('heartbeats')
    .select('check_id')
    .where('look_at', '<=', now)
    .orderBy('look_at')
    .execute()
  return rows.map((row) => row.check_id)
}

export async function removeHeartbeat({ db }: Session, checkId: string): Promise<void> {
  await db.deleteFrom('heartbeats').where('check_id', '=', checkId).execute()
}
