import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { lockConcerned } from '../../../src/coordinator/incident-desk.ts'
import { findIncident } from '../../../src/coordinator/store/incidents.ts'
import { lockService, openStore, type Session } from '../../../src/coordinator/store/store.ts'
import { declareIncident, INCIDENT_COMMANDS } from '../../../src/protocol/public-api.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

/** SQLite has one writer: nobody waits for anybody there. */
const RACES = 60
const SERVICES = ['orders', 'storefront'] as const

async function start() {
  const database = await freshDatabase('postgres')
  const services = SERVICES.map((id) => ({ id, name: id, tier: 'core' as const, owner: undefined }))
  const coordinator = await startCoordinator({
    database,
    clock: movableClock(at('2026-03-13T12:00:00Z')),
    fleet: aFleet({ silentAfterMs: 86_400_000, services }),
  })
  const store = await openStore(database, createLogger('test', 'silent'))
  onTestFinished(() => store.close())
  return { coordinator, store }
}

async function declare(coordinator: TestCoordinator, serviceId: string): Promise<string> {
  const order = { by: 'reporter', serviceId, title: 'Nobody can pay', reason: 'They called.' }
  const { answer } = await coordinator.post(declareIncident, {}, { ...order, severity: 'SEV-3' })
  return answer.incident.id
}

const merge = (coordinator: TestCoordinator, incidentId: string, into: string) =>
  coordinator.post(
    INCIDENT_COMMANDS.merge,
    { incidentId },
    { by: 'reporter', into, reason: 'one cause' },
  )

test('services whose incidents were merged into each other are held without anybody giving way', async () => {
  const { coordinator, store } = await start()
  // One of the orders belongs to the storefront, and one of the storefront to the orders.
  for (const [own, other] of [SERVICES, SERVICES.toReversed()] as [string, string][])
    await merge(coordinator, await declare(coordinator, own), await declare(coordinator, other))
  const more = await Promise.all(
    SERVICES.map(async (serviceId) => [
      await declare(coordinator, serviceId),
      await declare(coordinator, serviceId),
    ]),
  )
  let attempts = 0
  const hold = (serviceId: string) =>
    store.transaction(async (tx) => {
      attempts += 1
      await lockConcerned(tx, [serviceId])
      // As whoever then saves what was found for it.
      for (const id of SERVICES) await lockService(tx, id)
    })
  const [[order, otherOrder] = [], [front, otherFront] = []] = more
  const merges = await Promise.all([
    ...Array.from({ length: RACES }, (_, index) => hold(SERVICES[index % 2] ?? 'orders')),
    merge(coordinator, order ?? '', front ?? ''),
    merge(coordinator, otherFront ?? '', otherOrder ?? ''),
  ])
  expect(merges.slice(RACES).map((answer) => answer?.status)).toEqual([200, 200])
  // Whoever gave way would have begun again.
  expect(attempts).toBe(RACES)
})

test('who waited while somebody merged begins again, and then holds both', async () => {
  const { coordinator, store } = await start()
  const [order, front] = [
    await declare(coordinator, 'orders'),
    await declare(coordinator, 'storefront'),
  ]
  const { promise: isHeld, resolve: tellHeld } = Promise.withResolvers<void>()
  const { promise: isWaiting, resolve: tellWaiting } = Promise.withResolvers<void>()
  const merging = store.transaction(async (tx) => {
    for (const id of SERVICES) await lockService(tx, id)
    tellHeld()
    await isWaiting
    const incident = await findIncident(tx, order)
    if (!incident) throw new Error('it was declared')
    const body = JSON.stringify({ ...incident, state: 'merged', mergedInto: front })
    const row = tx.db.updateTable('incidents').set({ state: 'merged', body })
    await row.where('incident_id', '=', order).execute()
  })
  await isHeld
  let attempts = 0
  const holding = store.transaction(async (tx) => {
    attempts += 1
    const locked = lockConcerned(tx, ['orders'])
    // What it has read by then was read before the merge.
    if (attempts === 1) await untilItWaits(store)
    tellWaiting()
    await locked
    await expect(
      store.transaction((other) =>
        other.db
          .selectFrom('service_locks')
          .selectAll()
          .where('service_id', '=', 'storefront')
          .forUpdate()
          .noWait()
          .execute(),
      ),
    ).rejects.toThrow('could not obtain lock')
  })
  await Promise.all([merging, holding])
  expect(attempts).toBe(2)
})

/** Until somebody waits for a lock. */
async function untilItWaits(session: Session): Promise<void> {
  await until('somebody waits', async () => {
    const { rows } = await sql<{ pid: number }>`
      select pid from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(session.db)
    return rows.length > 0
  })
}
