import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import type { Run } from '../../src/protocol/run.ts'
import { aRun, at } from '../support/builders.ts'
import { startCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const browser = dashboardBrowser()

const aJourneyRun = (): Run =>
  aRun({
    slotAt: noon,
    startedAt: noon,
    durationMs: 2_400,
    verdict: 'failed',
    error: { type: 'journey.step', message: 'pay: HTTP 502' },
    steps: [
      { name: 'go to checkout', status: 'degraded', startMs: 0, ms: 900, grossMs: 1_020 },
      { name: 'fill in the address', status: 'passed', startMs: 100, ms: 400, parent: 0 },
      { name: 'pay', status: 'failed', startMs: 1_020, ms: 1_300, error: 'pay: HTTP 502' },
      {
        name: 'see the receipt',
        status: 'skipped',
        startMs: 2_400,
        ms: 0,
        reason: 'step “pay” failed',
      },
    ],
    laterArtifacts: ['trace.zip', 'step-01.png'],
    browser: {
      engine: 'chromium 145.0',
      prepareMs: 80,
      evidenceMs: 120,
      pages: [
        {
          atMs: 10,
          url: 'https://shop.example.com/',
          status: 200,
          ttfbMs: 90,
          lcpMs: 2_900,
          cls: 0.3,
        },
      ],
      requests: 140,
      bytes: 1_300_000,
      failedRequestCount: 133,
      failedRequests: [
        {
          atMs: 1_400,
          step: 'pay',
          method: 'POST',
          url: `https://shop.example.com/orders/${'long'.repeat(40)}`,
          resource: 'fetch',
          status: 502,
        },
      ],
      consoleErrorCount: 1,
      consoleWarningCount: 0,
      exceptionCount: 0,
      console: [
        {
          atMs: 1_410,
          step: 'pay',
          kind: 'error',
          text: 'order was refused',
          place: 'https://shop.example.com/app.js:12',
        },
      ],
    },
  })

async function openRun(page: Page, run: Run) {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon + 5_000),
    dashboardFolder: browser.folder(),
  })
  await coordinator.ingest([run])
  await page.goto(`${coordinator.address}/runs/${run.runId}`)
  return coordinator
}

const says = (page: Page, name: string, text: RegExp) =>
  until(`${name} says ${text}`, async () => {
    const found = await page.getByRole('region', { name, exact: true }).innerText()
    if (!text.test(found.replaceAll(/\s+/g, ' '))) throw new Error(found)
    return true
  })

test('a journey tells its steps, what the browser saw, and files as they come', async () => {
  const page = await browser.newPage()
  const run = aJourneyRun()
  const coordinator = await openRun(page, run)
  await says(page, 'Where the time went', /◐ go to checkout.*\+ 120 ms for evidence/)
  await says(
    page,
    'Where the time went',
    /✗ pay.*1\.3 s pay: HTTP 502.*skipped · step “pay” failed/,
  )
  await says(page, 'What the browser saw', /2\.9 s ◐ needs improvement.*0\.300 ✗ poor/)
  await says(page, 'What the browser saw', /1 of 133 shown.*POST https.*HTTP 502.*in “pay”/)
  await says(page, 'What the browser saw', /✗ error order was refused .*app\.js:12/)
  await says(page, 'Pictures and files', /trace \(trace\.zip\): was announced; not here yet/)

  const put = await coordinator.probeRequest(`/runs/${run.runId}/artifacts/trace.zip`, {
    method: 'PUT',
    body: 'abcdef',
    headers: { 'content-type': 'application/zip' },
  })
  expect(put.status).toBe(204)
  await says(page, 'Pictures and files', /trace trace\.zip, 6 B/)
})

test.each(
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    [1280, 360].map((width) => ({ colorScheme, width })),
  ),
)('it is accessible and fits, $colorScheme and $width px', async ({ colorScheme, width }) => {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 740 } })
  await openRun(page, aJourneyRun())
  await says(page, 'What the browser saw', /order was refused/)
  const folder = process.env.FIREWATCH_PICTURES
  if (folder !== undefined)
    await page.screenshot({ path: `${folder}/journey-${colorScheme}-${width}.png`, fullPage: true })
  expect(await accessibilityViolations(page)).toEqual([])
  expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
})
