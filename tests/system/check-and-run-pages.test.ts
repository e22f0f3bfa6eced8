import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { aRun, at } from '../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  isFocused,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import {
  STORY_CHECK,
  STORY_REGIONS,
  sendExchange,
  storyFailure,
  tellStory,
} from '../support/dashboard-story.ts'
import { movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
/** Pictures of the pages are put there when it is set. */
const PICTURES = process.env.FIREWATCH_PICTURES
const CHECK = '/checks/shop-home'

const browser = dashboardBrowser()

async function startStory(): Promise<TestCoordinator> {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon),
    fleet: aFleet({ checks: [STORY_CHECK] }),
    dashboardFolder: browser.folder(),
  })
  for (const regionId of STORY_REGIONS) await coordinator.heartbeat(regionId)
  await tellStory(coordinator, noon)
  return coordinator
}

const textOf = async (page: Page, name: string) =>
  (await page.getByRole('region', { name, exact: true }).innerText()).replaceAll(/\s+/g, ' ')

const says = (page: Page, region: string, text: string | RegExp) =>
  until(`${region} says ${text}`, async () => {
    const found = await textOf(page, region)
    if (!found.match(text)) throw new Error(found)
    return true
  })

const chart = (page: Page) => page.getByRole('slider', { name: /^Latency over time/ })

/** The chart is drawn, not only its frame. */
const drawn = (page: Page) => chart(page).locator('canvas').waitFor()

test('which phase got slow, where and since when is told, drawn, and walked by keyboard', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(coordinator.address + CHECK)
  await drawn(page)
  await says(
    page,
    'Latency',
    /First byte is slower in eu-west since 12:4\d: \d+ ms before, 5\d\d ms now\. /,
  )

  await page.getByRole('navigation', { name: 'Phase' }).getByText('first byte').click()
  await until('the phase is in the address', () => page.url().includes('phase=firstByte'))
  expect(await chart(page).getAttribute('aria-label')).toBe('Latency over time: first byte')

  await chart(page).focus()
  await page.keyboard.press('Home')
  const value = () => chart(page).getAttribute('aria-valuetext')
  expect(await value()).toMatch(/^12:0\d: eu-west \d+ ms, 95 % within \d+ ms; us-east/)
  for (let presses = 0; presses < 24; presses++) await page.keyboard.press('ArrowRight')
  expect(await value()).toMatch(/ap-south no run$/)
  await says(page, 'Latency', /From 12:2\d:00 until .*ap-south no run/)
  expect(await isFocused(chart(page))).toBe(true)

  await page.getByText('The same as a table').click()
  await says(page, 'Latency', /no run .*\d+ of \d+ runs failed|\d+ of \d+ runs failed.* no run/)
})

test('a range, a region and a phase are in the address, and hold for the whole page', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage()
  await page.goto(`${coordinator.address + CHECK}?range=6h&region=us-east&phase=tls`)
  await drawn(page)
  expect(await chart(page).getAttribute('aria-label')).toBe('Latency over time: TLS handshake')
  expect(await chart(page).getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d: us-east /)
  await says(page, 'Runs', /in us-east/)
  await page.getByRole('link', { name: '24 h', exact: true }).click()
  expect(page.url()).toContain('range=24h&region=us-east&phase=tls')
  await page.goBack()
  await until(
    'the range is the old one',
    async () =>
      await page.getByRole('link', { name: '6 h', exact: true }).getAttribute('aria-current'),
  )
})

test('failures of one cause are one line, and lead to the latest run', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage()
  await page.goto(coordinator.address + CHECK)
  await says(page, 'Failures', /\d+ runs did not pass in the last 1 h, for 2 reasons\./)
  await says(
    page,
    'Failures',
    /status: expected 200, got 502.* in eu-west first 12:\d\d:\d\d, last 12:\d\d:\d\d/,
  )
  await says(page, 'Failures', /no connection to 192\.0\.2\.\d+:443 within 5 s in us-east/)
  await says(page, 'Failures', /The probes could not measure, .* too busy in ap-south/)
  await page.getByRole('link', { name: /Open the latest run of: status/ }).click()
  await until('the run is shown', () => page.url().includes('/runs/'))
})

