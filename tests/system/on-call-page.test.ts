import { expect, test } from 'vitest'
import { addOnCallChange, listOnCallChanges } from '../../src/protocol/on-call-api.ts'
import { declareIncident } from '../../src/protocol/public-api.ts'
import { at } from '../support/builders.ts'
import { aFleet, startCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  isFocused,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { movableClock } from '../support/movable-clock.ts'
import { anOnCall, aPerson, aRotation } from '../support/on-call-builders.ts'
import { addToGallery } from '../support/take-picture.ts'

const noon = at('2026-03-11T12:00:00Z')
const HOUR = 3_600_000
const browser = dashboardBrowser()

const people = [
  aPerson('first-responder', { name: 'First responder' }),
  aPerson('second-responder', { name: 'Second responder' }),
  aPerson('third-responder', { name: 'Third responder' }),
  aPerson('team-lead', { name: 'Team lead', contacts: [] }),
]
const participants = people.slice(0, 3).map(({ id }) => id)

async function startStory() {
  const office = { days: [1, 2, 3, 4, 5] as (1 | 2 | 3 | 4 | 5)[], from: 9 * 60, until: 17 * 60 }
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon),
    dashboardFolder: browser.folder(),
    fleet: aFleet({
      services: [
        { id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined },
        { id: 'reports', name: 'Reports', tier: 'minor', owner: undefined },
      ],
      onCall: anOnCall({
        people,
        teams: [
          {
            ...{ id: 'shop', name: 'Shop team', services: ['storefront'] },
            ...{ members: participants, lead: 'team-lead' },
          },
          {
            ...{ id: 'data', name: 'Data team', services: ['reports'] },
            members: ['second-responder'],
          },
        ],
        rotations: [
          aRotation([{ participants, secondary: { kind: 'next' }, zone: 'Europe/Berlin' }]),
          aRotation(
            [{ participants: ['second-responder', 'third-responder'], restrictions: [office] }],
            {
              ...{ id: 'office-hours', name: 'office hours', teamId: 'data' },
              access: [
                { name: 'Reports', test: 'sign in', url: 'https://reports.example.com' },
                { name: 'Warehouse', test: 'a query of yesterday answers' },
              ],
            },
          ),
        ],
      }),
    }),
  })
  await coordinator.post(
    addOnCallChange,
    {},
    {
      ...{ kind: 'absence', personId: 'first-responder', author: 'First responder' },
      ...{ from: at('2026-03-30T00:00:00Z'), until: at('2026-04-06T00:00:00Z') },
      reason: 'on holiday',
    },
  )
  return coordinator
}

test('the page tells who is on call, who is next, and what would go wrong', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/fleet`)
  await page.getByRole('navigation', { name: 'Pages' }).getByText('On call').click()
  await page.getByRole('heading', { name: 'All 2 teams have somebody on call' }).waitFor()

  const team = page.getByRole('region', { name: 'Shop team' })
  expect(await team.innerText()).toMatch(
    /On call\s+First responder: it is the turn[\s\S]*Behind them\s+Second responder[\s\S]*Next in weekly\s+Second responder from/,
  )
  const complaints = page.getByRole('region', { name: 'What would go wrong' })
  expect(await complaints.innerText()).toMatch(
    /Error[^\n]*nobody of Data team is on call \d+ times in these weeks[\s\S]*Warning[^\n]*Team lead can be paged and has no verified contact/,
  )
  const changes = page.getByRole('region', { name: 'Overrides and absences' })
  expect(await changes.innerText()).toContain('First responder is absent from 30 Mar')
  await page.getByText('All shifts of weekly').click()
  const calendar = page.getByRole('region', { name: 'The next eight weeks' })
  await calendar.getByText('Second responder', { exact: true }).first().waitFor()
  expect(await calendar.getByRole('table').first().innerText()).toContain(
    'standing in for First responder',
  )

  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 360]) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 740 })
      if (colorScheme === 'light' && width === 1440) await addToGallery(page, 'on-call')
      const folder = process.env.FIREWATCH_PICTURES
      if (folder !== undefined)
        await page.screenshot({
          path: `${folder}/on-call-${colorScheme}-${width}.png`,
          fullPage: true,
        })
      expect(await accessibilityViolations(page)).toEqual([])
      expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
    }

  const shifts = page.getByRole('region', { name: 'Shifts that began' })
  expect(await shifts.innerText()).toMatch(
    /Third responder is primary of office hours from[\s\S]*to be confirmed by[\s\S]*Warehouse: a query of yesterday answers/,
  )
  await shifts.getByRole('button', { name: 'I have it' }).click()
  await shifts.getByText('– confirmed').waitFor()
}, 90_000)

test('a duty is taken over and given back with the keyboard alone', async () => {
  const coordinator = await startStory()
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/on-call`)
  const button = page.getByRole('button', { name: 'Take over a duty' })
  await button.waitFor()
  for (let tabs = 0; !(await isFocused(button)); tabs++) {
    expect(tabs).toBeLessThan(60)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Take over a duty' })
  await dialog.waitFor()
  expect(await accessibilityViolations(page)).toEqual([])
  const who = dialog.getByLabel('Who')
  for (let tabs = 0; !(await isFocused(who)); tabs++) {
    expect(tabs).toBeLessThan(10)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.type('Third')
  const name = dialog.getByLabel('Your name')
  for (let tabs = 0; !(await isFocused(name)); tabs++) {
    expect(tabs).toBeLessThan(30)
    await page.keyboard.press('Tab')
  }
  await page.keyboard.type('Third responder')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })

  const team = page.getByRole('region', { name: 'Shop team' })
  await team.getByText('Third responder is the primary of weekly by an override').waitFor()
  const { data } = await coordinator.get(listOnCallChanges)
  expect(data.find(({ kind }) => kind === 'override')).toMatchObject({
    ...{ personId: 'third-responder', author: 'Third responder' },
    from: noon,
  })

  const end = page.getByRole('button', { name: 'End it now' })
  await end.focus()
  await page.keyboard.press('Enter')
  await team.getByText('it is the turn of First responder').waitFor()
}, 90_000)

test('what is refused says why, and the incident page names who is on call', async () => {
  const coordinator = await startStory()
  await coordinator.post(
    addOnCallChange,
    {},
    {
      ...{ kind: 'override', rotationId: 'weekly', role: 'primary', author: 'Team lead' },
      ...{ personId: 'third-responder', from: noon, until: noon + 4 * HOUR },
    },
  )
  const page = await browser.newPage()
  await page.goto(`${coordinator.address}/on-call`)
  await page.getByRole('button', { name: 'Take over a duty' }).click()
  await page.getByLabel('Your name').fill('Second responder')
  await page.keyboard.press('Enter')
  const refusal = page.getByRole('alert')
  await refusal.waitFor()
  expect(await refusal.innerText()).toContain('it overlaps an override of Team lead from')

  const declared = await coordinator.post(
    declareIncident,
    {},
    { by: 'Team lead', serviceId: 'storefront', title: 'x', severity: 'SEV-1', reason: 'calls' },
  )
  expect(declared.status).toBe(200)
  await page.goto(`${coordinator.address}/incidents/${declared.answer.incident.id}`)
  const line = page.getByText('On call for storefront')
  await line.waitFor()
  expect(await line.innerText()).toBe(
    'On call for storefront (Shop team): Third responder, then Second responder',
  )
}, 90_000)
