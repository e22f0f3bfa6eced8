import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { loadFleet } from '../../src/definitions/load-fleet.ts'
import type { OnCall } from '../../src/protocol/on-call.ts'
import { declareIncident, getIncident, INCIDENT_COMMANDS } from '../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../support/builders.ts'
import { PROJECT } from '../support/command.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { startNtfy } from '../support/message-services.ts'
import { movableClock } from '../support/movable-clock.ts'
import { anOnCall, aPhone } from '../support/on-call.ts'
import { addToGallery } from '../support/take-picture.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const PICTURES = process.env.FIREWATCH_PICTURES

const browser = dashboardBrowser()

/** The shipped runbooks and status page, for checks with the ids that they are bound to. */
async function shippedFleet() {
  const loaded = await loadFleet(PROJECT, {})
  if (!loaded.ok) throw new Error('what is shipped is valid')
  const { runbooks, statusPage, updateEveryMs } = loaded.fleet
  if (!runbooks || !statusPage || !updateEveryMs) throw new Error('all of it is shipped')
  return aFleet({
    silentAfterMs: 86_400_000,
    checks: [
      aCheck('http', { id: 'orders-api', name: 'Orders API' }),
      aCheck('journey', { id: 'checkout-stop', name: 'Buy a lamp' }),
    ],
    ...{ runbooks, statusPage, updateEveryMs },
  })
}

async function start(clock = movableClock(noon), onCall?: OnCall) {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    fleet: { ...(await shippedFleet()), ...(onCall && { onCall }) },
    dashboardFolder: browser.folder(),
  })
  for (const regionId of ['eu-west', 'us-east'])
    await coordinator.ingest([
      aRun({
        ...{ checkId: 'orders-api', regionId, slotAt: noon - 5_000, startedAt: noon - 5_000 },
        ...{ verdict: 'failed', error: { type: 'connect.refused', message: 'refused' } },
      }),
    ])
  await until('an incident is open', async () =>
    coordinator.get(getIncident, { incidentId: 'INC-1' }).catch(() => undefined),
  )
  return coordinator
}

const give =
  (coordinator: TestCoordinator, by: string) =>
  (name: keyof typeof INCIDENT_COMMANDS, body: object) =>
    coordinator.post(INCIDENT_COMMANDS[name], { incidentId: 'INC-1' }, { by, ...body })

const shows = (what: string, page: Page, text: string | RegExp) =>
  until(what, async () => {
    const found = (await page.locator('body').innerText()).replaceAll(/\s+/g, ' ')
    if (!found.match(text)) throw new Error(found)
    return true
  })

/** Opens a dialog from the keyboard, fills it in and sends it. */
async function say(page: Page, button: string | RegExp, fields: Record<string, string | true>) {
  const opener = page.getByRole('button', { name: button }).first()
  await opener.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  await dialog.waitFor()
  for (const [label, value] of Object.entries(fields)) {
    const field = dialog.getByLabel(label, { exact: false }).first()
    if (value === true) await field.press('Space')
    else await field.fill(value)
  }
  const name = dialog.getByLabel('Your name')
  if ((await name.inputValue()) === '') await name.fill('first-responder')
  await dialog.locator('button[type=submit]').press('Enter')
}