test('the definition is told in words, with all of it below', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage()
  await page.goto(coordinator.address + CHECK)
  await says(page, 'Definition', /GET https:\/\/shop\.example\.com\/api\/health/)
  await says(
    page,
    'Definition',
    /header content-type contains “json” json \$\.state is one of ready, busy/,
  )
  await says(page, 'Definition', /Should hold, else it is degraded total at most 800 ms/)
  await page.getByText('All of it, with every default').click()
  await says(page, 'Definition', /everyMs: 10000/)
})

test('a run tells its attempts, layers, requests, assertions, exchange and quality', async () => {
  const coordinator = await startStory()
  const run = storyFailure(noon - 5_000)
  await coordinator.ingest([run])
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/runs/${run.runId}`)
  await says(
    page,
    'Attempts',
    /1 .*failed after 310 ms: 192\.0\.2\.7:443 closed .* 2 attempt 2 of 2 failed/,
  )
  await says(page, 'Diagnosis', /The first layer that is broken is HTTP\./)
  await says(page, 'Where the time went', /second address GET .* HTTP 502 .* TLS handshake 20 ms/)
  await says(page, 'Where the time went', /third address .* no answer/)
  await says(page, 'Assertions', /second address: status .*200.*502.*✗ failed/)
  await says(page, 'Assertions', /– not counted: the probe was too busy to measure it/)
  await says(
    page,
    'Measurement',
    /Its times are not counted as the target's: the probe got no processor/,
  )
  await says(page, 'Exchange', /on its way from the probe/)

  expect((await sendExchange(coordinator, run.runId)).status).toBe(204)
  await page.getByRole('button', { name: 'Look again' }).click()
  await says(page, 'Exchange', /GET https:\/\/shop\.example\.com\/api\/health .*HTTP\/1\.1 502/)
  await says(page, 'Exchange', /<h1>Bad gateway<\/h1><script>/)
  expect(await page.evaluate('window.wasRun')).toBeUndefined()
  await says(page, 'Exchange', /70\.0 kB, not text, only its beginning is kept/)
})

test('a run that passed only when it was repeated is told so in the list and on its page', async () => {
  const coordinator = await startStory()
  const run = aRun({ slotAt: noon - 5_000, startedAt: noon - 5_000, attempt: 2 })
  await coordinator.ingest([run])
  const page = await browser.newPage()
  await page.goto(coordinator.address + CHECK)
  await says(page, 'Runs', /passed at attempt 2/)
  await page.goto(`${coordinator.address}/runs/${run.runId}`)
  await until('its page says so', () => page.getByText('attempt 2 of 2 passed').count())
})

const WINDOWS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 360].map((width) => ({ colorScheme, width })),
)

test.each(WINDOWS)(
  'both pages are accessible and fit their window, $colorScheme and $width px wide',
  async ({ colorScheme, width }) => {
    const coordinator = await startStory()
    const run = storyFailure(noon - 5_000)
    await coordinator.ingest([run])
    await sendExchange(coordinator, run.runId)
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 740 } })
    const problems: string[] = []
    for (const [name, path] of Object.entries({ check: CHECK, run: `/runs/${run.runId}` })) {
      await page.goto(coordinator.address + path)
      if (name === 'check') {
        await drawn(page)
        await says(page, 'Failures', /did not pass/)
      } else await says(page, 'Exchange', /Bad gateway/)
      await takePicture(page, `${name}-${colorScheme}-${width}`)
      await page.evaluate(
        'for (const fold of document.querySelectorAll("details")) fold.open = true',
      )
      problems.push(...(await accessibilityViolations(page)))
      const overflow = await overflowPixels(page)
      if (overflow > 0) problems.push(`${name}: ${overflow} px too wide`)
    }
    expect(problems).toEqual([])
  },
)

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return
  await mkdir(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true })
}
