import { expect, test } from 'vitest'
import { listIncidents } from '../../src/protocol/public-api.ts'
import { at } from '../support/builders.ts'
import { aFleet, startCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  isFocused,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { movableClock } from '../support/movable-clock.ts'
import { until } from '../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const browser = dashboardBrowser()

test('by keyboard alone somebody reports a problem, and reads what all said', async () => {
  const fleet = aFleet({
    reportRule: { count: 1, withinMs: 900_000 },
    changeSecret: 'CHANGE_TOKEN',
  })
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock, fleet, secrets: { CHANGE_TOKEN: 'known' } },
    dashboardFolder: browser.folder(),
  })
  const told = await fetch(`${coordinator.address}/api/v1/changes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer known' },
    body: JSON.stringify({
      ...{ id: 'p812', serviceId: 'storefront', kind: 'deploy', summary: 'release 812' },
      ...{ at: noon - 720_000, by: 'Ada', link: 'https://ci.example.com/812' },
    }),
  })
  expect(told.status).toBe(200)

  const page = await browser.newPage({ viewport: { width: 360, height: 800 } })
  await page.goto(coordinator.address)
  const button = page.getByRole('button', { name: 'Report a problem' })
  await button.waitFor()
  await button.focus()
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Report a problem' })
  await dialog.waitFor()
  expect(await accessibilityViolations(page)).toEqual([])
  expect(await overflowPixels(page)).toBeLessThanOrEqual(0)

  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  expect(await isFocused(button)).toBe(true)

  await page.keyboard.press('Enter')
  const words = dialog.getByLabel('What does not work')
  for (let turn = 0; turn < 5 && !(await isFocused(words)); turn++) await page.keyboard.press('Tab')
  const text = '<img src=x onerror="document.title=1"> is all I see'
  await page.keyboard.type(text)
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('status').filter({ hasText: 'Reported: 1 report within 15 min' }).waitFor()
  expect(await accessibilityViolations(page)).toEqual([])

  await until('an incident is open', async () => (await coordinator.get(listIncidents)).data[0])
  await page.goto(`${coordinator.address}/incidents/INC-1`)
  const triage = page.getByRole('region', { name: 'Triage' })
  await triage.waitFor()
  const shown = (await triage.innerText()).replaceAll(/\s+/g, ' ')
  expect(shown).toContain(`“${text}”`)
  expect(shown).toMatch(
    /What changed before Deployed release 812 Storefront · .+, 12 min before it began · Ada/,
  )
  expect(await triage.locator('img').count()).toBe(0)
  expect(await page.getByRole('link', { name: 'release 812' }).getAttribute('href')).toBe(
    'https://ci.example.com/812',
  )
  expect(await accessibilityViolations(page)).toEqual([])
  expect(await overflowPixels(page)).toBeLessThanOrEqual(0)

  const link = `${coordinator.address}/incidents?state=all&declare=1&service=storefront&severity=sev-2&title=Nobody+pays`
  await page.goto(link)
  const declare = page.getByRole('dialog', { name: 'Declare an incident' })
  await declare.waitFor()
  expect(await declare.getByLabel('What customers cannot do').inputValue()).toBe('Nobody pays')
  expect(await declare.getByLabel('SEV-2').isChecked()).toBe(true)
  expect(await declare.getByLabel('Service').inputValue()).toBe('storefront')
  await page.keyboard.press('Escape')
  await declare.waitFor({ state: 'detached' })
  await until('the address asks for it no more', () => new URL(page.url()).search === '?state=all')
  expect((await coordinator.get(listIncidents)).data).toHaveLength(1)
})
