import { expect, test } from 'vitest'
import {
  getArtifact,
  getIncident,
  getRun,
  listIncidents,
  urlFor,
} from '../../src/protocol/public-api.ts'
import type { RunErrorType } from '../../src/protocol/run.ts'
import { DATABASES, type Database } from '../support/databases.ts'
import { type DemoFleet, untilEveryCheckHasRun } from '../support/demo-fleet.ts'
import {
  EVERY_CHECK_WITHIN_MS,
  INCIDENT_WITHIN_MS,
  openIncident,
  startFleetOn,
} from '../support/fleet-story.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { takePicture } from '../support/take-picture.ts'
import { SELDOM_MS, until } from '../support/until.ts'

/** Both stories, from the start of the fleet to its end; what is promised within has limits of its own. */
const STORY_MS = 480_000

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47])

// One fleet for both: starting one, and its first look at everything, takes a minute.
test.each(longOrShort<readonly Database[]>({ long: DATABASES, short: ['sqlite'] }))(
  'on %s, an outage opens an incident within 20 s with the evidence in it, and its recovery is on the timeline; then each fault is found within 20 s, in words that name it',
  async (database) => {
    const fleet = await startFleetOn(database)
    const before = await untilEveryCheckHasRun(fleet, EVERY_CHECK_WITHIN_MS)
    expect(before.incidents).toEqual([])
    await outage(fleet)
    await eachFault(fleet)
    await fleet.interrupt()
  },
  STORY_MS,
)

async function outage(fleet: DemoFleet): Promise<void> {
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
      return events.some(({ type }) => type === 'recovered')
    },
    { withinMs: 60_000, everyMs: SELDOM_MS },
  )
}

/** Two passes in a row of the check that is run most rarely, in every region, with room. */
const CLEAR_WITHIN_MS = 100_000

type Expected = { fault: string; checkId: string; errorType: RunErrorType; words: string }

// By itself and first: others keep the checkout from being reached, and what it says of them would stand
// in the place of this one's evidence.
const ALONE: Expected[] = [
  { fault: 'checkout-500', checkId: 'checkout-stop', errorType: 'journey.step', words: '500' },
]
const TOGETHER: Expected[] = [
  { fault: 'search-empty', checkId: 'search-api', errorType: 'assertion', words: 'Marlow' },
  { fault: 'cart-slow', checkId: 'cart-page', errorType: 'timeout', words: '4 s' },
  { fault: 'dns-nxdomain', checkId: 'shop-dns', errorType: 'dns.not_found', words: 'NXDOMAIN' },
  { fault: 'job-stops', checkId: 'stock-export', errorType: 'heartbeat.late', words: 'call' },
  {
    fault: 'certificate-expired',
    checkId: 'shop-certificate',
    errorType: 'tls.expired',
    words: 'expired',
  },
]
const findings = async (fleet: DemoFleet) => {
  const { data } = await fleet.get(listIncidents, {}, { state: 'open' })
  const whole = await Promise.all(data.map(({ id }) => fleet.get(getIncident, { incidentId: id })))
  return whole.flatMap(({ incident }) =>
    incident.findings.filter(({ clearedAt }) => clearedAt === undefined),
  )
}

async function expectFound(fleet: DemoFleet, { fault, checkId, errorType, words }: Expected) {
  await until(
    `${fault} is found by ${checkId}`,
    async () => {
      const finding = (await findings(fleet)).find((found) => found.checkId === checkId)
      const evidence = { errorType, message: expect.stringContaining(words) }
      expect(finding?.evidence).toContainEqual(expect.objectContaining(evidence))
      return true
    },
    { withinMs: INCIDENT_WITHIN_MS, everyMs: SELDOM_MS },
  )
}

/** Nothing is found any more. */
const untilClear = (fleet: DemoFleet) =>
  until(
    'all is clear again',
    async () => {
      const left = await findings(fleet)
      expect(left.map(({ key, regions }) => `${key} in ${regions}`)).toEqual([])
      return true
    },
    { withinMs: CLEAR_WITHIN_MS, everyMs: SELDOM_MS },
  )

async function eachFault(fleet: DemoFleet): Promise<void> {
  // Until the first is clear again takes as long as all the rest.
  for (const faults of longOrShort({ long: [ALONE, TOGETHER], short: [TOGETHER] }))
    await breakAndFind(fleet, faults)
  await untilClear(fleet)
}

async function breakAndFind(fleet: DemoFleet, faults: readonly Expected[]): Promise<void> {
  await Promise.all(faults.map(({ fault }) => fleet.breakShop(fault)))
  await Promise.all(faults.map((expected) => expectFound(fleet, expected)))
  await fleet.fix()
}
