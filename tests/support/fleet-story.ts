import { getIncident, listIncidents } from '../../src/protocol/public-api.ts'
import { type Database, freshDatabase } from './databases.ts'
import { type DemoFleet, startDemoFleet } from './demo-fleet.ts'
import { SELDOM_MS, until } from './until.ts'

/** What a newcomer is promised. */
export const EVERY_CHECK_WITHIN_MS = 60_000
export const INCIDENT_WITHIN_MS = 20_000

/** The open incident of the storefront, or of one of these services, once there is one. */
export async function openIncident(fleet: DemoFleet, of: readonly string[] = ['storefront']) {
  const { id } = await until(
    'an incident is open',
    async () =>
      (await fleet.get(listIncidents, {}, { state: 'open' })).data.find(({ serviceId }) =>
        of.includes(serviceId),
      ),
    { withinMs: INCIDENT_WITHIN_MS, everyMs: SELDOM_MS },
  )
  return fleet.get(getIncident, { incidentId: id })
}

/** A demo fleet whose coordinator works on the given kind of database. */
export async function startFleetOn(database: Database): Promise<DemoFleet> {
  const location = await freshDatabase(database)
  return startDemoFleet('postgresUrl' in location ? { DATABASE_URL: location.postgresUrl } : {})
}
