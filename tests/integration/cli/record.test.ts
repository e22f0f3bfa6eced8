import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'
import { startRecording, untilListening } from '../../support/recorded-browser.ts'
import { until } from '../../support/until.ts'
import { windowProblem } from '../../support/virtual-display.ts'

const CHECKS = 'probes/shop/shop.checks.yaml'
const JOURNEY = 'probes/shop/buy-lamp.journey.ts'
const PASSWORD = "correct 'horse' staple"
/** Two browsers, one of them with a window, and several processes. */
const STORY_MS = 180_000

const PAGES: Record<string, string> = {
  '/': `<meta charset="utf-8"><title>Lamp shop</title><h1>Lamps</h1><a href="/login">Sign in</a>`,
  '/login': `<title>Sign in</title><form method="post" action="/session">
    <label>Name <input name="name"></label>
    <label>Password <input name="password" type="password"></label>
    <label>Code <input name="code" autocomplete="one-time-code"></label>
    <button>Go</button></form>`,
  '/account': `<meta charset="utf-8"><title>Account</title><h1>Hello Ada</h1>
    <label>Size <select><option>small</option><option>large</option></select></label>
    <label><input type="checkbox"> I agree</label>
    <p id="total">Total 42 €</p>
    <a href="/terms" target="_blank">Terms</a>
    <button onclick="this.remove()">Hide me</button>
    <form method="post" action="/checkout/orders"><button>Pay</button></form>`,
  '/terms': `<title>Terms</title><h1>Our terms</h1><button>Accept</button>`,
  '/thanks': '<title>Thanks</title><h1>Thank you</h1>',
}

