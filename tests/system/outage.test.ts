import { expect, test } from 'vitest'
import {
  getArtifact,
  getIncident,
  getRun,
  listIncidents,
  listRuns,
  urlFor,
} from '../../src/protocol/public-api.ts'
import { DATABASES, type Database, freshDatabase } from '../support/databases.ts'
import { type DemoFleet, startDemoFleet, untilEveryCheckHasRun } from '../support/demo-fleet.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { takePicture } from '../support/take-picture.ts'
import { SELDOM_MS, until } from '../support/until.ts'

/** What a newcomer is promised. */
const EVERY_CHECK_WITHIN_MS = 60_000
const INCIDENT_WITHIN_MS = 20_000
/** A whole story, from the start of the fleet to its end; what is promised within it has limits of its own. */
const STORY_MS = 240_000

async function openIncident(fleet: DemoFleet, withinMs = INCIDENT_WITHIN_MS) {
  const { id } = await until(
    'an incident is open',
    async () =>
      (await fleet.get(listIncidents, {}, { state: 'open' })).data.find(
        ({ serviceId }) => serviceId === 'storefront',
      ),
    { withinMs, everyMs: SELDOM_MS },
  )
  return fleet.get(getIncident, { incidentId: id })
}

/** A demo fleet whose coordinator works on the given kind of database. */
async function startFleetOn(database: Database): Promise<DemoFleet> {
  const location = await freshDatabase(database)
  return startDemoFleet('postgresUrl' in location ? { DATABASE_URL: location.postgresUrl } : {})
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47])

test.each(longOrShort<readonly Database[]>({ long: DATABASES, short: ['sqlite'] }))(
  'on %s, an outage opens an incident within 20 s with the evidence in it, and its recovery is on the timeline',
  async (database) => {
    const fleet = await startFleetOn(database)
    const before = await untilEveryCheckHasRun(fleet, EVERY_CHECK_WITHIN_MS)
    expect(before.incidents).toEqual([])

    await fleet.breakShop('orders-down')
    const { incident } = await openIncident(fleet)
    expect(incident).toMatchObject({ severity: 'SEV-1', scope: 'global', state: 'triage' })
    expect(incident.severityReason).not.toBe('')

    // The journey's finding joins within its own interval, when the plain request was first.
    const evidence = await until(
      'the failing step is in the evidence',
      async () => {
        const { incident: now } = await fleet.get(getIncident, { incidentId: incident.id })
        return now.findings
          .find((finding) => finding.checkId === 'checkout-stop')
          ?.evidence.find((item) => item.screenshot !== undefined)
      },
      { withinMs: INCIDENT_WITHIN_MS, everyMs: SELDOM_MS },
    )
    expect(evidence).toMatchObject({
      step: 'go to checkout',
      message: expect.stringContaining('502'),
    })
    const picture = await until(
      'the screenshot has arrived',
      async () => {
        const path = urlFor(getArtifact, { runId: evidence.runId, name: evidence.screenshot ?? '' })
        const response = await fetch(fleet.dashboard + path)
        return response.ok && Buffer.from(await response.arrayBuffer())
      },
      { withinMs: 10_000, everyMs: SELDOM_MS },
    )
    expect(picture.subarray(0, 4)).toEqual(PNG)
    const { run } = await fleet.get(getRun, { runId: evidence.runId })
    expect(run.steps.at(-1)).toMatchObject({ name: 'go to checkout', status: 'failed' })

    await takePicture(`${fleet.dashboard}/`, 'now-outage', incident.title)
    await takePicture(`${fleet.dashboard}/incidents/${incident.id}`, 'incident', 'go to checkout')

    await fleet.fix()
    await until(
      'the incident says that it has recovered',
      async () => {
        const { events } = await fleet.get(getIncident, { incidentId: incident.id })
        return events.at(-1)?.type === 'recovered'
      },
      { withinMs: 60_000, everyMs: SELDOM_MS },
    )
    await fleet.interrupt()
  },
  STORY_MS,
)

test.each(longOrShort<readonly Database[]>({ long: DATABASES, short: ['postgres'] }))(
  'on %s, a region that is cut off is a regional incident, not a global one',
  async (database) => {
    const fleet = await startFleetOn(database)
    await untilEveryCheckHasRun(fleet, EVERY_CHECK_WITHIN_MS)

    await fleet.breakShop('region-cut', 'eu-west')
    const { incident: opened } = await openIncident(fleet)
    // A check of lesser importance may fail first; a core one follows and raises the severity.
    const incident = await until(
      'a core check is among the findings',
      async () => {
        const { incident: now } = await fleet.get(getIncident, { incidentId: opened.id })
        return now.findings.some((finding) => finding.tier === 'core') && now
      },
      { withinMs: INCIDENT_WITHIN_MS, everyMs: SELDOM_MS },
    )
    expect(incident.scope).toBe('regional')
    expect(incident.severity).toBe('SEV-2')
    expect(new Set(incident.findings.flatMap((finding) => finding.regions))).toEqual(
      new Set(['eu-west']),
    )

    // Long enough for every check to have looked from everywhere since.
    await until(
      'the journeys failed there too',
      async () => {
        const { incident: now } = await fleet.get(getIncident, { incidentId: incident.id })
        return now.findings.some((finding) => finding.checkId === 'homepage')
      },
      { withinMs: 60_000, everyMs: SELDOM_MS },
    )
    const { incident: later } = await fleet.get(getIncident, { incidentId: incident.id })
    expect(later).toMatchObject({ scope: 'regional', severity: 'SEV-2' })
    expect((await fleet.get(listIncidents, {}, { state: 'open' })).data).toHaveLength(1)
    await fleet.interrupt()
  },
  STORY_MS,
)

test('probes without a browser report faults of their own and blame nobody', async () => {
  const fleet = await startDemoFleet({ FIREWATCH_CHROMIUM: '/nowhere/chromium' })
  await untilEveryCheckHasRun(fleet, EVERY_CHECK_WITHIN_MS)

  const { data: faults } = await fleet.get(
    listRuns,
    {},
    { verdict: 'probe_fault', check: 'homepage' },
  )
  expect(faults[0]).toMatchObject({
    error: {
      type: 'probe.browser_missing',
      message: expect.stringContaining('FIREWATCH_CHROMIUM'),
    },
  })
  await until(
    'each journey was tried three times in each region',
    async () => {
      const { data } = await fleet.get(
        listRuns,
        {},
        { verdict: 'probe_fault', check: 'homepage', limit: '200' },
      )
      return ['eu-west', 'us-east', 'ap-south'].every(
        (region) => data.filter(({ regionId }) => regionId === region).length >= 3,
      )
    },
    { withinMs: 60_000, everyMs: SELDOM_MS },
  )
  expect((await fleet.get(listRuns, {}, { verdict: 'failed' })).data).toEqual([])
  expect((await fleet.get(listIncidents)).data).toEqual([])
  await fleet.interrupt()
})
