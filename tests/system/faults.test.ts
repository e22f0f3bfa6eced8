import { expect, test } from 'vitest'
import { getIncident, listIncidents } from '../../src/protocol/public-api.ts'
import type { RunErrorType } from '../../src/protocol/run.ts'
import { type DemoFleet, startDemoFleet, untilEveryCheckHasRun } from '../support/demo-fleet.ts'
import { SELDOM_MS, until } from '../support/until.ts'

/** What a newcomer is promised for each fault. */
const FOUND_WITHIN_MS = 20_000
/** Two passes in a row of the check that is run most rarely, in every region, with room. */
const CLEAR_WITHIN_MS = 100_000

type Expected = { fault: string; checkId: string; errorType: RunErrorType; words: string }

const FIRST: Expected[] = [
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
// By itself, because the slow cart keeps the checkout from being reached.
const SECOND: Expected[] = [
  { fault: 'checkout-500', checkId: 'checkout-stop', errorType: 'journey.step', words: '500' },
]

const findings = async (fleet: DemoFleet) => {
  const { data } = await fleet.get(listIncidents, {}, { state: 'open' })
  const whole = await Promise.all(data.map(({ id }) => fleet.get(getIncident, { incidentId: id })))
  return whole.flatMap(({ incident }) =>
    incident.findings.filter(({ clearedAt }) => clearedAt === undefined),
  )
}

async function expectFound(fleet: DemoFleet, { fault, checkId, errorType, words }: Expected) {
  const finding = await until(
    `${fault} is found by ${checkId}`,
    async () => (await findings(fleet)).find((found) => found.checkId === checkId),
    { withinMs: FOUND_WITHIN_MS, everyMs: SELDOM_MS },
  )
  expect(finding.evidence[0]).toMatchObject({ errorType, message: expect.stringContaining(words) })
}

async function expectNoFindings(fleet: DemoFleet): Promise<true> {
  const left = (await findings(fleet)).map(({ checkId, regions }) => `${checkId} in ${regions}`)
  expect(left).toEqual([])
  return true
}

test('each fault is found within 20 s by the check that watches for it, in words that name it', async () => {
  const fleet = await startDemoFleet()
  await untilEveryCheckHasRun(fleet, 60_000)

  for (const faults of [FIRST, SECOND]) {
    await Promise.all(faults.map(({ fault }) => fleet.breakShop(fault)))
    await Promise.all(faults.map((expected) => expectFound(fleet, expected)))
    await fleet.fix()
    await until('all is clear again', () => expectNoFindings(fleet), {
      withinMs: CLEAR_WITHIN_MS,
      everyMs: SELDOM_MS,
    })
  }
  await fleet.interrupt()
}, 300_000)
