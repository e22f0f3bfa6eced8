import { performance } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import type { RunningShop } from '../../../src/demo/shop/shop.ts'
import {
  aQuery,
  askUdp,
  aVisitor,
  gatewayPort,
  presentedCertificate,
  rcodeOf,
  startShop,
} from './running-shop.ts'

type Visitor = ReturnType<typeof aVisitor>
type Look = (visitor: Visitor, shop: RunningShop) => Promise<unknown>

const statusOf =
  (path: string): Look =>
  async (visitor) =>
    (await visitor.get(path)).status

const LOOKS: { fault: string; what: string; look: Look; well: unknown; broken: unknown }[] = [
  { fault: 'orders-down', what: '/checkout', look: statusOf('/checkout'), well: 200, broken: 502 },
  {
    fault: 'orders-down',
    what: 'placing an order',
    look: async (visitor) => (await visitor.post('/orders', {})).status,
    well: 400,
    broken: 502,
  },
  { fault: 'orders-down', what: 'an order', look: statusOf('/orders/1'), well: 404, broken: 502 },
  {
    fault: 'orders-down',
    what: 'the API of orders',
    look: async (visitor) => {
      const { status, headers } = await visitor.get('/api/orders/health')
      return `${status} ${headers.get('content-type')}`
    },
    well: '200 application/json; charset=utf-8',
    broken: '502 application/json; charset=utf-8',
  },
  { fault: 'orders-down', what: 'the homepage', look: statusOf('/'), well: 200, broken: 200 },
  { fault: 'orders-down', what: '/healthz', look: statusOf('/healthz'), well: 200, broken: 200 },
  {
    fault: 'search-empty',
    what: 'the search page',
    look: async (visitor) => (await visitor.get('/search?q=lamp')).text.includes('No lamp matches'),
    well: false,
    broken: true,
  },
  {
    fault: 'search-empty',
    what: 'the search API',
    look: async (visitor) => JSON.parse((await visitor.get('/api/products?q=bell')).text).count,
    well: 1,
    broken: 0,
  },
  { fault: 'checkout-500', what: '/checkout', look: statusOf('/checkout'), well: 200, broken: 500 },
  {
    fault: 'checkout-500',
    what: 'the API of orders',
    look: statusOf('/api/orders/health'),
    well: 200,
    broken: 200,
  },
  {
    fault: 'dns-nxdomain',
    what: 'the name shop.test',
    look: async (_visitor, shop) => rcodeOf(await askUdp(shop.dnsPort, aQuery({}))),
    well: 'NOERROR',
    broken: 'NXDOMAIN',
  },
  {
    fault: 'certificate-expired',
    what: 'a new HTTPS connection',
    look: async (_visitor, shop) => (await presentedCertificate(shop)).problem,
    well: undefined,
    broken: 'CERT_HAS_EXPIRED',
  },
]

test.each(LOOKS)('$fault: $what is $well, then $broken, and $well again', async (row) => {
  const { fault, look, well, broken } = row
  const shop = await startShop()
  const visitor = aVisitor(shop.url)

  expect(await look(visitor, shop)).toEqual(well)
  shop.faults.set(fault, { isOn: true })
  expect(await look(visitor, shop)).toEqual(broken)
  shop.faults.fix()
  expect(await look(visitor, shop)).toEqual(well)
})

test('cart-slow: the cart keeps its visitors waiting, nothing else does', async () => {
  const shop = await startShop()
  const visitor = aVisitor(shop.url)
  const impatient = () => ({ signal: AbortSignal.timeout(300) })
  shop.faults.set('cart-slow', { isOn: true })

  const productId = 'bell-pendant-lamp'
  await expect(visitor.get('/cart', impatient())).rejects.toMatchObject({ name: 'TimeoutError' })
  await expect(visitor.post('/cart/items', { productId }, impatient())).rejects.toMatchObject({
    name: 'TimeoutError',
  })
  expect((await visitor.get('/')).status).toBe(200)

  shop.faults.fix()
  expect((await visitor.get('/cart')).text).toContain('Your cart is empty')
})

test('a shop that stops does not wait for its slow cart', async () => {
  const shop = await startShop()
  shop.faults.set('cart-slow', { isOn: true })
  const waiting = aVisitor(shop.url).get('/cart')
  const startedAt = performance.now()

  const refused = expect(waiting).rejects.toThrow()
  await shop.stop()

  await refused
  expect(performance.now() - startedAt).toBeLessThan(3_000)
})

test('certificate-expired: a session of before does not resume past the expired certificate', async () => {
  const shop = await startShop()
  const { socket } = await presentedCertificate(shop)
  const session = socket.getSession()
  shop.faults.set('certificate-expired', { isOn: true })

  const { problem, socket: second } = await presentedCertificate(shop, session ? { session } : {})

  expect(second.isSessionReused()).toBe(false)
  expect(problem).toBe('CERT_HAS_EXPIRED')
})

test('region-cut: only that region loses the shop, and gets it back', async () => {
  const shop = await startShop()
  const looks = async (regionId: string) => {
    const port = (host: string, number: number) => gatewayPort(shop, regionId, host, number)
    const page = aVisitor(`http://127.0.0.1:${port('shop.test', 80)}`).get('/')
    const tls = presentedCertificate(shop, { port: port('shop.test', 443) })
    const dns = askUdp(port('ns.shop.test', 53), aQuery({}), 500)
    const looked = await Promise.allSettled([page, tls, dns])
    return looked.map(({ status }) => status)
  }
  const reached = ['fulfilled', 'fulfilled', 'fulfilled']
  const cut = ['rejected', 'rejected', 'rejected']

  expect(await looks('eu-west')).toEqual(reached)
  shop.faults.set('region-cut', { isOn: true, regionId: 'eu-west' })
  expect(await looks('eu-west')).toEqual(cut)
  expect(await looks('us-east')).toEqual(reached)
  shop.faults.fix()
  expect(await looks('eu-west')).toEqual(reached)
})
