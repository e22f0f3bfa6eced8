import { expect, test } from 'vitest'
import { getIncident, listIncidents } from '../../src/protocol/public-api.ts'
import { DATABASES, type Database } from '../support/databases.ts'
import { untilEveryCheckHasRun } from '../support/demo-fleet.ts'
import {
  EVERY_CHECK_WITHIN_MS,
  INCIDENT_WITHIN_MS,
  openIncident,
  startFleetOn,
} from '../support/fleet-story.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { SELDOM_MS, until } from '../support/until.ts'

/** Run so rarely that the story does not wait for them; there are journeys enough besides. */
const RARE = ['search', 'cart']

/** A whole story, from the start of the fleet to its end; what is promised within it has limits of its own. */
const STORY_MS = 240_000

test.each(longOrShort<readonly Database[]>({ long: DATABASES, short: ['postgres'] }))(
  'on %s, a region that is cut off is a regional incident, not a global one',
  async (database) => {
    const fleet = await startFleetOn(database)
    await untilEveryCheckHasRun(fleet, EVERY_CHECK_WITHIN_MS, { but: RARE })

    await fleet.breakShop('region-cut', 'eu-west')
    // Which is found first is chance: one of its checks, or the region, which then stands for them all.
    const { incident: opened } = await openIncident(fleet, ['storefront', 'fleet'])
    // A check of lesser importance may fail first; a core one follows and raises the severity.
    const incident = await until(
      'a core check has raised the severity',
      async () => {
        const { incident: now } = await fleet.get(getIncident, { incidentId: opened.id })
        return now.severity === 'SEV-2' && now
      },
      { withinMs: INCIDENT_WITHIN_MS, everyMs: SELDOM_MS },
    )
    expect(incident.scope).toBe('regional')
    expect(new Set(incident.findings.flatMap((finding) => finding.regions))).toEqual(
      new Set(['eu-west']),
    )

    // Once most checks fail there, one finding about the region tells of all that follow.
    await until(
      'the region itself is told to be in trouble',
      async () => {
        const { data } = await fleet.get(listIncidents, {}, { state: 'open', service: 'fleet' })
        const [summary] = data
        if (!summary) return false
        const { incident: trouble } = await fleet.get(getIncident, { incidentId: summary.id })
        return trouble.findings.some(
          ({ kind, subject }) => kind === 'region_failing' && subject === 'eu-west',
        )
      },
      { withinMs: 60_000, everyMs: SELDOM_MS },
    )
    const { incident: later } = await fleet.get(getIncident, { incidentId: incident.id })
    expect(later).toMatchObject({ scope: 'regional', severity: 'SEV-2' })
    const { data: open } = await fleet.get(listIncidents, {}, { state: 'open' })
    expect(new Set(open.map(({ serviceId }) => serviceId))).toEqual(
      new Set(['fleet', incident.serviceId]),
    )
    expect(open).toHaveLength(incident.serviceId === 'fleet' ? 1 : 2)
    await fleet.interrupt()
  },
  STORY_MS,
)
