import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { announce, letTimePass } from '../incident-desk.ts'
import { incidentsToLead } from '../store/incidents.ts'

/** Incidents that one pass looks at; the others are still due at the next. */
const INCIDENTS_MAX = 100

/** Reminds of updates that are owed, and says when nobody does anything about an incident. */
export const leadIncidents = defineLoop<CoordinatorParts>({
  name: 'lead-incidents',
  everyMs: 1_000,
  deadlineMs: 10_000,
  async run(parts, signal) {
    const { store, clock } = parts
    for (const due of await incidentsToLead(store, clock.now(), INCIDENTS_MAX)) {
      signal.throwIfAborted()
      const changed = await store.transaction((tx) => letTimePass(tx, parts, due))
      if (changed !== undefined) announce(parts, [changed])
    }
  },
})
