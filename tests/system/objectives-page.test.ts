import { expect, test } from 'vitest'
import { aCheck, aRun, at } from '../support/builders.ts'
import { aFleet, startCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { movableClock } from '../support/movable-clock.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000
const browser = dashboardBrowser()

/** A service whose runs failed for six minutes, and one objective that has no run yet. */
async function startStory() {
  const clock = movableClock(noon - 30_000)
  const checks = [
    aCheck('http', {
      id: 'shop-home',
      alert: { failuresToFire: 100, regionsMin: 3, passesToResolve: 1 },
    }),
    aCheck('http', { id: 'shop-new' }),
  ]
  const common = { serviceId: 'storefront', periodMs: 28 * DAY }
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    dashboardFolder: browser.folder(),
    fleet: aFleet({
      checks,
      objectives: [
        {
          ...common,
          id: 'storefront/availability',
          name: 'availability',
          target: 0.999,
          checks: ['shop-home'],
        },
        {
          ...common,
          id: 'storefront/new',
          name: 'new',
          target: 0.99,
          latencyMs: 2_000,
          checks: ['shop-new'],
        },
      ],
    }),
  })
  for (const regionId of ['eu-west', 'us-east'])
    await coordinator.ingest(
      Array.from({ length: 40 }, (_, minute) =>
        aRun({
          checkId: 'shop-home',
          regionId,
          slotAt: noon - (minute + 1) * MINUTE,
          ...(minute < 6 && {
            verdict: 'failed',
            error: { type: 'connect.refused', message: 'connection refused' },
          }),
        }),
      ),
      regionId,
    )
  clock.set(noon)
  return coordinator
}

test('the page tells what burns, what is left, and when it alerts', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/objectives`)
  await page.getByText('1 of 2 objectives burns its budget too fast').waitFor()
  const burning = page.getByRole('region', { name: 'storefront/availability' })
  expect(await burning.innerText()).toMatch(
    /burning \(page\)[\s\S]*missed: \d+ times the budget spent[\s\S]*12 of 80 runs were bad within 1 h/,
  )
  const fresh = page.getByRole('region', { name: 'storefront/new' })
  expect(await fresh.innerText()).toMatch(/unknown[\s\S]*no run within three days/)
  await burning.getByText('When it alerts').click()
  await burning.getByRole('cell', { name: '1 h and 5 min' }).waitFor()

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 740 })
      const folder = process.env.FIREWATCH_PICTURES
      if (folder !== undefined)
        await page.screenshot({
          path: `${folder}/objectives-${colorScheme}-${width}.png`,
          fullPage: true,
        })
      expect(await accessibilityViolations(page)).toEqual([])
      expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
    }
}, 60_000)
