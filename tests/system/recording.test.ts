import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { getRun, listRuns } from '../../src/protocol/public-api.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aCheck } from '../support/builders.ts'
import { startFirewatch } from '../support/command.ts'
import { aFleet, PROBE_TOKEN, startCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { startLeakySite } from '../support/leaky-site.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { SELDOM_MS, until } from '../support/until.ts'

const JOURNEY = `import { expect, journey } from 'firewatch'
export default journey(async ({ page, step, target }) => {
  await step('open the shop', () => page.goto(target))
  await step('find the lamp', () => expect(page.getByText('Marlow')).toBeVisible({ timeout: 200 }))
})
`

const browser = dashboardBrowser()

/** A run that failed and was recorded, from a probe to a coordinator. */
async function recordedRun() {
  const folder = await tempFolder()
  const site = await startLeakySite()
  await mkdir(join(folder, 'probes/storefront'), { recursive: true })
  await writeFile(join(folder, 'probes/storefront/lamp.journey.ts'), JOURNEY)
  const check = aCheck('journey', {
    script: 'storefront/lamp.journey.ts',
    url: site.url,
    regions: ['eu-west'],
    schedule: { kind: 'interval', everyMs: 3_000 },
    timeoutMs: 10_000,
    evidence: { screenshots: 'on-failure', recording: 'on-failure', paintOver: [] },
  })
  const fleet = aFleet({ checks: [check], regions: [{ id: 'eu-west', name: 'eu-west' }] })
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: systemClock,
    fleet,
    dashboardFolder: browser.folder(),
  })
  startFirewatch(['probe'], {
    folder,
    environment: {
      FIREWATCH_COORDINATOR_URL: coordinator.address,
      FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
      FIREWATCH_REGION: 'eu-west',
      FIREWATCH_METRICS_PORT: 'off',
    },
  })
  const runId = await until(
    'a run failed, and its recording is here',
    async () => {
      const { data } = await coordinator.get(listRuns)
      for (const { runId } of data) {
        const { laterArtifactsStored } = await coordinator.get(getRun, { runId })
        if (laterArtifactsStored.some(({ name }) => name === 'recording.json')) return runId
      }
      return undefined
    },
    { withinMs: 40_000, everyMs: SELDOM_MS },
  )
  return { address: coordinator.address, runId }
}

test('a failure is recorded, and the run page tells of it and opens its trace', async () => {
  const { address, runId } = await recordedRun()
  const page = await browser.newPage()
  const strangers: string[] = []
  page.context().on('request', (request) => {
    if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url()))
      strangers.push(request.url())
  })
  await page.goto(`${address}/runs/${runId}`)
  const recording = page.getByRole('region', { name: 'Recording' })
  await recording
    .getByText(/once more to record it, and failed again in step “find the lamp”/)
    .waitFor()

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 740 })
      expect(await accessibilityViolations(page)).toEqual([])
      expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
      const folder = process.env.FIREWATCH_PICTURES
      if (folder !== undefined)
        await page.screenshot({
          path: `${folder}/recording-${colorScheme}-${width}.png`,
          fullPage: true,
        })
    }

  const [viewer] = await Promise.all([
    page.waitForEvent('popup'),
    recording.getByRole('link', { name: 'Open the trace' }).click(),
  ])
  const complaints: string[] = []
  viewer.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  await viewer.setViewportSize({ width: 1280, height: 740 })
  await viewer.getByText('find the lamp').first().waitFor()
  await viewer.getByText('open the shop').first().click()
  // The page as it was then, shown again from the trace.
  await viewer.frameLocator('iframe.snapshot-visible').getByText('Welcome').first().waitFor()
  if (process.env.FIREWATCH_PICTURES !== undefined)
    await viewer.screenshot({ path: `${process.env.FIREWATCH_PICTURES}/trace-viewer.png` })
  expect(complaints).toEqual([])
  expect(strangers).toEqual([])
}, 90_000)
