import { expect, test } from 'vitest'
import { listIncidents, listRuns } from '../../src/protocol/public-api.ts'
import { startDemoFleet, untilEveryCheckHasRun } from '../support/demo-fleet.ts'
import { EVERY_CHECK_WITHIN_MS } from '../support/fleet-story.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { SELDOM_MS, until } from '../support/until.ts'

const TRIES = longOrShort({ long: 3, short: 2 })

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
    `each journey was tried ${TRIES} times in each region`,
    async () => {
      const { data } = await fleet.get(
        listRuns,
        {},
        { verdict: 'probe_fault', check: 'homepage', limit: '200' },
      )
      return ['eu-west', 'us-east', 'ap-south'].every(
        (region) => data.filter(({ regionId }) => regionId === region).length >= TRIES,
      )
    },
    { withinMs: 60_000, everyMs: SELDOM_MS },
  )
  expect((await fleet.get(listRuns, {}, { verdict: 'failed' })).data).toEqual([])
  expect((await fleet.get(listIncidents)).data).toEqual([])
  await fleet.interrupt()
})
