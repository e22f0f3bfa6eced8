import { z } from 'zod'
import { Instant } from '../../protocol/ids.ts'
import { StoredReading } from './queries.ts'
import type { Session } from './store.ts'

/** What is known of a service's throughput. */
const Throughput = z.object({
  /** Hash of the query: what was known of another question says nothing. */
  definition: z.string(),
  /** The last ones, oldest first. */
  readings: z.array(z.object({ at: Instant, reading: StoredReading })),
  /** Of the week before the hour that began at `hourAt`. */
  lastWeek: z.object({ hourAt: Instant, readings: z.array(StoredReading) }).optional(),
})
export type Throughput = z.infer<typeof Throughput>

/** Undefined of a service that was never asked. */
export async function findThroughput(
  { db }: Session,
  serviceId: string,
): Promise<{ dueAt: number; state: Throughput } | undefined> {
  const row = await db
    .selectFrom('throughputs')
    .selectAll()
    .where('service_id', '=', serviceId)
    .executeTakeFirst()
  return row && { dueAt: row.due_at, state: Throughput.parse(JSON.parse(row.body)) }
}

/** Moves when a service is asked next; false when somebody else did so in the meantime, and asks it. */
export async function claimThroughput(
  { db }: Session,
  { serviceId, dueAt, nextAt }: { serviceId: string; dueAt: number | undefined; nextAt: number },
): Promise<boolean> {
  if (dueAt === undefined) {
    const body = JSON.stringify({ definition: '', readings: [] } satisfies Throughput)
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('throughputs')
      .values({ service_id: serviceId, due_at: nextAt, body })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow()
    return Number(numInsertedOrUpdatedRows ?? 0) > 0
  }
  const { numUpdatedRows } = await db
    .updateTable('throughputs')
    .set({ due_at: nextAt })
    .where('service_id', '=', serviceId)
    .where('due_at', '=', dueAt)
    .executeTakeFirstOrThrow()
  return Number(numUpdatedRows) > 0
}

export async function saveThroughput(
  { db }: Session,
  serviceId: string,
  state: Throughput,
): Promise<void> {
  await db
    .updateTable('throughputs')
    .set({ body: JSON.stringify(state) })
    .where('service_id', '=', serviceId)
    .execute()
}
