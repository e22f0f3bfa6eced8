import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { getNow } from '../../src/protocol/public-api.ts'
import type { Run } from '../../src/protocol/run.ts'
import { aCheck, aRun, at } from '../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  isFocused,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { freshDatabase } from '../support/databases.ts'
import { type MovableClock, movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const REGIONS = ['eu-west', 'us-east', 'ap-south']
const EVERY_MS = 10_000

/** One pixel, as PNG. */
const PICTURE = Uint8Array.fromBase64(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
)

const browser = dashboardBrowser()

const fleet = aFleet({
  checks: [
    aCheck('http', { name: 'Homepage' }),
    aCheck('journey', { id: 'checkout-stop', name: 'Buy a lamp' }),
  ],
})

async function startWatching(clock: MovableClock): Promise<TestCoordinator> {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    fleet,
    dashboardFolder: browser.folder(),
  })
  for (const regionId of REGIONS) await coordinator.heartbeat(regionId)
  return coordinator
}

/** Both checks pass in every region, in each slot of the time given. */
async function passEverywhere(coordinator: TestCoordinator, from: number, slots: number) {
  for (const regionId of REGIONS) {
    const runs = Array.from({ length: slots }, (_, index) => from + index * EVERY_MS).flatMap(
      (slotAt) =>
        ['shop-home', 'checkout-stop'].map((checkId) =>
          aRun({ checkId, regionId, slotAt, startedAt: slotAt }),
        ),
    )
    await coordinator.ingest(runs)
  }
}

/** A run of the journey that fails at its second step, with a picture of it. */
const failedCheckout = (overrides: Partial<Run>) =>
  aRun({
    checkId: 'checkout-stop',
    verdict: 'failed',
    durationMs: 2_100,
    error: { type: 'journey.step', message: 'HTTP 502: the page says "Bad gateway"\nsecond line' },
    steps: [
      { name: 'open the homepage', status: 'passed', startMs: 0, ms: 900 },
      { name: 'place order page', status: 'failed', startMs: 900, ms: 1_200, error: 'HTTP 502' },
    ],
    artifacts: [{ name: 'screenshot.png', mediaType: 'image/png', bytes: PICTURE.length }],
    ...overrides,
  })

/** Two regions fail in the slot: together they open an incident. */
async function failCheckout(coordinator: TestCoordinator, slotAt: number): Promise<Run[]> {
  const runs = ['eu-west', 'us-east'].map((regionId) =>
    failedCheckout({ regionId, slotAt, startedAt: slotAt }),
  )
  for (const run of runs) await coordinator.ingest([run])
  return runs
}

async function sendPicture(coordinator: TestCoordinator, run: Run): Promise<void> {
  const response = await coordinator.probeRequest(`/runs/${run.runId}/artifacts/screenshot.png`, {
    method: 'PUT',
    body: PICTURE,
    headers: { 'content-type': 'image/png' },
  })
  expect(response.status).toBe(204)
}

const bar = (page: Page, checkId: string, regionId: string) =>
  page.locator(`[data-check=${checkId}] [data-region=${regionId}]`).getByRole('slider')

const shows = (what: string, page: Page, text: string | RegExp) =>
  until(what, async () => {
    const found = (await page.locator('main').innerText()).replaceAll(/\s+/g, ' ')
    if (!found.match(text)) throw new Error(found)
    return true
  })

test('an outage appears on the open page, leads to its evidence, and its recovery is counted down', async () => {
  const clock = movableClock(noon + 55_000)
  const coordinator = await startWatching(clock)
  await passEverywhere(coordinator, noon, 5)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await page.goto(coordinator.address)
  await shows('all is well', page, /No incident is open\. 2 of 2 checks pass in every region\./)
  expect(await bar(page, 'checkout-stop', 'eu-west').getAttribute('aria-label')).toBe(
    'Buy a lamp in eu-west, the last 5 slots: 5 passed',
  )
  await page.evaluate('window.isTheSamePage = true')

  const [first] = await failCheckout(coordinator, noon + 50_000)
  if (!first) throw new Error('a run failed')
  await shows('the incident opens', page, /One incident is open: .*Buy a lamp fails/)
  await until('its count is in the tab', async () => (await page.title()) === '(1) Now · Firewatch')
  expect(await bar(page, 'checkout-stop', 'eu-west').getAttribute('aria-valuetext')).toBe(
    'failed at 13:00:50, 2.1 s: HTTP 502: the page says "Bad gateway"',
  )
  await page.getByRole('link', { name: /Buy a lamp fails/ }).click()

  expect(new URL(page.url()).pathname).toBe('/incidents/INC-1')
  await shows(
    'its severity has a reason',
    page,
    /A core function fails everywhere .* why it is SEV-1/,
  )
  await shows('the step and the error are told', page, /“place order page”.*HTTP 502.*second line/)
  await shows('the picture is awaited', page, 'on its way from the probe')
  await sendPicture(coordinator, first)
  const picture = page.getByRole('img', { name: /step “place order page”/ })
  await until('the picture is shown', () => picture.isVisible(), { withinMs: 20_000 })

  clock.set(noon + 85_000)
  await passEverywhere(coordinator, noon + 60_000, 2)
  await shows('it verifies', page, /Clean for .* of 30 min\./)
  await shows('the timeline says so', page, /Recovered; restored at 13:\d\d:\d\d if it stays clean/)
  expect(
    await page
      .getByRole('listitem')
      .filter({ hasText: 'verifying' })
      .first()
      .getAttribute('aria-current'),
  ).toBe('step')

  expect(await page.evaluate('window.isTheSamePage')).toBe(true)
})

