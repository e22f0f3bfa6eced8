import { join } from 'node:path'
import type { Page } from 'playwright'
import { expect, test } from 'vitest'
import { listIncidents } from '../../src/protocol/public-api.ts'
import { startCoordinator } from '../support/coordinator.ts'
import {
  accessibilityViolations,
  dashboardBrowser,
  isFocused,
  overflowPixels,
} from '../support/dashboard-browser.ts'
import { movableClock } from '../support/movable-clock.ts'
import { firstAdmin, member, PASSWORD, visitor } from '../support/people.ts'
import { addToGallery } from '../support/take-picture.ts'
import { until } from '../support/until.ts'

const browser = dashboardBrowser()
const PHONE = { viewport: { width: 360, height: 740 } }
const DESK = { viewport: { width: 1440, height: 900 } }

async function start() {
  const clock = movableClock(Date.now())
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    dashboardFolder: browser.folder(),
    access: { signIn: 'required' },
  })
  return { clock, coordinator, address: coordinator.address }
}

const heading = (page: Page, text: string | RegExp) =>
  page.getByRole('heading', { level: 1, name: text }).waitFor()

/** A dialog takes the focus a moment after it opens. */
const untilFieldHasFocus = (page: Page) =>
  page.locator('input:focus, textarea:focus, select:focus').waitFor()

/** Types into what has the focus, and goes on with the keyboard alone. */
async function type(page: Page, ...fields: string[]): Promise<void> {
  await untilFieldHasFocus(page)
  for (const text of fields) {
    await page.keyboard.type(text)
    await page.keyboard.press('Tab')
  }
}

async function signIn(page: Page, address: string, login: string): Promise<void> {
  await page.goto(address)
  await heading(page, 'Sign in')
  await page.getByLabel('Login').waitFor()
  await type(page, login, PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
}

/** Both themes, as wide as the page is: nothing that axe finds, nothing beside the window. */
async function expectFit(page: Page, picture: string): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme })
    expect(await accessibilityViolations(page)).toEqual([])
    expect(await overflowPixels(page)).toBeLessThanOrEqual(0)
    if (theme === 'light' && picture === 'sign-in') await addToGallery(page, picture)
    const name = `${picture}-${theme}-${page.viewportSize()?.width}.png`
    // To be looked at by people; which is not worth its time in each run.
    if (process.env.FIREWATCH_PICTURES)
      await page.screenshot({ path: join(process.env.FIREWATCH_PICTURES, name), fullPage: true })
  }
}