/** A shop that lets nobody in without the password, and takes orders. */
async function startShop() {
  const requests: string[] = []
  const redirect = (response: ServerResponse, to: string) =>
    response.writeHead(303, { location: to }).end()
  const server = createServer(async (request, response) => {
    const { method, url = '/' } = request
    requests.push(`${method} ${url}`)
    if (url === '/session') {
      const form = new URLSearchParams(await text(request))
      const isKnown = form.get('password') === PASSWORD && /^\d{6}$/.test(form.get('code') ?? '')
      return redirect(response, isKnown ? '/account' : '/login')
    }
    if (url === '/checkout/orders') return redirect(response, '/thanks')
    const page = PAGES[url]
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(page)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests }
}

test.skipIf(windowProblem !== undefined)(
  'what somebody does in a browser becomes a journey that passes, without what they typed in secret',
  async () => {
    const shop = await startShop()
    const folder = await aFleetFolder()
    const { command, page } = await startRecording(['buy-lamp', '--url', shop.url], folder)

    await untilListening(page)
    await page.getByText('Sign in').click()
    await page.waitForURL('**/login')
    await untilListening(page)
    await page.getByLabel('Name').click()
    await page.keyboard.type('Ada')
    await page.keyboard.press('Tab')
    await page.keyboard.type(PASSWORD)
    await page.getByLabel('Code').click()
    await page.keyboard.type('123456')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/account')
    await untilListening(page)
    await page.getByLabel('Size').selectOption('large')
    await page.getByLabel('I agree').click()
    await page.locator('#total').click({ modifiers: ['Shift'] })
    await page.getByText('Hide me').click({ modifiers: ['Shift'] })
    expect(await page.getByText('Hide me').count()).toBe(1)
    const said = (words: string) =>
      until(words, () => command.stderr().includes(`  ${words}\n`), { withinMs: 15_000 })
    const [terms] = await Promise.all([page.waitForEvent('popup'), page.getByText('Terms').click()])
    // The recorder comes into a window a moment after it opens, and tells of a click half a second later.
    await until(
      'click Accept',
      async () => {
        if (command.stderr().includes('  click Accept\n')) return true
        await terms.getByText('Accept').click()
        return false
      },
      { withinMs: 15_000, everyMs: 1_000 },
    )
    await terms.close()
    await page.getByText('Pay').click()
    await page.waitForURL('**/thanks')
    await said('click Pay')
    await page.close()

    expect({ code: await command.exited, said: command.stderr() }).toMatchObject({ code: 0 })
    expect(command.stdout()).toBe(
      `wrote ${JOURNEY}\nwrote ${CHECKS}\nTry it: npx firewatch run buy-lamp\n`,
    )
    expect(command.stderr()).toContain('It reads SHOP_PASSWORD and SHOP_TOTP from the environment')
    expect(command.stderr()).toContain('The browser sent POST **/orders')
    const written = await readFile(join(folder, JOURNEY), 'utf8')
    const source = written.replace(/(\n *await page2\.[^\n]*Accept[^\n]*)+/, '$1')
    expect(`${source}${command.stdout()}${command.stderr()}`).not.toContain('horse')
    expect(source).not.toContain('123456')
    expect(source).toMatchInlineSnapshot(`
      "import { expect, journey } from 'firewatch'

      // While it was recorded, the browser sent what looks like an order. If it is one, end the journey
      // before it, and forbid it for good:
      //   export default journey({ never: ['POST **/orders'] }, async ({ … }) => {

      /** Recorded. Say here what a user does, and what for. */
      export default journey(async ({ page, step, target, secrets, totp }) => {
        await step('open Lamp shop', async () => {
          await page.goto(target)
          await expect(page).toHaveTitle('Lamp shop')
        })
        await step('go to Sign in', async () => {
          await page.getByRole('link', { name: 'Sign in' }).click()
          await expect(page).toHaveTitle('Sign in')
        })
        await step('go to Account', async () => {
          await page.getByRole('textbox', { name: 'Name' }).fill('Ada')
          await page.getByRole('textbox', { name: 'Password' }).fill(secrets.SHOP_PASSWORD)
          await page.getByRole('textbox', { name: 'Code' }).fill(totp(secrets.SHOP_TOTP))
          await page.getByRole('textbox', { name: 'Code' }).press('Enter')
          await expect(page).toHaveTitle('Account')
        })
        const page2 = await step('click Terms', async () => {
          await page.getByLabel('Size smalllarge').selectOption('large')
          await page.getByRole('checkbox', { name: 'I agree' }).check()
          await expect(page.getByText('Total 42 €')).toBeVisible()
          await expect(page.getByRole('button', { name: 'Hide me' })).toBeVisible()
          const opened = page.waitForEvent('popup')
          await page.getByRole('link', { name: 'Terms' }).click()
          return opened
        })
        await step('click Accept', async () => {
          await page2.getByRole('button', { name: 'Accept' }).click()
          await page2.close()
        })
        await step('go to Thanks', async () => {
          await page.getByRole('button', { name: 'Pay' }).click()
          await expect(page).toHaveTitle('Thanks')
        })
      })
      "
    `)
    const loaded = await loadFleet(folder, {})
    expect(loaded).toMatchObject({
      ok: true,
      fleet: {
        checks: [{ id: 'buy-lamp', url: shop.url, secrets: ['SHOP_PASSWORD', 'SHOP_TOTP'] }],
      },
    })
    const valid = await runFirewatch(['validate'], { folder })
    expect(valid.code).toBe(0)
    expect(valid.stdout).toContain('1 check in 1 region is valid\n')

    shop.requests.length = 0
    const environment = { SHOP_PASSWORD: PASSWORD, SHOP_TOTP: 'GEZDGNBVGY3TQOJQ' }
    const run = await runFirewatch(['run', 'buy-lamp'], { folder, environment })
    expect(run.stdout).toContain('✓ passed  buy-lamp')
    expect(shop.requests).toContain('POST /checkout/orders')
  },
  STORY_MS,
)

test.skipIf(windowProblem !== undefined)(
  'Ctrl-C ends a recording as well: what was done until then is written',
  async () => {
    const shop = await startShop()
    const folder = await aFleetFolder()
    const { command, page } = await startRecording(['buy-lamp', '--url', shop.url], folder)
    await untilListening(page)
    await page.getByText('Sign in').click()
    await page.waitForURL('**/login')
    await untilListening(page)
    await page.goto(`${shop.url}terms`)
    command.process.kill('SIGINT')
    expect({ code: await command.exited, said: command.stderr() }).toMatchObject({ code: 0 })
    const source = await readFile(join(folder, JOURNEY), 'utf8')
    expect(source).toContain("await page.getByRole('link', { name: 'Sign in' }).click()")
    expect(source).toContain("await page.goto(new URL('/terms', target).href)")
    const run = await runFirewatch(['run', 'buy-lamp'], { folder })
    expect(run.stdout).toContain('✓ passed  buy-lamp')
  },
  STORY_MS,
)

const SERVICES = `services:
  - { id: shop, tier: core, owner: Team }
  - { id: till, tier: core, owner: Team }
`
const TAKEN = `service: shop
checks:
  - { id: home, kind: journey, script: ./home.journey.ts, url: 'http://127.0.0.1:9/here', every: 5m }
`

test.each([
  {
    why: 'the file of a journey',
    words: ['old'],
    says: 'old.journey.ts is there already, and stays',
  },
  {
    why: 'one of several services',
    words: ['new', '--url', 'http://elsewhere.test/'],
    says: 'say with --service which service http://elsewhere.test belongs to; there are: shop, till',
  },
  {
    why: 'no address',
    words: ['new', '--url', 'shop'],
    says: 'expected an address such as https:',
  },
  { why: 'no display', words: ['new'], says: 'record shows a window, and there is no display' },
])('$why: refused with 2 before any browser opens', async ({ words, says }) => {
  const files = {
    [CHECKS]: TAKEN,
    'probes/shop/old.journey.ts': '// mine',
    'probes/shop/home.journey.ts': '',
    'config/services.yaml': SERVICES,
  }
  const folder = await aFleetFolder(files)
  const environment = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined }
  const { code, stderr } = await runFirewatch(
    ['record', '--url', 'http://127.0.0.1:9/', ...words],
    { folder, environment },
  )
  expect(stderr).toContain(says)
  expect(code).toBe(2)
  expect(await readFile(join(folder, CHECKS), 'utf8')).toBe(TAKEN)
  expect(await readFile(join(folder, 'probes/shop/old.journey.ts'), 'utf8')).toBe('// mine')
})

// Said loudly: a skipped line alone is overlooked.
afterAll(() => {
  if (windowProblem !== undefined)
    process.stderr.write(`\nnothing was recorded in these tests: ${windowProblem}\n`)
})