test('the timeline is narrowed by its address', async () => {
  const clock = movableClock(noon + 5_000)
  const coordinator = await startWatching(clock)
  await failCheckout(coordinator, noon)
  const page = await browser.newPage()
  await until('the incident is open', async () => (await coordinator.get(getNow)).incidents.length)
  await page.goto(`${coordinator.address}/incidents/INC-1`)
  const entries = page.locator('.timeline > li')
  await until('the timeline is there', async () => (await entries.count()) === 4)

  await page.getByRole('link', { name: 'evidence', exact: true }).click()
  expect(page.url()).toContain('?show=evidence')
  expect(await entries.count()).toBe(2)
  await page.reload()
  await until('the filter holds', async () => (await entries.count()) === 2)
  await page.goBack()
  await until('and is left again', async () => (await entries.count()) === 4)
})

test('a page whose coordinator is gone says so, and is fresh again when it is back', async () => {
  const clock = movableClock(noon + 55_000)
  const database = await freshDatabase('sqlite')
  const options = { database, clock, fleet, dashboardFolder: browser.folder() }
  const first = await startCoordinator(options)
  await passEverywhere(first, noon, 5)
  const page = await browser.newPage()
  await page.goto(first.address)
  await until('it is live', () => page.getByText(', live').count())
  await bar(page, 'shop-home', 'eu-west').waitFor()

  await first.stop()
  const banner = page.getByRole('alert').filter({ hasText: 'Connection lost' })
  await until('the banner is shown', () => banner.isVisible(), { withinMs: 15_000 })
  expect(await banner.innerText()).toMatch(/Showing data from \d\d:\d\d:\d\d/)
  expect(await page.getByText(', not live').count()).toBe(1)
  expect(await bar(page, 'shop-home', 'eu-west').count()).toBe(1)

  const second = await startCoordinator({ ...options, port: Number(new URL(first.address).port) })
  await second.ingest([aRun({ slotAt: noon + 50_000, verdict: 'degraded' })])
  await until('the banner is gone', async () => (await banner.count()) === 0, { withinMs: 20_000 })
  await until('what happened meanwhile is there', async () =>
    (await bar(page, 'shop-home', 'eu-west').getAttribute('aria-label'))?.includes('1 degraded'),
  )
})

test('everything is reached by keyboard: a bar, its slots, the run, the pages, the filter', async () => {
  const clock = movableClock(noon + 55_000)
  const coordinator = await startWatching(clock)
  await passEverywhere(coordinator, noon, 4)
  const failed = failedCheckout({ slotAt: noon + 40_000, startedAt: noon + 40_000 })
  await coordinator.ingest([failed])
  const page = await browser.newPage()
  await page.goto(coordinator.address)
  const target = bar(page, 'checkout-stop', 'eu-west')
  await target.waitFor()

  await page.keyboard.press('Tab')
  expect(await isFocused(page.getByText('Skip to the content'))).toBe(true)
  for (let presses = 0; presses < 40 && !(await isFocused(target)); presses++)
    await page.keyboard.press('Tab')
  expect(await isFocused(target)).toBe(true)
  expect(await target.getAttribute('aria-valuetext')).toContain('failed at 13:00:40')
  await page.keyboard.press('ArrowLeft')
  expect(await target.getAttribute('aria-valuetext')).toContain('passed at 13:00:30')
  await page.keyboard.press('Home')
  expect(await target.getAttribute('aria-valuetext')).toContain('passed at 13:00:00')
  await page.keyboard.press('End')
  await page.keyboard.press('Enter')
  expect(new URL(page.url()).pathname).toBe(`/runs/${failed.runId}`)
  await shows(
    'the run is told',
    page,
    /checkout-stop failed in eu-west after 2\.1 s, step “place order page”/,
  )
  expect(await isFocused(page.locator('h1'))).toBe(true)

  await page.keyboard.press('?')
  expect(await page.getByRole('region', { name: 'Keyboard map' }).isVisible()).toBe(true)
  await page.keyboard.press('Escape')
  expect(await page.getByRole('region', { name: 'Keyboard map' }).count()).toBe(0)
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  await shows('the fleet', page, /3 of 3 regions report\..*eu-west-1/)
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  await shows('the incidents', page, 'No incident is open.')
  await page.keyboard.press('g')
  await page.keyboard.press('n')
  await target.waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('homepage')
  await until('the other check is filtered out', async () => (await target.count()) === 0)
  expect(page.url()).toContain('?q=homepage')
})

