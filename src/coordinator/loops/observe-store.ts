import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { countOpenIncidents } from '../store/incidents.ts'
import { countPendingDeliveries } from '../store/outbox.ts'

/** Counts what lies in the store, for the gauges; a scrape must not query the database itself. */
export const observeStore = defineLoop<CoordinatorParts>({
  name: 'observe-store',
  everyMs: 5_000,
  deadlineMs: 5_000,
  async run({ store, metrics }) {
    metrics.setStoreGauges({
      openIncidents: await countOpenIncidents(store),
      pendingDeliveries: await countPendingDeliveries(store),
    })
  },
})
