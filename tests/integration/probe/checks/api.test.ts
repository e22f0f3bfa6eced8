import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { ApiCheck, ApiRequest, Capture } from '../../../../src/protocol/kinds/api.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { httpTarget, rawTarget } from '../../../support/http-target.ts'
import { readRequest } from '../../../support/read-request.ts'

const request = (name: string, url: string, overrides: Partial<ApiRequest> = {}): ApiRequest => ({
  name,
  url,
  method: 'GET',
  headers: {},
  ...overrides,
})

const check = (requests: ApiRequest[], overrides: Partial<ApiCheck> = {}) =>
  aCheck('api', {
    requests,
    expectations: requests.flatMap(({ name }) =>
      resolveExpectations('must', { status: '2xx' }, name),
    ),
    ...overrides,
  })

const statuses = (run: { steps: { name: string; status: string }[] }) =>
  run.steps.map(({ name, status }) => `${name}: ${status}`)

type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void

/** A server that answers by path, and keeps what it was asked. */
async function shop(answers: Record<string, Answer>) {
  const asked: { path: string; body: string; headers: IncomingMessage['headers'] }[] = []
  const target = await httpTarget(async (incoming, response) => {
    const path = incoming.url ?? ''
    const body = String(await readRequest(incoming))
    asked.push({ path, body, headers: incoming.headers })
    const answer = answers[path.split('?')[0] ?? '']
    if (answer) answer(response, incoming, body)
    else response.writeHead(404).end('no such page')
  })
  return { ...target, asked }
}

const json =
  (value: unknown, status = 200): Answer =>
  (response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify(value))

