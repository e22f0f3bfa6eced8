import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { RunningShop } from '../../../src/demo/shop/shop.ts'
import type { JourneyOutcome } from './journey-process.ts'
import { aVisitor, gatewayPort, startShop } from './running-shop.ts'

const JOURNEYS = join(import.meta.dirname, '../../../probes/storefront')
const JOURNEY_MS = 25_000

async function run(name: string, shop: RunningShop): Promise<JourneyOutcome> {
  const port = gatewayPort(shop, 'eu-west', 'shop.test', 80)
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      join(import.meta.dirname, 'journey-process.ts'),
      `--journey=${join(JOURNEYS, `${name}.journey.ts`)}`,
      '--target=http://shop.test/',
      `--map=MAP shop.test:80 127.0.0.1:${port}`,
      `--chromium=${chromiumPath() ?? ''}`,
    ],
    { timeout: JOURNEY_MS },
  )
  return JSON.parse(stdout)
}

/** The machine's Chromium; Playwright's own when there is none. */
function chromiumPath(): string | undefined {
  if (process.env.FIREWATCH_CHROMIUM) return process.env.FIREWATCH_CHROMIUM
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = ['chromium-headless-shell', 'chromium'].flatMap((name) =>
    folders.map((folder) => join(folder, name)),
  )
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false // That is the answer: there is no such program.
  }
}

const ordersOf = async (shop: RunningShop) =>
  JSON.parse((await aVisitor(shop.url).get('/api/orders/health')).text).orders

const BUY = [
  'open the homepage',
  'search for a lamp',
  'open the lamp',
  'put it into the cart',
  'open the cart',
  'go to checkout',
  'fill in the address',
  'stop before ordering',
]

test.each([
  { name: 'homepage', steps: BUY.slice(0, 1), never: [] },
  { name: 'search', steps: [...BUY.slice(0, 2), 'open a result'], never: [] },
  { name: 'cart', steps: [...BUY.slice(0, 5), 'take it out again'], never: [] },
  { name: 'checkout-stop', steps: BUY, never: ['POST **/orders'] },
])('$name passes in a healthy shop, and orders nothing', async ({ name, steps, never }) => {
  const shop = await startShop()

  expect(await run(name, shop)).toEqual({ steps, never })
  expect(await ordersOf(shop)).toBe(0)
})

test.each([
  {
    fault: 'orders-down',
    name: 'checkout-stop',
    step: 'go to checkout',
    says: '/checkout answered 502 Bad Gateway',
  },
  {
    fault: 'checkout-500',
    name: 'checkout-stop',
    step: 'go to checkout',
    says: '/checkout answered 500 Internal Server Error',
  },
  { fault: 'search-empty', name: 'search', step: 'search for a lamp', says: 'Search results' },
  {
    fault: 'cart-slow',
    name: 'cart',
    step: 'put it into the cart',
    says: 'the shop did not answer within 3 s',
  },
  {
    fault: 'region-cut',
    regionId: 'eu-west',
    name: 'homepage',
    step: 'open the homepage',
    says: 'net::ERR_CONNECTION_RESET',
  },
])('$fault: $name stops at "$step", because $says', async (row) => {
  const { fault, regionId, name, step, says } = row
  const shop = await startShop()
  shop.faults.set(fault, { isOn: true, regionId })

  const { steps, error } = await run(name, shop)

  expect(steps.at(-1)).toBe(step)
  expect(error).toContain(says)
})
