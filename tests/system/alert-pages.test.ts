import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { Commands } from '../../src/protocol/probe-api.ts'
import { addSilence, getCheck, listRegions, urlFor } from '../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

/** What the pages tell of an alert that fires and is told to nobody. */

const noon = at('2026-03-13T12:00:00Z')
const REGIONS = ['eu-west', 'us-east', 'ap-south']
/** Pictures of the pages are put there when it is set. */
const PICTURES = process.env.FIREWATCH_PICTURES

const browser = dashboardBrowser()

const CHECK = aCheck('http', {
  name: 'Shop API',
  alert: {
    failuresToFire: 3,
    regionsMin: 2,
    passesToResolve: 2,
    ratio: { above: 0.05, withinMs: 600_000, forMs: 180_000, samplesMin: 20 },
    degraded: { count: 3, of: 3, severity: 'SEV-3' },
    noData: { afterMs: 300_000, severity: 'SEV-3' },
    flapping: { changes: 6, withinMs: 3_600_000, quietForMs: 900_000 },
  },
})

async function startSilenced(): Promise<TestCoordinator> {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon + 5_000),
    fleet: aFleet({
      checks: [CHECK],
      maintenance: [
        {
          id: 'gateway-restart',
          reason: 'The gateway restarts.',
          scope: { regions: ['ap-south'] },
          when: { kind: 'once', from: noon - 60_000, until: noon + 3_600_000 },
        },
      ],
    }),
    dashboardFolder: browser.folder(),
  })
  const answer = await fetch(coordinator.address + urlFor(addSilence), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      author: 'Ana',
      reason: 'known, a fix is on its way',
      scope: { services: ['storefront'] },
      forMs: 3_600_000,
      untilResolved: true,
    }),
  })
  expect(answer.status).toBe(200)
  for (const regionId of REGIONS) {
    await coordinator.heartbeat(regionId)
    const verdict = regionId === 'ap-south' ? 'passed' : 'failed'
    await coordinator.ingest([aRun({ regionId, slotAt: noon, startedAt: noon, verdict })])
  }
  await until('it fires', async () => {
    const { overview } = await coordinator.get(getCheck, { checkId: 'shop-home' })
    return overview.alert.suppressed !== undefined && overview.alert.healthy.length === 1
  })
  return coordinator
}

const textOf = async (page: Page, name: string) =>
  (await page.getByRole('region', { name, exact: true }).innerText()).replaceAll(/\s+/g, ' ')

const says = (page: Page, region: string, text: RegExp) =>
  until(`${region} says ${text}`, async () => {
    const found = await textOf(page, region)
    if (!text.test(found)) throw new Error(found)
    return true
  })

test('why an alert fires, from which votes, and why nobody is told', async () => {
  const coordinator = await startSilenced()
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/checks/shop-home`)
  await says(
    page,
    'Alert',
    /It fires and is told to nobody since .*: silenced by Ana: known, a fix/,
  )
  await says(page, 'Alert', /✗ fires: 2 regions fail at once 2 of 3 regions fail; 2 must/)
  await says(
    page,
    'Alert',
    /\? does not fire: one region fails 3 times in a row only 1 of the last 1/,
  )
  await says(page, 'Alert', /more than 5 % of the runs failed.* 3 runs in the last 10m are too few/)
  await says(page, 'Alert', /eu-west failed 1 run in a row/)
  await says(page, 'Alert', /found, when it fails everywhere within 15 s, \d\.\d s in the mean/)
  await page.getByRole('link', { name: 'Open the run of us-east' }).click()
  await until('the run is shown', () => page.url().includes('/runs/'))
})

test('another rule is tried over the stored runs before it is written down, by keyboard alone', async () => {
  const coordinator = await startSilenced()
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/checks/shop-home`)
  const summary = page.getByText('Try another rule over the stored runs')
  await summary.focus()
  await page.keyboard.press('Enter')
  const regions = page.getByLabel('Regions that fail at once')
  await regions.fill('x')
  await page.keyboard.press('Enter')
  await says(page, 'Try another rule', /The request does not have the documented form/)
  await regions.fill('3')
  await page.keyboard.press('Enter')
  await says(page, 'Try another rule', /3 runs of the last 7 days/)
  // Two of three regions failed: that fires as it is, and not when all three must.
  await says(page, 'Try another rule', /this rule the proposed alerts 1 0 of which real 0 0/)
  await says(page, 'Try another rule', /alert: regionsMin: 3 failuresToFire: 3/)
  expect(await accessibilityViolations(page)).toEqual([])
  expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
})

