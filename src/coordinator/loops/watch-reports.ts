import { USER_REPORTS_SOURCE } from '../../protocol/signal.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { announce } from '../incident-desk.ts'
import { lookAtReports } from '../report-desk.ts'
import { firingSignals } from '../store/signals.ts'

/** Notices that people do not report something any more. */
export const watchReports = defineLoop<CoordinatorParts>({
  name: 'watch-reports',
  everyMs: 2_000,
  deadlineMs: 20_000,
  async run(parts, signal) {
    const { store } = parts
    for (const { serviceId } of await firingSignals(store, USER_REPORTS_SOURCE)) {
      signal.throwIfAborted()
      const incidentIds = await store.transaction((tx) => lookAtReports(tx, parts, serviceId))
      announce(parts, incidentIds)
    }
  },
})