test('every page is accessible in both themes and fits a phone', async () => {
  const clock = movableClock(noon + 55_000)
  const coordinator = await startWatching(clock)
  await passEverywhere(coordinator, noon, 5)
  const [failed] = await failCheckout(coordinator, noon + 50_000)
  await coordinator.ingest([
    aRun({ slotAt: noon + 50_000, verdict: 'degraded' }),
    aRun({
      regionId: 'us-east',
      slotAt: noon + 50_000,
      verdict: 'probe_fault',
      error: { type: 'probe.browser_missing', message: 'no Chromium' },
      phases: [{ name: 'dns', ms: 3 }],
      assertions: [
        { level: 'must', subject: 'status', expected: '200', actual: '502', held: false },
      ],
      facts: { status: 502 },
      log: ['one line'],
    }),
  ])
  const pages = {
    '/': /One incident is open/,
    '/?show=trouble': /One incident is open/,
    '/incidents': /1 incident open/,
    '/incidents/INC-1': /Timeline/,
    [`/runs/${failed?.runId}`]: /Steps/,
    '/checks/checkout-stop': /Definition/,
    '/fleet': /3 of 3 regions report/,
    '/nowhere': /no page at this address/,
    '/incidents/INC-99': /No incident with this id/,
  }
  const problems: string[] = []
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 740 } })
      for (const [path, text] of Object.entries(pages)) {
        await page.goto(coordinator.address + path)
        await shows(`${path} is loaded`, page, text)
        const found = await accessibilityViolations(page)
        const overflow = await overflowPixels(page)
        problems.push(...found.map((problem) => `${path} ${colorScheme} ${width}: ${problem}`))
        if (overflow > 0) problems.push(`${path} ${width}: ${overflow} px too wide`)
      }
    }
  expect(problems).toEqual([])
})

test('a chosen theme is there before the first paint, and stays', async () => {
  const coordinator = await startWatching(movableClock(noon))
  const page = await browser.newPage({ colorScheme: 'light' })
  await page.goto(coordinator.address)
  const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const light = await background()
  await page.getByRole('button', { name: /^Theme: auto/ }).click()
  await page.getByRole('button', { name: /^Theme: light/ }).click()
  expect(await background()).not.toBe(light)
  const dark = await background()

  // Without its program the page still has the theme: a blocking script of its own sets it.
  await page.route('**/assets/*.js', (route) => route.abort())
  await page.reload()
  expect(await background()).toBe(dark)
})

/** For a phone on a bad line at night: what every page loads. */
const FIRST_BYTES_MAX = 80_000
/** With the library that only the charts of a check load, and with what leads an incident. */
const ALL_BYTES_MAX = 300_000

/** What stands before the address of a script in another that brings it with it; empty where none does. */
const before = (source: string, name: string): string => {
  const place = source.indexOf(`"./${name}"`)
  return place < 0 ? '' : source.slice(Math.max(0, place - 10), place)
}

test('the program is small enough for a phone on a bad line', async () => {
  const page = await readFile(join(browser.folder(), 'index.html'), 'utf8')
  const folder = join(browser.folder(), 'assets')
  const scripts = (await readdir(folder)).filter((name) => name.endsWith('.js'))
  const sources = await Promise.all(
    scripts.map(async (name) => ({ name, source: await readFile(join(folder, name)) })),
  )
  const sizeOf = (some: typeof sources) => some.reduce((sum, { source }) => sum + source.length, 0)
  // The page names some; those bring others with them, which are as much a part of the first load.
  const named = sources.filter(({ name }) => page.includes(name))
  const first = sources.filter(
    (script) =>
      named.includes(script) ||
      named.some(({ source }) => /(?:from|import)$/.test(before(source.toString(), script.name))),
  )
  const zipped = first.reduce((sum, { source }) => sum + gzipSync(source).length, 0)
  console.log(`dashboard: ${sizeOf(first)} bytes of JavaScript at first, ${zipped} compressed`)
  expect(first.length).toBeGreaterThan(0)
  expect(sizeOf(first)).toBeLessThan(FIRST_BYTES_MAX)
  expect(sizeOf(sources)).toBeLessThan(ALL_BYTES_MAX)
})
