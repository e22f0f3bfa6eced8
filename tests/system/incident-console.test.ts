import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { declareIncident, getNow, INCIDENT_COMMANDS } from '../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  isFocused,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { type MovableClock, movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const PICTURES = process.env.FIREWATCH_PICTURES

const browser = dashboardBrowser()
const fleet = aFleet({
  silentAfterMs: 86_400_000,
  services: [{ id: 'storefront', name: 'Storefront', tier: 'core', owner: 'team shop' }],
  checks: [
    aCheck('http', { name: 'Homepage' }),
    aCheck('journey', { id: 'checkout-stop', name: 'Buy a lamp' }),
    aCheck('http', { id: 'search', name: 'Search' }),
  ],
})

const start = (clock: MovableClock) =>
  startCoordinator({ database: 'sqlite', clock, fleet, dashboardFolder: browser.folder() })

async function fail(coordinator: TestCoordinator, checkId: string, slotAt: number) {
  for (const regionId of ['eu-west', 'us-east'])
    await coordinator.ingest([
      aRun({
        checkId,
        regionId,
        slotAt,
        startedAt: slotAt,
        verdict: 'failed',
        durationMs: 2_100,
        error: { type: 'journey.step', message: 'HTTP 502: the page says "Bad gateway"' },
        steps: [
          { name: 'open the homepage', status: 'passed', startMs: 0, ms: 900 },
          {
            name: 'place order page',
            status: 'failed',
            startMs: 900,
            ms: 1_200,
            error: 'HTTP 502',
          },
        ],
        diagnosis: {
          layers: [
            { layer: 'dns', subject: 'shop', isFine: true, ms: 3, message: '192.0.2.7' },
            { layer: 'tcp', subject: '192.0.2.7:443', isFine: false, ms: 40, message: 'refused' },
          ],
          firstBroken: 1,
        },
      }),
    ])
  await until(`${checkId} is firing`, async () => {
    const now = await coordinator.get(getNow)
    return (
      now.services[0]?.checks.find((check) => check.checkId === checkId)?.alert.state === 'firing'
    )
  })
}

async function pass(coordinator: TestCoordinator, checkId: string, from: number) {
  for (const slotAt of [from, from + 10_000])
    for (const regionId of ['eu-west', 'us-east', 'ap-south'])
      await coordinator.ingest([aRun({ checkId, regionId, slotAt, startedAt: slotAt })])
  await until(`${checkId} is quiet`, async () => {
    const now = await coordinator.get(getNow)
    return (
      now.services[0]?.checks.find((check) => check.checkId === checkId)?.alert.state === 'quiet'
    )
  })
}

/** An incident that was led to its end, with the words of those who did. */
async function leadToTheEnd(coordinator: TestCoordinator, clock: MovableClock, from: number) {
  const give = (name: keyof typeof INCIDENT_COMMANDS, body: object) =>
    coordinator.post(INCIDENT_COMMANDS[name], { incidentId: 'INC-1' }, { by: 'Grace', ...body })
  clock.set(from + 5_000)
  await fail(coordinator, 'checkout-stop', from)
  await give('declare', {})
  await give('mitigated', { note: 'rolled back release 811' })
  clock.set(from + 30_000)
  await pass(coordinator, 'checkout-stop', from + 10_000)
  clock.advance(31 * MINUTE)
  await give('override-gate', { reason: 'nobody does the manual run here' })
  await until('it is restored', async () => {
    const { answer } = await give('resolve', {
      as: 'cause_fixed',
      reason: 'the pool of the order service has a limit',
      watchAccepted: 'a day is too long for a test',
    })
    return answer.incident?.state === 'resolved'
  })
}