test('by keyboard a person takes command, ticks a step, corrects it, and tells people and the public', async () => {
  const phones = await startNtfy()
  const coordinator = await start(
    undefined,
    anOnCall({
      'first-responder': [],
      'second-responder': [aPhone('second', phones.url)],
    }),
  )
  await give(coordinator, 'first-responder')('acknowledge', {})
  await give(coordinator, 'first-responder')('declare', {})
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(`${coordinator.address}/incidents/INC-1`)
  await shows('the offer', page, /Operations Lead nobody; offered to first-responder/)
  await shows('the promise', page, /Next update in \d+ min/)

  await say(page, 'Take: Incident Commander', {})
  await shows('who leads', page, /Incident Commander first-responder since/)
  await shows('the announcement', page, 'I am acting as Incident Commander for this incident.')

  await say(page, 'Say what is next', { What: 'look at the disk', Who: 'second-responder' })
  await shows('what is next', page, /look at the disk · second-responder/)

  const step = page.getByLabel('Step 1 of Database disk full')
  await step.focus()
  await page.keyboard.press('Space')
  await page.getByRole('dialog').getByLabel('What it printed or did').fill('97 % on db 1')
  await page.getByRole('dialog').locator('button[type=submit]').press('Enter')
  await until('it is ticked', () => step.isChecked())
  await shows('tried', page, /Tried so far See how full it is, and of what.*→ 97 % on db 1/)

  await say(page, /^Correct: Did step 1/, { 'What it should say': '97 % on db 2', Reason: 'host' })
  await shows('the correction', page, /97 % on db 1 Corrected: 97 % on db 2/)

  await say(page, 'Page the secondary of the team that owns it', { 'What they are': 'a look' })
  await shows('who was called', page, /now second-responder .*Called by first-responder/)
  await until('the phone rings', () =>
    phones.taken.some(({ body }) => JSON.parse(body).topic === 'second'),
  )

  // What is wrong with the public's words is said, and stays in the dialog to be mended.
  await say(page, 'Write the update', { 'Tell the public': true, Title: 'PostgreSQL is full' })
  const dialog = page.getByRole('dialog')
  await shows('the refusal', page, /“PostgreSQL” names a product/)
  await dialog.getByLabel('Title').fill('Checkout does not work')
  await dialog.locator('button[type=submit]').press('Enter')
  await shows('what the public reads', page, /the public reads “investigating”/)
  await page.goto(`${coordinator.address}/status`)
  await shows('the public page', page, /Checkout does not work .*Next update by 12:15 UTC/)
})

test('console, runbooks and the public page are accessible in both themes, and fit a phone', async () => {
  const clock = movableClock(noon)
  const coordinator = await start(clock)
  const ada = give(coordinator, 'first-responder')
  await ada('acknowledge', {})
  await ada('declare', {})
  await ada('take-role', { role: 'incident_commander' })
  await ada('take-role', { role: 'operations_lead' })
  await ada('step-done', { runbookId: 'database-disk-full', step: 1, result: '97 %' })
  await ada('note', { text: 'removed three old snapshots', as: 'action' })
  await ada('next-action', { text: 'see that orders go through', who: 'second-responder' })
  const { leading } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
  const { internal, public: told } = leading?.draft ?? {}
  if (!internal || !told) throw new Error('there is a draft')
  const { severity: _, ...words } = internal
  await ada('update', { ...words, public: told })
  await coordinator.post(
    declareIncident,
    {},
    {
      ...{ by: 'first-responder', serviceId: 'storefront', title: 'Not for the public' },
      ...{ severity: 'SEV-2', reason: 'one call' },
    },
  )
  clock.advance(21 * MINUTE)
  await until('the nudge', async () =>
    (await coordinator.get(getIncident, { incidentId: 'INC-1' })).events.some(
      ({ type }) => type === 'progress_missing',
    ),
  )
  const problems: string[] = []
  const PAGES: [name: string, path: string, ready: RegExp][] = [
    ['incident', '/incidents/INC-1', /Is this the right approach/],
    ['runbooks', '/runbooks', /Bad deploy/],
    ['runbook', '/runbooks/database-disk-full', /Escalation/],
    ['status', '/status', /Components/],
  ]
  const all = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [1280, 360].map((width) => ({ colorScheme, width })),
  )
  const some = all.filter(({ colorScheme, width }) => (colorScheme === 'dark') === (width === 1280))
  for (const { colorScheme, width } of longOrShort({ long: all, short: some })) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 740 } })
    const look = async (name: string) => {
      const found = await accessibilityViolations(page)
      problems.push(...found.map((problem) => `${name} ${colorScheme} ${width}: ${problem}`))
      const overflow = await overflowPixels(page)
      if (overflow > 0) problems.push(`${name} ${width}: ${overflow} px too wide`)
      if (colorScheme === 'light' && ['incident', 'status'].includes(name))
        await addToGallery(page, `${name}-phone`)
      if (PICTURES === undefined) return
      await mkdir(PICTURES, { recursive: true })
      const path = join(PICTURES, `leading-${name}-${colorScheme}-${width}.png`)
      await page.screenshot({ path, fullPage: true })
    }
    for (const [name, path, ready] of PAGES) {
      await page.goto(`${coordinator.address}${path}`)
      await shows(`${name} is loaded`, page, ready)
      await look(name)
    }
    await page.goto(`${coordinator.address}/incidents/INC-1`)
    await page.getByRole('button', { name: 'Write the update' }).click()
    await page.getByRole('dialog').waitFor()
    await look('update-dialog')
  }
  expect(problems).toEqual([])
})
