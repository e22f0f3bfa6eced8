import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createShop } from '../../../src/demo/shop/shop.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { aVisitor, presentedCertificate, startShop } from './running-shop.ts'

const ADDRESS = {
  name: 'Ada <b>Lovelace</b>',
  email: 'ada@example.com',
  street: '7 Wick Lane',
  postcode: '12345',
  city: 'London',
}

test.each([
  { path: '/', shows: 'Light for every evening', why: 'the homepage' },
  { path: '/search?q=desk', shows: 'Draughtsman desk lamp', why: 'a search by name' },
  { path: '/search?q=DESK', shows: 'Draughtsman desk lamp', why: 'a search in capitals' },
  { path: '/search?q=100%25', shows: 'No lamp matches', why: 'a percent sign is no wildcard' },
  { path: '/search?q=desk&q=wall', shows: 'All lamps', why: 'a repeated parameter' },
  { path: '/search', shows: 'All lamps', why: 'a search for nothing' },
  { path: '/products/bell-pendant-lamp', shows: 'Add to cart', why: 'a product' },
  { path: '/cart', shows: 'Your cart is empty', why: 'the cart of a new visitor' },
  { path: '/checkout', shows: 'Your cart is empty', why: 'the checkout of a new visitor' },
])('$why: $path', async ({ path, shows }) => {
  const shop = await startShop()

  const page = await aVisitor(shop.url).get(path)

  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.text).toContain(shows)
})

test.each([
  { path: '/nothing', status: 404, why: 'no such page' },
  { path: '/products/no-such-lamp', status: 404, why: 'no such product' },
  { path: '/orders/1001', status: 404, why: 'no such order' },
  { path: '/orders/x', status: 404, why: 'an order number that is none' },
  { path: '/products/%zz', status: 400, why: 'an address that cannot be decoded' },
])('$why: $path answers $status', async ({ path, status }) => {
  const shop = await startShop()
  expect((await aVisitor(shop.url).get(path)).status).toBe(status)
})

test('the JSON interface gives products, the state of orders, and health', async () => {
  const shop = await startShop()
  const visitor = aVisitor(shop.url)
  const json = async (path: string) => JSON.parse((await visitor.get(path)).text)

  expect(await json('/api/products?q=bell')).toEqual({
    count: 1,
    products: [{ id: 'bell-pendant-lamp', name: 'Bell pendant lamp', priceCents: 12_900 }],
  })
  expect((await json('/api/products')).count).toBe(24)
  expect(await json('/api/orders/health')).toEqual({ status: 'ok', orders: 0 })
  expect(await json('/healthz')).toEqual({ status: 'ok' })
})

test('an order that is placed is really there, for the one who placed it', async () => {
  const shop = await startShop()
  const visitor = aVisitor(shop.url)

  await visitor.post('/cart/items', { productId: 'bell-pendant-lamp', quantity: '2' })
  expect((await visitor.get('/cart')).text).toContain('€258.00')
  expect((await visitor.get('/checkout')).text).toContain('Place order')
  const placed = await visitor.post('/orders', ADDRESS)

  expect(placed.status).toBe(303)
  const address = placed.headers.get('location') ?? ''
  const confirmation = await visitor.get(address)
  expect(confirmation.text).toContain('Thank you, Ada &lt;b&gt;Lovelace&lt;/b&gt;')
  expect(confirmation.text).not.toContain('<b>')
  expect((await visitor.get('/cart')).text).toContain('Your cart is empty')
  expect((await visitor.get('/api/orders/health')).text).toContain('"orders":1')
  expect((await aVisitor(shop.url).get(address)).status).toBe(404)
})

test.each([
  { fill: false, form: ADDRESS, why: 'the cart is empty' },
  { fill: true, form: { ...ADDRESS, city: ' ' }, why: 'the city is blank' },
  { fill: true, form: { ...ADDRESS, email: 'ada' }, why: 'the e-mail address is none' },
])('no order is placed when $why', async ({ fill, form }) => {
  const shop = await startShop()
  const visitor = aVisitor(shop.url)
  if (fill) await visitor.post('/cart/items', { productId: 'bell-pendant-lamp' })

  expect((await visitor.post('/orders', form)).status).toBe(400)
  expect((await visitor.get('/api/orders/health')).text).toContain('"orders":0')
})

test('the cart adds up, has a limit, and can be emptied', async () => {
  const shop = await startShop()
  const visitor = aVisitor(shop.url)
  const productId = 'dew-pendant-lamp'

  await visitor.post('/cart/items', { productId, quantity: '15' })
  await visitor.post('/cart/items', { productId, quantity: '15' })
  expect((await visitor.get('/cart')).text).toContain('Cart (20)')
  expect((await visitor.post('/cart/items', { productId, quantity: '21' })).status).toBe(400)
  expect((await visitor.post('/cart/items', { productId: 'no-such-lamp' })).status).toBe(400)
  await visitor.post('/cart/items/remove', { productId })
  expect((await visitor.get('/cart')).text).toContain('Your cart is empty')
})

test('what visitors write is shown as text, and no page may run a script', async () => {
  const shop = await startShop()

  const page = await aVisitor(shop.url).get('/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E')

  expect(page.text).not.toContain('<script')
  expect(page.text).toContain('&quot;&gt;&lt;script&gt;')
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
})

test('a form larger than forms are is refused', async () => {
  const shop = await startShop()
  const form = { productId: 'x'.repeat(20_000) }
  expect((await aVisitor(shop.url).post('/cart/items', form)).status).toBe(413)
})

test('HTTPS shows a certificate for shop.test that the authority signed', async () => {
  const shop = await startShop()

  const { peer, problem } = await presentedCertificate(shop)

  expect(problem).toBeUndefined()
  expect(peer.subjectaltname).toBe('DNS:shop.test, DNS:www.shop.test, IP Address:127.0.0.1')
})

test('carts outlive a restart, on the same ports', async () => {
  const options = {
    dataFolder: await tempFolder(),
    regions: ['eu-west'],
    clock: systemClock,
    logger: createLogger('shop', 'silent'),
  }
  const first = createShop(options)
  onTestFinished(() => first.stop())
  const { url, httpPort, httpsPort, dnsPort, controlPort } = await first.start()
  const visitor = aVisitor(url)
  await visitor.post('/cart/items', { productId: 'bell-pendant-lamp' })
  await first.stop()

  const second = createShop({ ...options, ports: { httpPort, httpsPort, dnsPort, controlPort } })
  onTestFinished(() => second.stop())
  expect((await second.start()).url).toBe(url)
  expect((await visitor.get('/cart')).text).toContain('Bell pendant lamp')
})

test('a start that finds a port taken says so, and leaves nothing behind', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void taken.close())
  await once(taken, 'listening')
  const address = taken.address()
  const controlPort = typeof address === 'object' && address ? address.port : 0
  const shop = createShop({
    dataFolder: await tempFolder(),
    regions: ['eu-west'],
    clock: systemClock,
    logger: createLogger('shop', 'silent'),
    ports: { controlPort },
  })

  // What it had started is found by the check for leaks at the end of this file.
  await expect(shop.start()).rejects.toMatchObject({ code: 'EADDRINUSE' })
})
