import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { getPostmortem, savePostmortem } from '../../src/protocol/postmortem-api.ts'
import { declareIncident, INCIDENT_COMMANDS } from '../../src/protocol/public-api.ts'
import { at } from '../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  isFocused,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { movableClock } from '../support/movable-clock.ts'
import { addToGallery } from '../support/take-picture.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const PICTURES = process.env.FIREWATCH_PICTURES
const browser = dashboardBrowser()
const params = { incidentId: 'INC-1' }

async function restored(): Promise<TestCoordinator> {
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock, dashboardFolder: browser.folder() },
    fleet: aFleet({ silentAfterMs: 86_400_000, checks: [] }),
  })
  const give = (name: keyof typeof INCIDENT_COMMANDS, body: object) =>
    coordinator.post(INCIDENT_COMMANDS[name], params, { by: 'ada', ...body })
  const wanted = { serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1' }
  await coordinator.post(
    declareIncident,
    {},
    { by: 'ada', ...wanted, reason: 'twelve calls', occurredAt: noon - 3 * MINUTE },
  )
  await give('mitigate', { kind: 'rollback', what: 'back to 811', target: 'orders' })
  clock.advance(20 * MINUTE)
  await give('mitigated', { note: 'payments go through' })
  clock.advance(MINUTE)
  await give('override-gate', { reason: 'no check watches it' })
  return coordinator
}

const tabTo = async (page: Page, locator: ReturnType<Page['getByRole']>) => {
  for (let presses = 0; presses < 80 && !(await isFocused(locator)); presses++)
    await page.keyboard.press('Tab')
  expect(await isFocused(locator)).toBe(true)
}
const stored = (coordinator: TestCoordinator) => coordinator.get(getPostmortem, params)

test('by keyboard alone a review is written, saved by itself, and no conflict loses a word', async () => {
  const coordinator = await restored()
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(`${coordinator.address}/postmortems/INC-1`)
  const name = page.getByRole('textbox', { name: 'Your name' })
  await name.waitFor()
  await tabTo(page, name)
  await page.keyboard.type('grace')
  const wentWell = page.getByRole('textbox', { name: 'What went well' })
  await tabTo(page, wentWell)
  await page.keyboard.type('We told customers soon.')
  await until('it is saved by itself', async () =>
    (await stored(coordinator)).body.wentWell.includes('We told customers soon.'),
  )
  expect((await stored(coordinator)).updatedBy).toBe('grace')
  await page.getByText('Reads: ').filter({ hasText: 'customers had it for 23 min' }).waitFor()

  const { revision, body } = await stored(coordinator)
  const theirs = { ...body, summary: 'What ada wrote.' }
  await coordinator.post(savePostmortem, params, { by: 'ada', revision, body: theirs })
  await page.keyboard.type(' And often.')
  const mine = page.getByRole('button', { name: /^Save mine over revision/ })
  await mine.waitFor()
  expect((await stored(coordinator)).body.summary).toBe('What ada wrote.')
  // A reload in the middle of it loses nothing either.
  await page.reload()
  await until('what was typed is still there', async () =>
    (await wentWell.inputValue()).includes('And often.'),
  )
  await mine.waitFor()
  await page.getByText('Theirs, revision').click()
  await page.getByText('What ada wrote.').first().waitFor()
  await tabTo(page, mine)
  await page.keyboard.press('Enter')
  await until('mine is saved', async () =>
    (await stored(coordinator)).body.wentWell.includes('And often.'),
  )

  // What she wrote over ada's words shows as changed, and the draft of the record can come back.
  const revisions = page.getByRole('region', { name: 'Revisions' })
  await revisions.getByText('What was saved before').focus()
  await page.keyboard.press('Enter')
  const first = revisions.getByRole('button', { name: 'Revision 1', exact: true })
  await first.waitFor()
  const newest = revisions.getByRole('listitem').first().getByRole('button').first()
  await newest.focus()
  await page.keyboard.press('Enter')
  await revisions.locator('del', { hasText: 'ada wrote.' }).waitFor()
  expect(await accessibilityViolations(page)).toEqual([])
  await tabTo(page, revisions.getByRole('button', { name: 'Restore revision 1' }))
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Restore revision 1' })
  await dialog.waitFor()
  await dialog.getByRole('button', { name: 'Restore revision 1' }).press('Enter')
  await until(
    'the draft is back',
    async () => !(await stored(coordinator)).body.wentWell.includes('often'),
  )
  await until('and on the page', async () => !(await wentWell.inputValue()).includes('often'))
  await revisions.getByText('revision 1 again').waitFor()

  await page.getByRole('button', { name: 'Add an action item' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.getByLabel('What is to be done').fill('Alert on the disk')
  await page.getByLabel('Who does it').fill('ada')
  await page.getByLabel('Until', { exact: true }).fill('2026-03-20')
  await page.keyboard.press('Enter')
  await page.getByText('Alert on the disk').first().waitFor()
  expect((await stored(coordinator)).actionItems).toMatchObject([{ owner: 'ada', priority: 'P1' }])
})

test.each(['light', 'dark'] as const)(
  'in %s the pages are readable at both widths',
  async (theme) => {
    const coordinator = await restored()
    for (const width of [1440, 360]) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: theme })
      for (const [path, wait] of [
        ['postmortems/INC-1', 'Root cause analysis'],
        ['postmortems', 'How long incidents take'],
        ['incidents/INC-1', 'Mitigations'],
      ] as const) {
        await page.goto(`${coordinator.address}/${path}`)
        await page.getByRole('heading', { name: wait }).waitFor()
        expect(await accessibilityViolations(page)).toEqual([])
        expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
        if (theme === 'light' && width === 1440 && path === 'postmortems/INC-1')
          await addToGallery(page, 'postmortem')
        if (PICTURES === undefined) continue
        await mkdir(PICTURES, { recursive: true })
        const file = `${path.replaceAll('/', '-')}-${theme}-${width}.png`
        await page.screenshot({ path: join(PICTURES, file), fullPage: true })
      }
    }
  },
)
