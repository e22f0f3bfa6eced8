import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { type RichSite, SLOWEST_MS, startRichSite } from '../../../support/rich-site.ts'

let site: RichSite
let bench: JourneyBench

beforeAll(async () => {
  site = await startRichSite()
  bench = await createJourneyBench()
})

afterAll(async () => {
  await bench.stop()
  await site.stop()
})

test('a step that takes longer than it may fails, and says so', async () => {
  const run = await bench.tryOut(
    `await step('open', () => page.goto(target))
     await step('wait for a lamp', () => page.getByText('no such lamp').click(), { within: '300ms' })
     await step('never reached', () => page.goto(target))`,
    { url: site.url },
  )

  expect(run.error?.type).toBe('journey.step')
  expect(run.error?.message).toBe('step "wait for a lamp" did not finish within 300 ms')
  expect(run.steps.map(({ name, status }) => `${name}: ${status}`)).toEqual([
    'open: passed',
    'wait for a lamp: failed',
  ])
  expect(run.steps[1]?.ms).toBeGreaterThanOrEqual(290)
})

test('a step that takes longer than it should is degraded, and so is the run', async () => {
  const outcome = await bench.outcome(
    `await step('open the slow page', () => page.goto(target + '/slow'), { degradedAfter: 100 })
     await step('open a fast one', () => page.goto(target), { degradedAfter: '9s' })`,
    { url: site.url },
  )

  expect(outcome.error).toBeUndefined()
  expect(outcome.verdict).toBe('degraded')
  expect(outcome.steps.map(({ status }) => status)).toEqual(['degraded', 'passed'])
  expect(outcome.steps[0]?.reason).toMatch(/^it took \d+ ms, more than the 100 ms that it should$/)
})

test('a limit that is no duration is a mistake of the journey, with what was expected', async () => {
  const run = await bench.tryOut(
    `await step('open', () => page.goto(target), { within: 'soon' })`,
    {
      url: site.url,
    },
  )

  expect(run.error?.type).toBe('journey.script')
  expect(run.error?.message).toContain('within is "soon", expected a duration such as 500ms')
})

test('after a soft step fails the journey goes on, and the run fails at its end with all of them', async () => {
  const run = await bench.tryOut(
    `await step('open', () => page.goto(target))
     const offer = await soft('an offer', () => expect(page.getByText('Offer')).toBeVisible({ timeout: 100 }))
     log('offer: ' + offer)
     await soft('a heading', () => expect(page.getByRole('heading')).toHaveText('Nothing', { timeout: 100 }))
     await soft('the shop', () => expect(page.getByText('Lamps')).toBeVisible())
     await step('still here', () => page.goto(target))`,
    { url: site.url },
  )

  expect(run.log).toContain('offer: undefined')
  expect(run.steps.map(({ name, status, isSoft }) => [name, status, isSoft ?? false])).toEqual([
    ['open', 'passed', false],
    ['an offer', 'failed', true],
    ['a heading', 'failed', true],
    ['the shop', 'passed', true],
    ['still here', 'passed', false],
  ])
  expect(run.error?.type).toBe('journey.step')
  expect(run.error?.message).toContain('step "an offer": ')
  expect(run.error?.message).toContain('step "a heading": ')
})

test('a step that is skipped says why, and steps inside others know where', async () => {
  const run = await bench.tryOut(
    `await step('outer', async () => {
       await step('open', () => page.goto(target))
       await step('redeem', () => params.voucher === '' ? skip('no voucher') : page.goto(target))
     })
     skip('the rest needs a voucher')`,
    { url: site.url, params: { voucher: '' } },
  )

  expect(run.error).toBeUndefined()
  expect(run.steps).toMatchObject([
    { name: 'outer', status: 'passed' },
    { name: 'open', status: 'passed', parent: 0 },
    { name: 'redeem', status: 'skipped', parent: 0, reason: 'no voucher' },
  ])
  expect(run.log).toContain('the journey ended early: the rest needs a voucher')
})

test("a journey gets the check's parameters, and no others", async () => {
  const body = `log(params.product + ' ' + params.count); log(String(params.colour))`
  const run = await bench.tryOut(body, { params: { product: 'lamp', count: 3 } })

  expect(run.log[0]).toBe('lamp 3')
  expect(run.error?.type).toBe('journey.script')
  expect(run.error?.message).toContain('the parameter colour is not among the params')
})

test('a one-time password is made of a secret, which is shown nowhere', async () => {
  const secret = 'GEZDGNBVGY3TQOJQ'
  const run = await bench.tryOut(`log(totp(secrets.SHOP_TOTP)); log(secrets.SHOP_TOTP)`, {
    secrets: ['SHOP_TOTP'],
    known: { SHOP_TOTP: secret },
  })

  expect(run.error).toBeUndefined()
  expect(run.log[0]).toMatch(/^\d{6}$/)
  expect(run.log[1]).toBe('[secret SHOP_TOTP]')
})

