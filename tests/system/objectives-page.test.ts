import { expect, test } from 'vitest'
import type { Query } from '../../src/protocol/query.ts'
import { aCheck, aRun, at } from '../support/builders.ts'
import { aFleet, startCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { json, startMessageService } from '../support/message-services.ts'
import { movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000
const browser = dashboardBrowser()

/** Prometheus of a day: 150 requests in each five minutes, of which some fail, and a gap. */
async function startPrometheus() {
  const service = await startMessageService(({ body }) => {
    const form = new URLSearchParams(body)
    const values: [number, string][] = []
    for (let end = Number(form.get('start')); end <= Number(form.get('end')); end += 300) {
      const ago = (noon / 1_000 - end) / 300
      if (ago >= 288 || ago === 100) continue
      values.push([end, form.get('query') === 'all' ? '150' : ago % 7 === 0 ? '149' : '150'])
    }
    const result = [{ metric: {}, values }]
    return json(200, { status: 'success', data: { resultType: 'matrix', result } })
  })
  return service.url
}

const counting = (id: string, url: string): Query => ({
  ...{ id, name: id, serviceId: 'storefront', kind: 'prometheus', url, query: id },
  ...{ everyMs: MINUTE, overMs: 5 * MINUTE },
})

/** A service whose runs failed for six minutes, an objective that has no run yet, and one of traffic. */
async function startStory() {
  const prometheus = await startPrometheus()
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
      queries: [counting('good', prometheus), counting('all', prometheus)],
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
        {
          ...common,
          ...{ id: 'storefront/orders', name: 'orders', target: 0.998, checks: [] },
          traffic: { good: 'good', total: 'all' },
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
  clock.set(noon + MINUTE)
  return { ...coordinator, clock }
}

test('the page tells what burns, what is left, and when it alerts', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/objectives`)
  await page.getByText('1 of 3 objectives burns its budget too fast').waitFor()
  const burning = page.getByRole('region', { name: 'storefront/availability' })
  expect(await burning.innerText()).toMatch(
    /burning \(page\)[\s\S]*missed: \d+ times the budget spent[\s\S]*12 of 80 runs were bad within 1 h/,
  )
  const fresh = page.getByRole('region', { name: 'storefront/new' })
  expect(await fresh.innerText()).toMatch(/unknown[\s\S]*no run within three days/)
  const traffic = page.getByRole('region', { name: 'storefront/orders' })
  await until('its traffic is counted and judged', async () => {
    coordinator.clock.advance(1_000)
    return /43,008 of 43,050 requests good, 5 min unknown/.test(await traffic.innerText())
  })
  expect(await traffic.innerText()).toMatch(
    /99.8 % of requests are good, over 28 d[\s\S]*stands on\s*requests of users, as good and all count them/,
  )
  await traffic.getByText('When it alerts').click()
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
