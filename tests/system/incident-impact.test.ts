import { mkdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { getIncident, listIncidents } from '../../src/protocol/public-api.ts'
import type { Query } from '../../src/protocol/query.ts'
import { aCheck, aRun, at } from '../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { listenOnLoopback } from '../support/listen.ts'
import { movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

/** How far an incident reaches, what a sweep says, and where it failed when, on its page. */

const noon = at('2026-03-13T12:00:00Z')
const REGIONS = ['eu-west', 'us-east', 'ap-south']
/** Pictures of the page are put there when it is set. */
const PICTURES = process.env.FIREWATCH_PICTURES
const browser = dashboardBrowser()

/** Loki for the number of clients, the same for everything but what is asked for by zone. */
async function startLoki(): Promise<string> {
  const zones = { all: ['40000', '41000', '39500'], bad: ['31', '15580', '44'] }
  return listenOnLoopback(
    createServer((request, response) => {
      const asked = new URL(request.url ?? '', 'http://loki').searchParams.get('query') ?? ''
      const values = zones[asked.includes('bad') ? 'bad' : 'all']
      const result = asked.includes('by (zone)')
        ? values.map((value, index) => ({ metric: { zone: 'abc'[index] }, value: [1, value] }))
        : [{ metric: {}, value: [1, '2391'] }]
      const body = { status: 'success', data: { resultType: 'vector', result } }
      response.end(JSON.stringify(body))
    }),
  )
}

async function startOutage(): Promise<{ coordinator: TestCoordinator; incidentId: string }> {
  const url = await startLoki()
  const common = { kind: 'loki', url, serviceId: 'storefront', everyMs: 60_000, overMs: 600_000 }
  const queries = [
    {
      ...{ ...common, id: 'clients', name: 'Clients with errors', query: 'count(…)' },
      ...{ impact: 'users', means: 'distinct client addresses, last 10 min' },
    },
    {
      ...{ ...common, id: 'errors', name: 'Orders that fail', query: 'sum(…)' },
      alert: { above: 0.05, forMs: 3_600_000 },
    },
    {
      ...{ ...common, id: 'zones', name: 'Requests that fail', by: 'zone' },
      ...{ query: 'sum by (zone) (bad)', ratioOf: 'sum by (zone) (all)' },
      alert: { above: 0.01, forMs: 3_600_000 },
    },
    {
      ...{ ...common, kind: 'prometheus', id: 'latency', name: 'Slow orders', query: 'slow' },
      ...{ scrape: { up: 'up{job="orders"}', intervalMs: 15_000, overMs: 300_000 } },
      alert: { above: 5_000, forMs: 3_600_000 },
    },
  ] as Query[]
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock: movableClock(noon + 5_000) },
    fleet: aFleet({
      checks: [aCheck('http', { name: 'Shop' }), aCheck('http', { id: 'search', name: 'Search' })],
      queries,
      silentAfterMs: 86_400_000,
    }),
    dashboardFolder: browser.folder(),
  })
  for (const checkId of ['shop-home', 'search'])
    for (const [index, regionId] of REGIONS.entries()) {
      const verdict = checkId === 'shop-home' && regionId !== 'ap-south' ? 'failed' : 'passed'
      const slotAt = noon + index
      await coordinator.ingest([aRun({ checkId, regionId, slotAt, startedAt: slotAt, verdict })])
    }
  const { id } = await until(
    'an incident is open',
    async () => (await coordinator.get(listIncidents)).data[0],
  )
  await until('its users are counted', async () => {
    const { triage } = await coordinator.get(getIncident, { incidentId: id })
    return triage.affected.users?.asked && triage.affected.tables
  })
  return { coordinator, incidentId: id }
}

test('the page says whom it affects and where it failed, and one click asks everything that can be asked', async () => {
  const { coordinator, incidentId } = await startOutage()
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(`${coordinator.address}/incidents/${incidentId}`)
  const says = (region: string, text: RegExp) =>
    until(`${region} says ${text}`, async () => {
      const found = await page.getByRole('region', { name: region, exact: true }).innerText()
      if (!text.test(found.replaceAll(/\s+/g, ' '))) throw new Error(found)
      return true
    })
  await says('Triage', /Users ~2,400 distinct client addresses, last 10 min · loki, /)
  await says('Triage', /Share 66\.6 % of 3 runs of the affected checks/)
  await says(
    'Triage',
    /zone b only: 38 % \(15,580 of 41,000\), the 2 others at most 0\.111 % Requests that fail/,
  )
  await says(
    'Triage',
    /Requests that fail by zone zone share of b ✗ bad: 38 % 15,580 of 41,000 c ✓ well: 0\.111 % 44 of 39,500 a /,
  )
  await says(
    'Region by check, over the incident',
    /Shop.* 1 of 1 failed, .* to .* 1 of 1 failed.* 1 of 1 did not fail.* Search no finding/,
  )
  await says(
    'Findings',
    /Seen by the probes \(1\).*Nothing from logs, metrics .*, which watch as well/,
  )

  const sweepButton = page.getByRole('button', { name: 'Sweep the signals' })
  await sweepButton.click()
  await page.getByLabel('Your name').fill('Grace')
  await page.keyboard.press('Enter')
  await says('Timeline', /The sweep: 2 of 6 are bad, 4 tell nothing · Grace/)
  await says('Timeline', /bad: Orders that fail: 2,391 above 0\.05 is bad · loki: sum\(…\)/)
  await says('Timeline', /Shop eu-west cannot be reached/)
  // It is known who clicks: the second time one click is enough.
  await sweepButton.click()
  await until('it was swept again', async () => {
    const { events } = await coordinator.get(getIncident, { incidentId })
    return events.filter(({ type }) => type === 'swept').length === 2
  })

  const problems = await looks(page, 'incident-impact')
  await page.goto(`${coordinator.address}/fleet`)
  await says('Queries', /1 of 4 queries has a telemetry problem\./)
  await says(
    'Queries',
    /Slow orders: telemetry problem: no target is scraped; .* prometheus, storefront/,
  )
  await says('Queries', /Requests that fail: zone b: 38 %, which is bad/)
  expect([...problems, ...(await looks(page, 'fleet-queries'))]).toEqual([])
})

/** What is wrong with how a page looks, light and dark, wide and narrow; pictures where they are wanted. */
async function looks(page: Page, of: string): Promise<string[]> {
  const problems: string[] = []
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      const name = `${of}-${width}-${colorScheme}`
      if (PICTURES !== undefined) {
        await mkdir(PICTURES, { recursive: true })
        await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
      }
      for (const violation of await accessibilityViolations(page))
        problems.push(`${name}: ${violation}`)
      if ((await overflowPixels(page)) > 0) problems.push(`${name}: too wide`)
    }
  return problems
}