test('what the check must never ask is blocked, besides what the journey names itself', async () => {
  const run = await bench.tryOut(
    `await step('open', () => page.goto(target))
     await step('order', () => page.evaluate(() => fetch('/orders', { method: 'POST' })).catch(() => undefined))`,
    { url: site.url, never: ['POST **/orders'] },
  )

  expect(run.error?.type).toBe('journey.forbidden_request')
  expect(site.seen.some(({ method, path }) => method === 'POST' && path === '/orders')).toBe(false)
})

test('the run tells what the browser saw, with the vitals of each page', async () => {
  const { browser } = await bench.tryOut(
    `await step('open', () => page.goto(target + '/broken?token=abc'))
     await step('look', () => expect(page.getByText('Lamps')).toBeVisible())
     await step('go on', () => page.goto(target))
     await expect(page.getByText('Lamps')).toBeVisible()
     // Until the browser has told of what it painted: whoever began to listen first has heard it then.
     await page.evaluate(() => new Promise((done) =>
       new PerformanceObserver(done).observe({ type: 'largest-contentful-paint', buffered: true })))`,
    { url: site.url },
  )

  expect(browser?.engine).toMatch(/^chromium \d+/)
  expect(browser?.prepareMs).toBeGreaterThan(0)
  expect(browser?.pages.map(({ url, status, step }) => [url, status, step])).toEqual([
    [`${site.url}/broken`, 200, 'open'],
    [`${site.url}/`, 200, 'go on'],
  ])
  const last = browser?.pages.at(-1)
  expect(last?.ttfbMs).toBeGreaterThan(0)
  expect(last?.fcpMs).toBeGreaterThanOrEqual(last?.ttfbMs ?? Number.NaN)
  expect(last?.lcpMs).toBeGreaterThanOrEqual(last?.fcpMs ?? Number.NaN)
  expect(browser).toMatchObject({
    failedRequestCount: 1,
    consoleWarningCount: 1,
    exceptionCount: 1,
  })
  expect(browser?.failedRequests).toMatchObject([
    { method: 'GET', url: `${site.url}/missing.js`, resource: 'script', status: 404, step: 'open' },
  ])
  expect(browser?.requests).toBeGreaterThanOrEqual(3)
  expect(browser?.bytes).toBeGreaterThan(100)
  expect(browser?.console.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(
    expect.arrayContaining(['warning: lamps are low', 'exception: the page threw']),
  )
})

test('of more pages than are kept, the vitals do not become those of the last one kept', async () => {
  const { browser, error } = await bench.tryOut(
    `for (let i = 0; i < 20; i++) await page.goto(target + '/page-' + i)
     await page.goto(target + '/slowest')
     await page.evaluate(() => new Promise((done) =>
       new PerformanceObserver(done).observe({ type: 'largest-contentful-paint', buffered: true })))`,
    { url: site.url },
  )

  expect(error).toBeUndefined()
  expect(browser?.pages.map(({ url }) => new URL(url).pathname)).toEqual(
    Array.from({ length: 20 }, (_, i) => `/page-${i}`),
  )
  expect(browser?.pages.at(-1)?.ttfbMs ?? 0).toBeLessThan(SLOWEST_MS)
})

test('pictures show neither passwords nor what the check declares', async () => {
  const colours = async (paintOver: string[]) => {
    const failed = await bench.tryOut(
      `await page.goto(target + '/card'); await step('fail', () => { throw new Error('no') })`,
      { url: site.url, evidence: { screenshots: 'on-failure', recording: 'never', paintOver } },
    )
    const [picture] = failed.artifacts
    const png = (await readFile(picture?.path ?? '')).toString('base64')
    // The browser itself tells what is to be seen where.
    const read = await bench.tryOut(
      `log(await page.evaluate(async (png) => {
         const image = new Image()
         image.src = 'data:image/png;base64,' + png
         await image.decode()
         const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d')
         canvas.drawImage(image, 0, 0)
         return JSON.stringify([[50, 50], [50, 250]].map(([x, y]) => [...canvas.getImageData(x, y, 1, 1).data]))
       }, params.png))`,
      { params: { png } },
    )
    return JSON.parse(read.log.at(-1) ?? '')
  }

  const [red, grey] = [
    [255, 0, 0, 255],
    [119, 119, 119, 255],
  ]
  // The card above, the field for a password below.
  expect(await colours([])).toEqual([red, grey])
  expect(await colours(['#card'])).toEqual([grey, grey])
})

test('what is expected of steps and vitals is judged as of every other kind', async () => {
  const outcome = await bench.outcome(`await step('open', () => page.goto(target + '/broken'))`, {
    url: site.url,
    expectations: [
      { level: 'must', subject: 'step', key: 'open', matcher: { max: 30_000 } },
      { level: 'should', subject: 'pageErrors', matcher: { max: 0 } },
      { level: 'must', subject: 'requests', matcher: { min: 1 } },
    ],
  })

  expect(outcome.verdict).toBe('degraded')
  expect(outcome.assertions.map(({ subject, held }) => [subject, held])).toEqual([
    ['step open', true],
    ['pageErrors', false],
    ['requests', true],
  ])
})

test('trace context and run id go to the origins that the check lists, and to no others', async () => {
  const other = await startRichSite()
  const run = await bench.tryOut(
    `await page.goto(target)
     await page.evaluate((url) => fetch(url, { mode: 'no-cors' }), '${other.url}/elsewhere')`,
    { url: site.url, traceTo: [site.url] },
  )
  await other.stop()

  expect(run.error).toBeUndefined()
  const own = site.seen.findLast(({ path }) => path === '/')
  expect(own?.headers.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/)
  expect(own?.headers['x-firewatch-run-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(own?.headers.baggage).toBe('user_agent.synthetic.type=test')
  const foreign = other.seen.find(({ path }) => path === '/elsewhere')
  expect(foreign).toBeDefined()
  expect(foreign?.headers.traceparent).toBeUndefined()
  expect(foreign?.headers['x-firewatch-run-id']).toBeUndefined()
})

test('the browser is set up as the check says', async () => {
  const run = await bench.tryOut(
    `await page.goto(target)
     log(JSON.stringify(await page.evaluate(() => ({
       width: innerWidth,
       language: navigator.language,
       zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
       isDark: matchMedia('(prefers-color-scheme: dark)').matches,
       isPhone: navigator.userAgent.includes('iPhone'),
     }))))`,
    {
      url: site.url,
      browser: {
        device: 'iPhone 15',
        viewport: { width: 420, height: 800 },
        locale: 'de-DE',
        timeZone: 'Europe/Berlin',
        colorScheme: 'dark',
        headers: { 'x-shop': 'lamps' },
      },
    },
  )

  expect(run.error).toBeUndefined()
  expect(JSON.parse(run.log.at(-1) ?? '')).toMatchObject({
    language: 'de-DE',
    zone: 'Europe/Berlin',
    isDark: true,
    isPhone: true,
  })
  expect(site.seen.findLast(({ path }) => path === '/')?.headers['x-shop']).toBe('lamps')
})

test.each([
  [{ device: 'Lamp 15' }, 'Playwright knows no device "Lamp 15"'],
  [{ timeZone: 'Europe/Lampville' }, 'browser: there is no time zone "Europe/Lampville"'],
  [{ locale: 'lamp_LAMP' }, 'browser: there is no locale "lamp_LAMP"'],
])('%j is a mistake of the check, not of the browser', async (browser, message) => {
  const run = await bench.tryOut('await page.goto(target)', { url: site.url, browser })

  expect(run.error?.type).toBe('journey.script')
  expect(run.error?.message).toContain(message)
})

test('a slower line is slower', async () => {
  const body = `await step('open', () => page.goto(target))`
  const fast = await bench.tryOut(body, { url: site.url })
  const slow = await bench.tryOut(body, { url: site.url, browser: { network: { latencyMs: 400 } } })

  expect([fast.error, slow.error]).toEqual([undefined, undefined])
  expect((slow.steps[0]?.ms ?? 0) - (fast.steps[0]?.ms ?? 0)).toBeGreaterThan(300)
})

test('requests go through the proxy of the check', async () => {
  const { port } = new URL(site.url)
  const run = await bench.tryOut(
    `await page.goto('http://shop.invalid/through-proxy')
     await expect(page.getByText('Lamps')).toBeVisible()`,
    { browser: { proxy: { url: `http://127.0.0.1:${port}` } } },
  )

  expect(run.error).toBeUndefined()
  expect(site.seen.some(({ path }) => path === 'http://shop.invalid/through-proxy')).toBe(true)
})

test('no picture is taken where the check wants none', async () => {
  const run = await bench.tryOut(
    `await page.goto(target); await step('fail', () => { throw new Error('no') })`,
    { url: site.url, evidence: { screenshots: 'never', recording: 'never', paintOver: [] } },
  )

  expect(run.error?.type).toBe('journey.step')
  expect(run.artifacts).toEqual([])
})
