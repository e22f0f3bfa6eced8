import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { restoreVerified } from '../incident-desk.ts'
import { servicesToVerify } from '../store/incidents.ts'

/** Ends the verification of incidents that stayed clean for their whole time. */
export const verifyIncidents = defineLoop<CoordinatorParts>({
  name: 'verify-incidents',
  everyMs: 1_000,
  deadlineMs: 10_000,
  async run(parts) {
    const { store, clock, feed, wake } = parts
    for (const serviceId of await servicesToVerify(store, clock.now())) {
      const restored = await store.transaction((tx) => restoreVerified(tx, parts, serviceId))
      feed.publish(restored.map((incidentId) => ({ type: 'incident', incidentId })))
      if (restored.length > 0) wake.deliver()
    }
  },
})
