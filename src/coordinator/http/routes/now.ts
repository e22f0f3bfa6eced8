import { openMaintenance } from '../../../domain/suppression/open-maintenance.ts'
import { getNow } from '../../../protocol/public-api.ts'
import { overviewsOf } from '../../check-overview.ts'
import { summarizeIncident } from '../../incident-summary.ts'
import { regionStatuses } from '../../region-status.ts'
import { listIncidents } from '../../store/incidents.ts'
import { newestRunAt } from '../../store/runs.ts'
import { silencesAt } from '../../store/silences.ts'
import { countSlotEnds } from '../../store/slots.ts'
import { defineRoute } from '../define-route.ts'

const HOUR_MS = 3_600_000

/** More open incidents than anybody reads at once. */
const INCIDENTS_MAX = 100

export const getNowRoute = defineRoute(getNow, async (_, parts) => {
  const { store, fleet, clock } = parts
  const now = clock.now()
  const overviews = await overviewsOf(parts, fleet.checks)
  const newest = await newestRunAt(store)
  const open = await listIncidents(store, { state: 'open', limit: INCIDENTS_MAX })
  return {
    now,
    ...(newest !== undefined && { newestRunAt: newest }),
    incidents: open.map(summarizeIncident),
    services: fleet.services
      .map((service) => ({
        serviceId: service.id,
        name: service.name,
        checks: overviews.filter((check) => check.serviceId === service.id),
      }))
      .filter((service) => service.checks.length > 0),
    regions: await regionStatuses(parts),
    silences: await silencesAt(store, now),
    maintenance: openMaintenance(fleet.maintenance ?? [], now),
    slotsLastHour: await countSlotEnds(store, now - HOUR_MS),
  }
})