describe('a chain of requests', () => {
  test('carries values from one to the next, each request a part with its own times', async () => {
    const target = await shop({
      '/orders': json({ id: 'a/b "7"', lines: [{ sku: 'lamp-7' }] }, 201),
      '/orders/a%2Fb%20%227%22': json({ state: 'open' }),
      '/pay': (response) => response.end('paid'),
    })
    const requests = [
      request('create an order', `${target.url}orders`, {
        method: 'POST',
        capture: {
          orderId: { from: 'json', key: '$.id' },
          sku: { from: 'json', key: '$.lines[*].sku', matches: '^lamp-(\\d+)$' },
        },
      }),
      request('look at it', `${target.url}orders/{{orderId}}?sku={{sku}}`),
      request('pay it', `${target.url}pay`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-sku': 'n-{{sku}}' },
        body: '{"order":"{{orderId}}"}',
      }),
    ]
    const run = await runOnce(
      check(requests, {
        expectations: [
          ...resolveExpectations('must', { status: 201 }, 'create an order'),
          ...resolveExpectations(
            'must',
            { status: 200, json: { '$.state': 'open' } },
            'look at it',
          ),
          ...resolveExpectations('must', { body: 'paid', firstByte: { max: '5s' } }, 'pay it'),
          ...resolveExpectations('must', { total: { max: '5s' } }),
        ],
      }),
    )

    expect(run.error).toBeUndefined()
    expect(run.assertions.map(({ part, subject, held }) => [part, subject, held])).toEqual([
      ['create an order', 'status', true],
      ['look at it', 'status', true],
      ['look at it', 'json $.state', true],
      ['pay it', 'body', true],
      ['pay it', 'firstByte', true],
      [undefined, 'total', true],
    ])
    expect(target.asked[1]?.path).toBe('/orders/a%2Fb%20%227%22?sku=7')
    expect(JSON.parse(target.asked[2]?.body ?? '')).toEqual({ order: 'a/b "7"' })
    expect(target.asked[2]?.headers['x-sku']).toBe('n-7')
    expect(statuses(run)).toEqual([
      'create an order: passed',
      'look at it: passed',
      'pay it: passed',
    ])
    expect(run.exchanges?.map(({ part }) => part)).toEqual(requests.map(({ name }) => name))
    const [first, second, third] = run.steps
    expect(second?.startMs).toBeGreaterThanOrEqual((first?.startMs ?? 0) + (first?.ms ?? 0))
    expect(run.durationMs).toBeGreaterThanOrEqual((third?.startMs ?? 0) + (third?.ms ?? 0))
  })

  test('an answer that is not as expected fails its step, and the chain goes on', async () => {
    const target = await shop({
      '/a': (response) => response.writeHead(503).end('busy'),
      '/b': (response) => response.end('b'),
    })
    const run = await runOnce(
      check([request('first', `${target.url}a`), request('second', `${target.url}b`)]),
    )
    expect(run.verdict).toBe('failed')
    expect(run.error?.message).toBe('first: status: expected 2xx, got 503')
    expect(run.steps).toMatchObject([
      { name: 'first', status: 'failed', error: 'status: expected 2xx, got 503' },
      { name: 'second', status: 'passed' },
    ])
  })

  test('what only should be does not fail a step', async () => {
    const target = await shop({ '/a': (response) => response.end('a') })
    const expectations = resolveExpectations('should', { body: 'b' }, 'first')
    const run = await runOnce(check([request('first', `${target.url}a`)], { expectations }))
    expect(run.verdict).toBe('degraded')
    expect(statuses(run)).toEqual(['first: passed'])
  })

  test('a connection that breaks ends it; what came before is judged and kept', async () => {
    const target = await shop({ '/a': (response) => response.end('a') })
    const dead = await rawTarget((socket) => socket.resetAndDestroy())
    const run = await runOnce(
      check([
        request('first', `${target.url}a`),
        request('second', dead.url),
        request('third', `${target.url}a`),
      ]),
    )
    expect(run.error?.type).toBe('connect.reset')
    expect(run.error?.message).toBe(`second: the connection to ${dead.host} was reset`)
    expect(statuses(run)).toEqual(['first: passed', 'second: failed', 'third: skipped'])
    expect(run.assertions.map(({ part, held }) => [part, held])).toEqual([['first', true]])
    expect(target.asked).toHaveLength(1)
  })

  test('its time limit is that of all requests together', async () => {
    const target = await shop({ '/a': (response) => setTimeout(() => response.end('a'), 150) })
    const requests = Array.from({ length: 5 }, (_, i) => request(`r${i}`, `${target.url}a`))
    const startedAt = performance.now()
    const run = await runOnce(check(requests, { timeoutMs: 400 }))
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(run.error?.type).toBe('timeout')
    const [late = ''] = run.error?.message.split(':', 1) ?? []
    // Which one it is depends on how busy this machine is; the last two can never have begun.
    expect(['r0', 'r1', 'r2']).toContain(late)
    expect(run.error?.message).toContain('within 400 ms')
    expect(statuses(run)).toContain(`${late}: failed`)
    expect(statuses(run).slice(-2)).toEqual(['r3: skipped', 'r4: skipped'])
  })

  test('a total that is too long is that of the whole chain', async () => {
    const target = await shop({ '/a': (response) => setTimeout(() => response.end('a'), 100) })
    const requests = [request('first', `${target.url}a`), request('second', `${target.url}a`)]
    const expectations = resolveExpectations('must', { total: { max: '150ms' } })
    const run = await runOnce(check(requests, { expectations }))
    expect(run.error?.message).toMatch(
      /^total: expected at most 150 ms, got ([2-9]\d\d|\d{4})(\.\d)? ms$/,
    )
  })
})

