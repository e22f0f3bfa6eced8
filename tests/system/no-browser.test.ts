import { expect, test } from 'vitest'
import { listIncidents, listRuns } from '../../src/protocol/public-api.ts'
import { startDemoFleet, untilEveryCheckHasRun } from '../support/demo-fleet.ts'
import { EVERY_CHECK_WITHIN_MS } from '../support/fleet-story.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { SELDOM_MS, until } from '../support/until.ts'

const TRIES = longOrShort({ long: 3, short: 2 })

const JOURNEYS = ['homepage', 'search', 'cart', 'checkout-stop']
const REGIONS = ['eu-west', 'us-east', 'ap-south']

test('probes without a browser report faults of their own and blame nobody', async () => {
  const fleet = await startDemoFleet({ FIREWATCH_CHROMIUM: '/nowhere/chromium' })
  await untilEveryCheckHasRun(fleet, EVERY_CHECK_WITHIN_MS, { but: JOURNEYS })

  const faultsOf = async (check: string) =>
    (await fleet.get(listRuns, {}, { verdict: 'probe_fault', check, limit: '200' })).data
  for (const journey of JOURNEYS)
    await until(
      `${journey} was tried ${TRIES} times in each region`,
      async () => {
        // Once is not enough: a region whose place for journeys is taken lets it be.
        await fleet.runNow(journey)
        const faults = await faultsOf(journey)
        return REGIONS.every(
          (region) => faults.filter(({ regionId }) => regionId === region).length >= TRIES,
        )
      },
      { withinMs: 60_000, everyMs: SELDOM_MS },
    )
  for (const journey of JOURNEYS)
    for (const fault of await faultsOf(journey))
      expect(fault).toMatchObject({
        error: {
          type: 'probe.browser_missing',
          message: expect.stringContaining('FIREWATCH_CHROMIUM'),
        },
      })
  expect((await fleet.get(listRuns, {}, { verdict: 'failed' })).data).toEqual([])
  const { data: incidents } = await fleet.get(listIncidents)
  expect(incidents.map(({ headline }) => headline)).toEqual([])
  await fleet.interrupt()
})