test('the first link makes an account, by keyboard alone, and leaves no trace of itself', async () => {
  const { coordinator } = await start()
  const page = await browser.newPage(PHONE)
  await page.goto(coordinator.invitation ?? '')
  await heading(page, 'Make the first account')
  await expectFit(page, 'join')
  expect(page.url()).toMatch(/\/join$/)
  await page.getByLabel('Login').focus()
  await type(page, 'first-admin', 'The First Admin', PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('navigation', { name: 'Pages' }).waitFor()
  const menu = page.getByLabel('Account: first-admin')
  await menu.focus()
  await page.keyboard.press('Enter')
  await page.getByText('The First Admin').waitFor()
  await expectFit(page, 'account-menu')
  await page.keyboard.press('Escape')
  expect(await isFocused(menu)).toBe(true)
})

test('who is outside sees the sign-in page and nothing else, and is told what is wrong', async () => {
  const { coordinator, address } = await start()
  await firstAdmin(coordinator)
  const page = await browser.newPage(PHONE)
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await page.goto(`${address}/incidents`)
  await heading(page, 'Sign in')
  await page.getByLabel('Login').waitFor()
  await expectFit(page, 'sign-in')
  expect(asked.filter((path) => path.startsWith('/api/'))).toEqual(['/api/v1/me'])
  await type(page, 'first-admin', 'not the password')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').textContent()).toMatch(/do not go together/)
  expect(await isFocused(page.getByLabel('Password'))).toBe(true)
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  // To the page that was asked for.
  await heading(page, 'No incident is open.')
})

test('a session that ends asks again, and what was typed is sent afterwards', async () => {
  const { clock, coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  await member(address, admin, 'first-responder', 'responder')
  const page = await browser.newPage(DESK)
  await signIn(page, address, 'first-responder')
  await page.goto(`${address}/incidents`)
  await page.getByRole('button', { name: 'Declare an incident' }).click()
  await page.getByLabel('What customers cannot do').fill('Nobody can pay')
  await page.getByLabel('SEV-2').check()
  await page.getByLabel('How you know').fill('Seen by hand')
  const declare = page.getByRole('dialog').getByRole('button', { name: 'Declare an incident' })
  clock.advance(15 * 86_400_000)
  // The page may notice by itself first; then its question lies over the button already.
  await declare.dispatchEvent('click')
  const again = page.getByRole('dialog', { name: 'Sign in again' })
  await again.waitFor()
  await expectFit(page, 'sign-in-again')
  await type(page, 'first-responder', PASSWORD)
  await page.keyboard.press('Enter')
  await again.waitFor({ state: 'detached' })
  expect(await page.getByLabel('What customers cannot do').inputValue()).toBe('Nobody can pay')
  await declare.click()
  await heading(page, /Nobody can pay/)
  const reader = visitor(address, { cookie: admin.cookie() ?? '' })
  await reader.ask(listIncidents)
})

test('an admin invites somebody, makes a token, enrols a probe and reads who did what', async () => {
  const { coordinator, address } = await start()
  await firstAdmin(coordinator)
  const page = await browser.newPage(DESK)
  await signIn(page, address, 'first-admin')
  await page.getByLabel('Account: first-admin').click()
  await page.getByRole('link', { name: 'People and tokens' }).click()
  await heading(page, 'Who may sign in')

  await page.getByRole('button', { name: 'Invite somebody' }).click()
  await type(page, 'first-responder', 'First Responder')
  await page.keyboard.press('Enter')
  const link = page.getByLabel('A link for first-responder')
  const invitation = await page.locator('.shown-once input').inputValue()
  expect(invitation).toContain('/join?login=first-responder#fwi_')
  await link.first().waitFor()
  await expectFit(page, 'people')
  await page.getByRole('button', { name: 'I have it' }).click()
  await page.getByLabel('Role of first-responder').selectOption('viewer')
  await until(
    'the role is another one',
    async () => (await page.getByLabel('Role of first-responder').inputValue()) === 'viewer',
  )

  await page.getByRole('link', { name: 'Tokens', exact: true }).click()
  await page.getByRole('button', { name: 'Make a token' }).click()
  await untilFieldHasFocus(page)
  await page.keyboard.type('nightly report')
  await page.keyboard.press('Enter')
  const secret = await page.locator('.shown-once input').inputValue()
  const program = visitor(address, { token: secret })
  expect((await program.ask(listIncidents)).status).toBe(200)
  await page.getByRole('button', { name: 'I have it' }).click()
  await page.getByRole('button', { name: 'Enrol a probe' }).click()
  await page.getByLabel('Region').selectOption('us-east')
  await page.getByRole('button', { name: 'Make the token' }).click()
  await page.getByText('For a probe in us-east').waitFor()
  await expectFit(page, 'tokens')
  await page.getByRole('button', { name: 'Revoke nightly report' }).click()
  await page.getByRole('row', { name: /nightly report/ }).waitFor({ state: 'detached' })
  expect((await program.ask(listIncidents)).status).toBe(401)

  await page.getByRole('link', { name: 'Audit log' }).click()
  await page.getByText('revoked').waitFor()
  await expectFit(page, 'audit')
  await page.setViewportSize(PHONE.viewport)
  await expectFit(page, 'audit')
  await page.getByRole('link', { name: 'Accounts' }).click()
  await page.getByLabel('Role of first-responder').waitFor()
  await expectFit(page, 'people')
})

test('a viewer has no buttons that would be refused, and can change their password', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  await member(address, admin, 'just-looking', 'viewer')
  const page = await browser.newPage(PHONE)
  await signIn(page, address, 'just-looking')
  await page.goto(`${address}/incidents`)
  await heading(page, 'No incident is open.')
  expect(await page.getByRole('button', { name: 'Declare an incident' }).count()).toBe(0)
  await page.goto(`${address}/people`)
  await heading(page, 'Only an admin says who may come in.')
  await page.goto(`${address}/account`)
  await page.getByLabel('Present password').focus()
  await type(page, PASSWORD, 'another lamp by the door')
  await page.keyboard.press('Enter')
  await page.getByRole('status').filter({ hasText: 'The password is changed.' }).waitFor()
  await expectFit(page, 'account')
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await heading(page, 'Sign in')
})
