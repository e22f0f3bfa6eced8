import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createDemoControlClient } from '../../../src/demo/control-client.ts'
import { startShop } from './running-shop.ts'

test('shows, switches and fixes faults', async () => {
  const shop = await startShop()
  const control = createDemoControlClient(shop.controlPort)

  expect((await control.status()).faults).toEqual([])
  expect((await control.status()).available.map(({ name }) => name)).toContain('orders-down')
  await control.setFault('orders-down', { on: true })
  await control.setFault('region-cut', { on: true, region: 'us-east' })
  const { faults } = await control.status()

  expect(faults).toEqual([
    { name: 'orders-down', since: expect.stringMatching(/^\d{4}-.*Z$/) },
    { name: 'region-cut', regionId: 'us-east', since: expect.stringMatching(/^\d{4}-.*Z$/) },
  ])
  expect((await control.setFault('orders-down', { on: false })).faults).toHaveLength(1)
  expect((await control.fix()).faults).toEqual([])
})

test.each([
  { name: 'order-down', region: undefined, code: 'demo.unknown_fault', says: 'orders-down' },
  { name: '__proto__', region: undefined, code: 'demo.unknown_fault', says: 'search-empty' },
  { name: '../fix', region: undefined, code: 'demo.unknown_fault', says: 'search-empty' },
  { name: 'region-cut', region: undefined, code: 'request.invalid', says: 'eu-west, us-east' },
  { name: 'region-cut', region: 'us-esat', code: 'region.unknown', says: 'mean us-east?' },
  { name: 'cart-slow', region: 'us-east', code: 'request.invalid', says: 'takes no region' },
])('refuses $name in $region with $code', async ({ name, region, code, says }) => {
  const shop = await startShop()
  const control = createDemoControlClient(shop.controlPort)

  await expect(control.setFault(name, { on: true, region })).rejects.toMatchObject({
    code,
    message: expect.stringContaining(says),
  })
  expect((await control.status()).faults).toEqual([])
})

const JSON_TYPE = { 'content-type': 'application/json' }
const ON = '{"on":true}'

test.each([
  { why: 'a form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'on=1' },
  { why: 'text, which needs no permission', headers: { 'content-type': 'text/plain' }, body: ON },
  { why: 'no content type', headers: {}, body: ON },
  { why: 'a name that points here', headers: { ...JSON_TYPE, host: 'evil.test' }, body: ON },
  { why: 'a name like ours', headers: { ...JSON_TYPE, host: '127.0.0.1.evil.test' }, body: ON },
  { why: 'no JSON', headers: JSON_TYPE, body: '{' },
  { why: 'an unknown key', headers: JSON_TYPE, body: '{"on":true,"off":1}' },
  { why: 'no body', headers: JSON_TYPE, body: '' },
])('refuses $why', async ({ headers, body }) => {
  const shop = await startShop()

  const answer = await send(shop.controlPort, 'POST', '/faults/orders-down', headers, body)

  expect(answer).toMatchObject({ status: 400, problem: { code: 'request.invalid' } })
  expect(shop.faults.active()).toEqual([])
})

test('refuses a body that is too large, and addresses that are none', async () => {
  const { controlPort } = await startShop()

  const large = await send(controlPort, 'POST', '/fix', JSON_TYPE, `"${'x'.repeat(5_000)}"`)
  const lost = await send(controlPort, 'GET', '/nothing', {}, '')
  const rebound = await send(controlPort, 'GET', '/status', { host: 'evil.test' }, '')

  expect(large).toMatchObject({ status: 413, problem: { code: 'request.too_large' } })
  expect(lost).toMatchObject({ status: 404, problem: { code: 'request.not_found' } })
  expect(rebound).toMatchObject({ status: 400, problem: { code: 'request.invalid' } })
})

test('without a demo, the client says that none runs', async () => {
  const server = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nhello'))
  server.listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  await expect(createDemoControlClient(port).status()).rejects.toMatchObject({
    code: 'demo.not_running',
  })
  server.close()
  await expect(createDemoControlClient(port).status()).rejects.toMatchObject({
    code: 'demo.not_running',
  })
})

/** By `node:http`, because fetch neither sends a false host nor leaves the content type away. */
function send(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number | undefined; problem: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode, problem: JSON.parse(text) }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

test('takes pages to the people of the demo, and shows the newest first', async () => {
  const { controlPort, inbox } = await startShop()
  for (const person of ['first-responder', 'team-lead']) {
    const page = await send(controlPort, 'POST', `/pages/${person}`, JSON_TYPE, '{"type":"page"}')
    expect(page.status).toBe(200)
  }
  expect(inbox.recent().map(({ personId }) => personId)).toEqual(['team-lead', 'first-responder'])
})