test('a failure that nobody else sees is shown with what the others said', async () => {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon + 5_000),
    fleet: aFleet({ checks: [CHECK] }),
    dashboardFolder: browser.folder(),
  })
  // What a probe does: it listens, runs when it is told, and sends.
  async function listen(regionId: string) {
    const held = await coordinator.probeRequest(`/commands?region=${regionId}`)
    const [asked] = Commands.parse(await held.json()).commands
    if (!asked) throw new Error(`${regionId} was told nothing`)
    const { commandId, reason } = asked
    const slotAt = noon + 5_000
    const command = { commandId, reason }
    await coordinator.ingest([aRun({ regionId, slotAt, startedAt: slotAt, command })])
  }
  const answers = ['us-east', 'ap-south'].map(listen)
  await until('both listen', async () => {
    const { data } = await coordinator.get(listRegions)
    return data.filter(({ takesCommands }) => takesCommands).length === 2
  })
  await coordinator.ingest([aRun({ slotAt: noon, startedAt: noon, verdict: 'failed' })])
  await Promise.all(answers)
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/checks/shop-home`)
  await says(
    page,
    'Alert',
    /It failed in eu-west at .*: not confirmed: asked at once, us-east and ap-south pass\./,
  )
  expect(await accessibilityViolations(page)).toEqual([])
  expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
})

test('what is not told now stands on the first page, and goes with its end', async () => {
  const coordinator = await startSilenced()
  const page = await browser.newPage()
  await page.goto(coordinator.address)
  await says(page, 'Not told', /Maintenance gateway-restart everything, where it is about ap-south/)
  await says(
    page,
    'Not told',
    /Silence by Ana service storefront known, a fix is on its way\. Until/,
  )
  const row = page.locator('[data-check="shop-home"]')
  await until('the row says so', async () =>
    (await row.innerText()).includes('Told to nobody: silenced by Ana'),
  )
  const id = /silence end ([0-9a-f-]+)/.exec(await textOf(page, 'Not told'))?.[1]
  const ended = await fetch(`${coordinator.address}/api/v1/silences/${id}/end`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ author: 'Ben' }),
  })
  expect(ended.status).toBe(200)
  await until('the silence is gone', async () => !(await textOf(page, 'Not told')).includes('Ana'))
  await page.getByRole('list', { name: 'Open incidents' }).waitFor()
})

test.each(['light', 'dark'] as const)(
  'the pages of a silenced alert are accessible and fit, in %s',
  async (colorScheme) => {
    const coordinator = await startSilenced()
    const problems: string[] = []
    for (const width of [360, 1280])
      for (const path of ['/', '/checks/shop-home']) {
        const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
        await page.goto(coordinator.address + path)
        await page
          .getByText(/silenced by Ana|Silence by Ana/)
          .first()
          .waitFor()
        const name = `${path === '/' ? 'now' : 'check'}-${width}-${colorScheme}`
        if (PICTURES !== undefined) {
          await mkdir(PICTURES, { recursive: true })
          await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
        }
        for (const violation of await accessibilityViolations(page))
          problems.push(`${name}: ${violation}`)
        const overflow = await overflowPixels(page)
        if (overflow > 0) problems.push(`${name}: ${overflow} px too wide`)
        await page.close()
      }
    expect(problems).toEqual([])
  },
)
