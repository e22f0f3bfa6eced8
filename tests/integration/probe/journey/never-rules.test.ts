import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { type JourneySite, startJourneySite } from '../../../support/journey-site.ts'

let site: JourneySite
let bench: JourneyBench

beforeAll(async () => {
  site = await startJourneySite()
  bench = await createJourneyBench()
})

beforeEach(() => {
  site.requests.length = 0
})

afterAll(async () => {
  await bench.stop()
  await site.stop()
})

const RULES = `{ never: ['POST **/orders'] }`
const orders = () => site.requests.filter((request) => request === 'POST /orders')

test.each([
  {
    why: 'a form',
    body: `await page.getByRole('button', { name: 'Place order', exact: true }).click()`,
  },
  {
    why: 'a form that opens a window',
    body: `await page.getByRole('button', { name: 'Place order in a new window' }).click()
           await page.waitForTimeout(200)`,
  },
  {
    why: 'a form that is redirected there',
    body: `await page.getByRole('button', { name: 'Place order elsewhere' }).click()`,
  },
  {
    why: 'fetch',
    body: `await page.evaluate(() => fetch('/orders', { method: 'POST' }).catch(() => {}))`,
  },
  {
    why: 'fetch that is redirected there',
    body: `await page.evaluate(() => fetch('/moved', { method: 'POST' }).catch(() => {}))`,
  },
  {
    why: 'fetch with a query',
    body: `await page.evaluate(() => fetch('/orders?x=1', { method: 'POST' }).catch(() => {}))`,
  },
  {
    why: 'a window that the page opens',
    body: `await page.evaluate(() => {
             const opened = window.open('/')
             opened.onload = () => opened.fetch('/orders', { method: 'POST' }).catch(() => {})
           })
           await page.waitForTimeout(300)`,
  },
  {
    why: 'a page that the journey opens',
    body: `const second = await context.newPage()
           await second.goto(target)
           await second.getByRole('button', { name: 'Place order', exact: true }).click()`,
  },
  {
    why: 'a beacon when the page is left',
    body: `await page.evaluate(() => addEventListener('pagehide', () => navigator.sendBeacon('/orders')))
           await page.goto('about:blank')`,
  },
  {
    why: 'a worker',
    body: `await page.evaluate(() => {
             const source = 'fetch("' + location.origin + '/orders", { method: "POST" })'
             new Worker(URL.createObjectURL(new Blob([source])))
           })
           await page.waitForTimeout(200)`,
  },
  {
    why: 'a journey that routes requests itself',
    body: `await page.route('**/*', (route) => route.continue())
           await page.getByRole('button', { name: 'Place order', exact: true }).click()`,
  },
  {
    why: 'a request beside the page',
    body: `await request.post(target + '/orders').catch(() => undefined)`,
  },
  {
    why: 'a request beside the page that is redirected there',
    body: `await request.post(target + '/moved', { data: 'x' }).catch(() => undefined)`,
  },
  {
    why: 'a request that a route makes',
    body: `await page.route('**/part', (route) =>
             route.fetch({ url: target + '/orders', method: 'POST' }).catch(() => route.abort()))
           await page.evaluate(() => fetch('/part').catch(() => {}))`,
  },
])('$why: the request is blocked, and the run fails with that reason', async ({ body }) => {
  const run = await bench.tryOut(
    `await page.goto(target)
     await step('order', async () => {
       ${body}
     }).catch(() => undefined)`,
    { url: site.url },
    RULES,
  )

  expect(run.error).toMatchObject({
    type: 'journey.forbidden_request',
    message: `the journey tried POST ${site.url}/orders, which it declares it must never make; the request was blocked`,
  })
  expect(site.requests.filter((request) => request.startsWith('POST /orders'))).toEqual([])
})

test('direct requests that break no rule are followed, or not, as Playwright would', async () => {
  const run = await bench.tryOut(
    `const followed = await request.get(target + '/moved')
     const stopped = await request.post(target + '/moved', { maxRedirects: 0 })
     log(followed.status() + ' ' + followed.url() + ' ' + stopped.status())`,
    { url: site.url },
    RULES,
  )

  expect(run.error).toBeUndefined()
  expect(run.log).toEqual([`200 ${site.url}/orders 307`])
  expect(site.requests).toEqual(['GET /moved', 'GET /orders', 'POST /moved'])
})

test('the step that tried it is the failing one, with a screenshot', async () => {
  const run = await bench.tryOut(
    `await step('open', () => page.goto(target))
     await step('order', () => page.getByRole('button', { name: 'Place order', exact: true }).click())
     await step('never reached', () => page.goto(target))`,
    { url: site.url },
    RULES,
  )

  expect(run.error).toMatchObject({ type: 'journey.forbidden_request' })
  expect(run.steps.map(({ name, status }) => [name, status])).toEqual([
    ['open', 'passed'],
    ['order', 'failed'],
  ])
  expect(run.artifacts).toMatchObject([{ step: 'order' }])
})

test('a request that the journey sets off last, and does not wait for, does not get out', async () => {
  const run = await bench.tryOut(
    `await page.goto(target)
     await page.evaluate(() => { setTimeout(() => fetch('/orders', { method: 'POST' })) })`,
    { url: site.url },
    RULES,
  )

  // Whether it was still made depends on the moment; that it does not get out does not.
  expect([undefined, 'journey.forbidden_request']).toContain(run.error?.type)
  expect(orders()).toEqual([])
})

test('a redirect in the first moment of a new window cannot be blocked, and the run says so', async () => {
  const run = await bench.tryOut(
    `await page.goto(target)
     await page.evaluate(() => {
       const form = document.forms[2]
       form.target = '_blank'
       form.submit()
     })
     await page.waitForTimeout(300)`,
    { url: site.url },
    RULES,
  )

  expect(run.error).toMatchObject({ type: 'journey.forbidden_request' })
  const end = orders().length > 0 ? 'it could not be blocked in time' : 'the request was blocked'
  expect(run.error?.message).toContain(end)
})

test('other requests pass: another method, another path, and all without rules', async () => {
  const body = (method: string, path: string) =>
    `await page.goto(target)
     await page.evaluate(() => fetch('${path}', { method: '${method}' }))`

  const others = [
    await bench.tryOut(body('GET', '/orders'), { url: site.url }, RULES),
    await bench.tryOut(body('POST', '/orders/preview'), { url: site.url }, RULES),
    await bench.tryOut(body('POST', '/orders'), { url: site.url }),
  ]

  expect(others.map((run) => run.error)).toEqual([undefined, undefined, undefined])
  expect(orders()).toHaveLength(1)
})
