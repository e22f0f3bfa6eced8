import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { announce } from '../incident-desk.ts'
import { takeSignals } from '../signal-desk.ts'
import { type Delivery, oldestDeliveries, takeDelivery } from '../store/signals.ts'

const DELIVERIES_PER_PASS_MAX = 50

/** Looks into the deliveries that were taken, first come, first served; each in one transaction. */
export const readInbox = defineLoop<CoordinatorParts>({
  name: 'read-inbox',
  everyMs: 1_000,
  deadlineMs: 30_000,
  async run(parts, signal) {
    const { store, wake } = parts
    const deliveries = await oldestDeliveries(store, DELIVERIES_PER_PASS_MAX)
    for (const delivery of deliveries) {
      signal.throwIfAborted()
      const incidentIds = await read(parts, delivery)
      announce(parts, incidentIds)
    }
    if (deliveries.length === DELIVERIES_PER_PASS_MAX) wake.readInbox()
  },
})

function read(parts: CoordinatorParts, delivery: Delivery): Promise<string[]> {
  const { store, fleet } = parts
  return store.transaction(async (tx) => {
    if (!(await takeDelivery(tx, delivery))) return []
    const { sourceId, signals, receivedAt } = delivery
    // A source that was taken out of the file meanwhile had still said so while it was in it.
    const source = fleet.signalSources.find(({ id }) => id === sourceId) ?? { id: sourceId }
    return takeSignals(tx, parts, source, signals, receivedAt)
  })
}