describe('captures', () => {
  const page: Answer = (response) =>
    response
      .writeHead(200, { 'x-id': 'order=42', 'content-type': 'text/html' })
      .end('<form><input name=t><b class=id> No. 42 </b></form>')
  const order = { id: 42, list: [], empty: '', nothing: null, nested: { a: 1 } }

  test.each<{ why: string; capture: Capture; value: string }>([
    { why: 'a header', capture: { from: 'header', key: 'X-Id' }, value: 'order=42' },
    {
      why: 'a part of a header',
      capture: { from: 'header', key: 'x-id', matches: '=(\\d+)' },
      value: '42',
    },
    { why: "an element's text", capture: { from: 'select', key: 'b.id' }, value: 'No. 42' },
    { why: 'a part of it', capture: { from: 'select', key: 'b', matches: '\\d+' }, value: '42' },
    { why: 'the body', capture: { from: 'body', matches: 'No\\. (\\d+)' }, value: '42' },
  ])('$why of a page', async ({ capture, value }) => {
    const target = await shop({ '/a': page, '/b': (response) => response.end() })
    const run = await runOnce(
      check([
        request('first', `${target.url}a`, { capture: { found: capture } }),
        request('second', `${target.url}b?v={{found}}`),
      ]),
    )
    expect(run.error).toBeUndefined()
    expect(new URL(target.asked[1]?.path ?? '', target.url).searchParams.get('v')).toBe(value)
  })

  test.each<{ path: string; value: string }>([
    { path: '$.id', value: '42' },
    { path: '$.nothing', value: 'null' },
    { path: '$.nested', value: '{"a":1}' },
    { path: '$..a', value: '1' },
  ])('$path of JSON', async ({ path, value }) => {
    const target = await shop({ '/a': json(order), '/b': (response) => response.end() })
    const run = await runOnce(
      check([
        request('first', `${target.url}a`, { capture: { found: { from: 'json', key: path } } }),
        request('second', `${target.url}b`, { method: 'POST', body: '{{found}}' }),
      ]),
    )
    expect(run.error).toBeUndefined()
    expect(target.asked[1]?.body).toBe(value)
  })

  test.each<{ why: string; answer: Answer; capture: Capture; message: string }>([
    {
      why: 'a path that finds nothing',
      answer: json(order),
      capture: { from: 'json', key: '$.orderId' },
      message: '$.orderId finds nothing in an object with id, list, empty, nothing, nested',
    },
    {
      why: 'an empty value',
      answer: json(order),
      capture: { from: 'json', key: '$.empty' },
      message: 'what $.empty found is empty',
    },
    {
      why: 'no JSON',
      answer: page,
      capture: { from: 'json', key: '$.id' },
      message:
        'a body that is no JSON (text/html, "<form><input name=t><b class=id> No. 42 </b></form>")',
    },
    {
      why: 'no such header',
      answer: page,
      capture: { from: 'header', key: 'location' },
      message: 'there is no header location',
    },
    {
      why: 'no such element',
      answer: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('Down'),
      capture: { from: 'select', key: 'b.id' },
      message: 'b.id finds nothing in the body (text/html, "Down")',
    },
    {
      why: 'a pattern that is nowhere',
      answer: (response) => response.end('Down'),
      capture: { from: 'body', matches: 'No\\. (\\d+)' },
      message: '/No\\. (\\d+)/ is nowhere in the body "Down"',
    },
    {
      why: 'a pattern that is not in what was found',
      answer: page,
      capture: { from: 'header', key: 'x-id', matches: 'id=(.*)' },
      message: '/id=(.*)/ is nowhere in the header x-id "order=42"',
    },
    {
      why: 'a pattern that never ends',
      answer: (response) => response.end(`${'a'.repeat(200)}b`),
      capture: { from: 'body', matches: '^(a|a)+$' },
      message: 'the search for /^(a|a)+$/ was ended after 100 ms',
    },
  ])('$why ends the chain, and says what was there', async ({ answer, capture, message }) => {
    const target = await shop({ '/a': answer, '/b': (response) => response.end() })
    const chain = check([
      request('create an order', `${target.url}a`, { capture: { orderId: capture } }),
      request('second', `${target.url}b?v={{orderId}}`),
    ])
    const run = await runOnce(chain, {}, () => void target.asked.splice(0))
    expect(run.error).toEqual({
      type: 'http.capture',
      message: `create an order: no value for {{orderId}}: ${message} (the answer had status 200)`,
    })
    expect(statuses(run)).toEqual(['create an order: failed', 'second: skipped'])
    expect(target.asked).toHaveLength(1)
  })

  test.each<{ why: string; capture: Record<string, Capture>; isMasked: boolean }>([
    {
      why: 'that is said to be one',
      capture: { id: { from: 'json', key: '$.v', isSecret: true } },
      isMasked: true,
    },
    { why: 'by its name', capture: { accessToken: { from: 'json', key: '$.v' } }, isMasked: true },
    { why: 'by its path', capture: { id: { from: 'json', key: '$.session' } }, isMasked: true },
    {
      why: 'from a cookie',
      capture: { id: { from: 'header', key: 'set-cookie', matches: '=([^;]+)' } },
      isMasked: true,
    },
    { why: 'no: an order', capture: { id: { from: 'json', key: '$.v' } }, isMasked: false },
  ])('a secret $why', async ({ capture, isMasked }) => {
    const value = 'value-4711'
    const [name = ''] = Object.keys(capture)
    const target = await shop({
      '/a': (response) => {
        // Only there: what is sent as a cookie is masked in answers anyway.
        if (capture.id?.from === 'header') response.setHeader('set-cookie', `s=${value}`)
        json({ v: value, session: value })(response, undefined as never, '')
      },
      '/b': (response) => response.end(`got ${value}`),
    })
    const run = await runOnce(
      check(
        [request('first', `${target.url}a`, { capture }), request('second', `${target.url}b`)],
        {
          expectations: resolveExpectations('must', { body: 'ok' }, 'second'),
        },
      ),
    )
    expect(run.verdict).toBe('failed')
    const file = await readFile(run.artifacts[0]?.path ?? '', 'utf8')
    expect(file).toContain('"second"')
    const shown = isMasked ? `[secret ${name}]` : value
    expect(run.error?.message).toBe(
      `second: body: expected ok, got "got ${shown}" (${4 + value.length} characters)`,
    )
    expect(JSON.stringify(run).includes(value)).toBe(!isMasked)
    expect(file.includes(`got ${value}`)).toBe(!isMasked)
  })
})

