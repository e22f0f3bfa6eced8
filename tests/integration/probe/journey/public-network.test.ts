import { once } from 'node:events'
import { createSecureServer, type Http2SecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { address, dnsTarget, reply } from '../../../support/dns-target.ts'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { type JourneySite, startJourneySite } from '../../../support/journey-site.ts'
import { issue, keyPair } from '../../../support/tls-target.ts'

/** As a public server: only the operator's rules lead to it. */
let shop: JourneySite
/** A server on this machine that must never be reached. */
let inside: JourneySite
let secure: Http2SecureServer
let sockets: WebSocketServer
let bench: JourneyBench

const portOf = (server: { address(): AddressInfo | string | null }) =>
  (server.address() as AddressInfo).port

beforeAll(async () => {
  shop = await startJourneySite()
  inside = await startJourneySite()
  const { key, cert } = await keyPair(await issue({ hosts: ['shop.test'] }))
  secure = createSecureServer({ key, cert, allowHTTP1: true }, (request, response) =>
    response.end(`<h1>HTTP ${request.httpVersion}</h1>`),
  ).listen(0, '127.0.0.1')
  sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`got ${data}`)))
  await Promise.all([once(secure, 'listening'), once(sockets, 'listening')])
  const to = (port: number) => ({ host: '127.0.0.1', port })
  bench = await createJourneyBench({
    connectTo: connectTo([
      { from: { host: 'shop.test', port: 80 }, to: to(shop.port) },
      { from: { host: 'shop.test', port: 443 }, to: to(portOf(secure)) },
      { from: { host: 'shop.test', port: 8080 }, to: to(portOf(sockets)) },
    ]),
  })
})

afterAll(async () => {
  await bench.stop()
  await Promise.all([shop.stop(), inside.stop()])
  const closed = Promise.all([once(secure, 'close'), once(sockets, 'close')])
  secure.close()
  sockets.close()
  await closed
})

beforeEach(() => {
  shop.requests.length = 0
  inside.requests.length = 0
})

/** In a region that connects to public addresses only. */
const tryOut = (body: string, options: Parameters<JourneyBench['tryOut']>[1] = {}) =>
  bench.tryOut(body, { policy: publicAddresses, url: 'http://shop.test/', ...options })

test('pages, forms, HTTP/2, WebSockets and direct requests go through as without a proxy', async () => {
  const run = await tryOut(
    `await page.goto(target)
     await page.getByRole('button', { name: 'Place order', exact: true }).click()
     await expect(page.getByText('a page')).toBeVisible()
     expect(await page.evaluate(() => typeof RTCPeerConnection)).toBe('undefined')
     const said = await page.evaluate(() => new Promise((resolve) => {
       const socket = new WebSocket('ws://shop.test:8080/')
       socket.onopen = () => socket.send('hello')
       socket.onmessage = ({ data }) => resolve(data)
     }))
     expect(said).toBe('got hello')
     expect((await request.post('http://shop.test/direct', { data: 'lamp' })).status()).toBe(200)
     expect((await request.get('http://shop.test/404')).status()).toBe(404)
     expect(await (await request.get('https://shop.test/')).text()).toContain('HTTP 1.1')
     await page.goto('https://shop.test/')
     await expect(page.getByText('HTTP 2.0')).toBeVisible()`,
    { ignoreHttpsErrors: true },
  )
  expect(run.error).toBeUndefined()
  expect(shop.requests).toEqual(
    expect.arrayContaining(['GET /', 'POST /orders', 'POST /direct', 'GET /404']),
  )
})

const IS_THIS_MACHINE =
  /127\.0\.0\.1.* is this machine, and probes of this region connect to public/