const shows = (what: string, page: Page, text: string | RegExp) =>
  until(what, async () => {
    const found = (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ')
    if (!found.match(text)) throw new Error(found)
    return true
  })

test('by keyboard alone a person acknowledges, declares, lowers, splits and says that it is over', async () => {
  const clock = movableClock(noon - 120 * MINUTE)
  const coordinator = await start(clock)
  await leadToTheEnd(coordinator, clock, noon - 120 * MINUTE)
  clock.set(noon + 5_000)
  await fail(coordinator, 'checkout-stop', noon)
  await fail(coordinator, 'search', noon)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(`${coordinator.address}/incidents/INC-2`)
  await shows(
    'how bad',
    page,
    /How bad A core function fails everywhere .* Failing 100 % \(4 of 4 runs/,
  )
  await shows('what', page, /What is affected .*journey Buy a lamp, step “place order page”/)
  await shows('the layer', page, /First broken layer tcp: refused/)
  await shows('who', page, /Who is needed Owner of Storefront team shop Acknowledged by nobody yet/)
  await shows(
    'what ended it before',
    page,
    /The cause: the pool of the order service has a limit · Grace/,
  )

  // The focus is where the page begins; the first button is reached from there.
  const acknowledge = page.getByRole('button', { name: 'Acknowledge' })
  for (let presses = 0; presses < 40 && !(await isFocused(acknowledge)); presses++)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog', { name: 'Acknowledge' }).waitFor()
  await page.keyboard.press('Escape')
  await until('it is closed', async () => (await page.getByRole('dialog').count()) === 0)
  await until('the focus is back', () => isFocused(acknowledge))
  await page.keyboard.press('Enter')
  await page.keyboard.type('on it')
  await page.keyboard.press('Tab')
  await page.keyboard.type('Ada')
  await page.keyboard.press('Enter')
  await shows('it is acknowledged', page, /Acknowledged Ada, /)

  const dialogOf = async (name: string) => {
    await until('no other is open', async () => (await page.getByRole('dialog').count()) === 0)
    await page.getByRole('button', { name, exact: true }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name })
    await dialog.waitFor()
    return dialog
  }
  const send = async (name: string) => {
    await page.getByRole('dialog').getByRole('button', { name, exact: true }).press('Enter')
  }
  const declaring = await dialogOf('Declare')
  expect(await declaring.getByLabel('Your name').inputValue()).toBe('Ada')
  await send('Declare')
  await until('it is mitigating', () =>
    page.locator('.phase-now', { hasText: 'mitigating' }).isVisible(),
  )

  const lowering = await dialogOf('Severity')
  await lowering.getByRole('radio', { name: 'SEV-3' }).check()
  await send('Severity')
  await shows(
    'the refusal',
    page,
    /This needs a reason or a note\. lowering the severity needs a reason/,
  )
  await lowering.getByLabel('Reason').fill('few buy now')
  await send('Severity')
  await shows('it is lowered', page, /Lowered from SEV-1 to SEV-3 · Ada ?Correct few buy now/)

  const splitting = await dialogOf('Split')
  await splitting.getByLabel('Search').press('Space')
  await splitting.getByLabel('Reason').fill('another cause')
  await send('Split')
  await shows('it is apart', page, /Went apart as INC-3/)

  const noting = await dialogOf('Note')
  await noting.getByLabel('What you saw or did').fill('rolling back 812')
  await send('Note')
  const over = await dialogOf('Impact is over')
  await over.getByLabel('What was done').fill('rolled back 812')
  await send('Impact is over')
  await shows('it is told', page, /Says that the impact is over · Ada ?Correct rolled back 812/)
  await page.getByRole('link', { name: 'people', exact: true }).click()
  const entries = page.locator('.timeline > li')
  await until('only what people said', async () => (await entries.count()) === 3)
})

test('an incident that no check has found is declared on the page', async () => {
  const coordinator = await start(movableClock(noon))
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/incidents`)
  await page.getByRole('button', { name: 'Declare an incident' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('What customers cannot do').fill('Nobody can pay')
  await dialog.getByRole('radio', { name: 'SEV-1' }).check()
  await dialog.getByLabel('How you know').fill('twelve calls')
  await dialog.getByLabel('Which data may be lost or wrong').fill('orders stored twice')
  await dialog.getByLabel('Your name').fill('Ada')
  await dialog.getByRole('button', { name: 'Declare an incident' }).click()
  await shows('its page', page, /SEV-1 mitigating .* Nobody can pay/)
  expect(new URL(page.url()).pathname).toBe('/incidents/INC-1')
  await shows('the flag', page, /Data may be lost or wrong: orders stored twice · Ada/)

  await page.getByRole('button', { name: 'Data is whole' }).click()
  const withdrawing = page.getByRole('dialog')
  await withdrawing.getByLabel('How it is known').fill('counted')
  await withdrawing.getByRole('button', { name: 'Data is whole' }).click()
  await shows('it is taken back', page, /No data is at risk any more · Ada ?Correct counted/)
  expect(await page.locator('.data-at-risk').count()).toBe(0)
})

test('the console is accessible in both themes, with its dialogs, and fits a phone', async () => {
  const clock = movableClock(noon - 120 * MINUTE)
  const coordinator = await start(clock)
  await leadToTheEnd(coordinator, clock, noon - 120 * MINUTE)
  clock.set(noon + 5_000)
  for (const checkId of ['shop-home', 'checkout-stop', 'search'])
    await fail(coordinator, checkId, noon)
  const by = { by: 'Ada' }
  await coordinator.post(INCIDENT_COMMANDS.acknowledge, { incidentId: 'INC-2' }, by)
  await coordinator.post(
    INCIDENT_COMMANDS.split,
    { incidentId: 'INC-2' },
    { ...by, keys: ['check:search'], reason: 'another cause' },
  )
  await coordinator.post(
    declareIncident,
    {},
    {
      ...by,
      serviceId: 'storefront',
      title: 'Nobody can pay',
      severity: 'SEV-1',
      reason: 'twelve calls in ten minutes',
    },
  )
  await coordinator.post(
    INCIDENT_COMMANDS.merge,
    { incidentId: 'INC-4' },
    { ...by, into: 'INC-2', reason: 'the same' },
  )
  await coordinator.post(
    INCIDENT_COMMANDS['data-at-risk'],
    { incidentId: 'INC-2' },
    { ...by, what: 'Orders since 14:40 may be stored twice' },
  )
  const problems: string[] = []
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 360]) {
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 740 } })
      const look = async (name: string) => {
        const found = await accessibilityViolations(page)
        problems.push(...found.map((problem) => `${name} ${colorScheme} ${width}: ${problem}`))
        const overflow = await overflowPixels(page)
        if (overflow > 0) problems.push(`${name} ${width}: ${overflow} px too wide`)
        if (PICTURES === undefined) return
        await mkdir(PICTURES, { recursive: true })
        const path = join(PICTURES, `console-${name}-${colorScheme}-${width}.png`)
        await page.screenshot({ path, fullPage: name !== 'dialog' })
      }
      for (const id of ['INC-1', 'INC-2', 'INC-4']) {
        await page.goto(`${coordinator.address}/incidents/${id}`)
        await shows(`${id} is loaded`, page, /How bad/)
        await look(id)
      }
      await page.goto(`${coordinator.address}/incidents/INC-2`)
      await page.getByRole('button', { name: 'Severity' }).click()
      await page.getByRole('dialog').waitFor()
      await look('dialog')
    }
  expect(problems).toEqual([])
})