describe('cookies', () => {
  test('go along with later requests of the same run to the same site, and with redirects', async () => {
    const other = await shop({ '/': (response) => response.end('other') })
    const target = await shop({
      '/login': (response) =>
        response
          .writeHead(302, {
            location: '/home',
            'set-cookie': ['s=1; Path=/; HttpOnly', 'b=2; Path=/x'],
          })
          .end(),
      '/home': (response) => response.writeHead(200, { 'set-cookie': 'c=3' }).end(),
      '/x/y': (response) => response.end(),
      '/out': (response) =>
        response.writeHead(200, { 'set-cookie': 's=; Max-Age=0; Path=/' }).end(),
      '/end': (response) => response.end(),
    })
    const rule = (host: string, port: number) => ({
      from: { host, port: 80 },
      to: { host: '127.0.0.1', port },
    })
    const at = 'http://shop.test'
    const requests = [
      request('log in', `${at}/login`, { method: 'POST' }),
      request('look', `${at}/x/y`, { headers: { cookie: 'own=0' } }),
      request('elsewhere', 'http://other.test/'),
      request('log out', `${at}/out`),
      request('end', `${at}/end`),
    ]
    const parts = {
      connectTo: connectTo([rule('shop.test', target.port), rule('other.test', other.port)]),
    }
    const run = await runOnce(check(requests), parts)
    expect(run.error).toBeUndefined()
    expect(target.asked.map(({ path, headers }) => [path, headers.cookie])).toEqual([
      ['/login', undefined],
      ['/home', 's=1'],
      ['/x/y', 'own=0; b=2; s=1; c=3'],
      ['/out', 's=1; c=3'],
      ['/end', 'c=3'],
    ])
    expect(other.asked[0]?.headers.cookie).toBeUndefined()

    await runOnce(check(requests.slice(1, 2)), parts)
    expect(target.asked.at(-1)?.headers.cookie).toBe('own=0')
  })
})