describe('this machine is refused, and told in the words of every other check:', () => {
  const ways: { why: string; body: (port: number) => string }[] = [
    { why: 'by address', body: (port) => `await page.goto('http://127.0.0.1:${port}/')` },
    { why: 'as a number', body: (port) => `await page.goto('http://2130706433:${port}/')` },
    { why: 'over TLS', body: (port) => `await page.goto('https://127.0.0.1:${port}/')` },
    { why: 'localhost', body: (port) => `await page.goto('http://localhost:${port}/')` },
    { why: 'by a name', body: (port) => `await page.goto('http://inside.test:${port}/')` },
    { why: 'directly', body: (port) => `await request.get('http://127.0.0.1:${port}/')` },
    { why: 'directly, TLS', body: (port) => `await request.get('https://127.0.0.1:${port}/')` },
    {
      why: 'in a step',
      body: (port) =>
        `await step('look', async () => { await page.goto('http://127.0.0.1:${port}/') })`,
    },
  ]

  test.each(ways)('$why', async ({ body }) => {
    const names = await dnsTarget((query) => {
      const [question] = query.questions ?? []
      if (question?.type !== 'A') return reply(query)
      return reply(query, { answers: [{ ...address('127.0.0.1'), name: question.name }] })
    })
    const run = await tryOut(body(inside.port), { nameServers: [names.host] })
    expect(run.error?.message).toMatch(IS_THIS_MACHINE)
    expect(run.error?.message).not.toContain('net::')
    expect(inside.requests).toEqual([])
  })

  test('from a public page, which sees an error and no answer', async () => {
    const run = await tryOut(
      `await page.goto(target)
       const seen = await page.evaluate((url) =>
         fetch(url, { mode: 'no-cors' }).then(() => 'an answer', () => 'an error'), params.inside)
       expect(seen).toBe('an error')`,
      { params: { inside: inside.url } },
    )
    expect(run.error).toBeUndefined()
    expect(run.browser?.failedRequests).toMatchObject([
      { failure: expect.stringMatching(IS_THIS_MACHINE) },
    ])
    expect(inside.requests).toEqual([])
  })
})

test.each(["page.goto('http://no.test/')", "page.goto('https://no.test/')"])(
  '%s of a name that is not there fails for that, and shows no page of a proxy',
  async (call) => {
    const names = await dnsTarget((query) => reply(query, { rcode: 3 }))
    const run = await tryOut(`await ${call}`, { nameServers: [names.host] })
    expect(run.error?.type).toBe('journey.step')
    expect(run.error?.message).toMatch(/page\.goto: no\.test does not exist at https?:\/\/no\.test/)
    expect(run.browser?.pages).toEqual([])
  },
)

test("an answer of the target that is no success stays the target's", async () => {
  const run = await tryOut(`await page.goto('http://shop.test:8080/')`)
  expect(run.error).toBeUndefined()
  expect(run.browser?.pages[0]?.status).toBe(426)
})

test('a proxy of the check’s own is refused: nobody could see where it leads', async () => {
  const proxy = { url: `http://127.0.0.1:${inside.port}` }
  const run = await tryOut('await page.goto(target)', { browser: { proxy } })
  expect(run.error).toMatchObject({
    type: 'connect.forbidden',
    message: expect.stringContaining(`the check's proxy ${proxy.url} cannot be used here`),
  })
  expect(inside.requests).toEqual([])
})

test('what is recorded goes the same way', async () => {
  const { recording } = await bench.record(`await page.goto('${inside.url}')`, {
    policy: publicAddresses,
    url: 'http://shop.test/',
  })
  expect(recording.error?.message).toMatch(IS_THIS_MACHINE)
  expect(inside.requests).toEqual([])
})

test('other regions connect wherever a journey goes', async () => {
  const run = await bench.tryOut('await page.goto(target)', { url: inside.url })
  expect(run.error).toBeUndefined()
  expect(inside.requests).toContain('GET /')
})

test('a file of Playwright Test goes the same way, with every context and request of its own', async () => {
  const script = await bench.write(
    'shop/inside.spec.ts',
    `import { expect, request as requests, test } from '@playwright/test'
     test('the shop is there', async ({ page, request }) => {
       await page.goto('/')
       expect((await request.get('/404')).status()).toBe(404)
     })
     const inside = '${inside.url}'
     test('by its page', async ({ page }) => { await page.goto(inside) })
     test('by a context of its own', async ({ browser }) => {
       const context = await browser.newContext({ proxy: { server: 'per-context' } })
       await (await context.newPage()).goto(inside)
     })
     test('by the fixture', async ({ request }) => { await request.get(inside) })
     test('by requests of its own', async () => {
       await (await requests.newContext()).get(inside)
     })`,
  )
  const run = await bench.run(script, {
    policy: publicAddresses,
    url: 'http://shop.test/',
    timeoutMs: 30_000,
  })
  expect(run.steps.map(({ name, status }) => [name, status])).toEqual([
    ['the shop is there', 'passed'],
    ['by its page', 'failed'],
    ['by a context of its own', 'failed'],
    ['by the fixture', 'failed'],
    ['by requests of its own', 'failed'],
  ])
  for (const step of run.steps.slice(1)) expect(step.error).toMatch(IS_THIS_MACHINE)
  expect(inside.requests).toEqual([])
}, 60_000)
