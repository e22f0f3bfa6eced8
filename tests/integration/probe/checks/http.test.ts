import type { IncomingMessage, ServerResponse } from 'node:http'
import { networkInterfaces } from 'node:os'
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { BODY_BYTES_MAX } from '../../../../src/probe/network/http-answer.ts'
import { type Expectation, resolveExpectations } from '../../../../src/protocol/expectation.ts'
import { type HttpCheck, METHODS } from '../../../../src/protocol/kinds/http.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce, TRACEPARENT } from '../../../support/check-context.ts'
import { drip, freePort, httpTarget, rawTarget, saying } from '../../../support/http-target.ts'
import { until } from '../../../support/until.ts'

const hasIpv6 = networkInterfaces().lo?.some(({ address }) => address === '::1') ?? false

const expecting = (written: Record<string, unknown>): Expectation[] =>
  resolveExpectations('must', written)

const check = (url: string, overrides: Partial<HttpCheck> = {}) =>
  aCheck('http', { url, expectations: expecting({ status: '2xx' }), ...overrides })

const page = (body: string | Buffer, headers: Record<string, string> = {}, status = 200) =>
  httpTarget((_request, response) => void response.writeHead(status, headers).end(body))

describe('a page that answers', () => {
  test('passes, and the run says where its time went', async () => {
    const target = await page('Featured lamps', { 'content-type': 'text/html', 'x-a': '1' })
    const run = await runOnce(
      check(target.url, {
        expectations: expecting({
          status: 200,
          headers: { 'Content-Type': { contains: 'html' }, 'x-none': { absent: true }, 'x-a': 1 },
          body: { contains: 'lamps', matches: '^F\\w+ l' },
          bodyBytes: { min: 14, max: 14 },
          total: { max: '5s' },
          firstByte: { max: '5s' },
        }),
      }),
    )

    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.assertions.map(({ held }) => held)).toEqual(Array(8).fill(true))
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'firstByte', 'download'])
    expect(run.facts).toMatchObject({
      status: 200,
      address: target.host,
      httpVersion: '1.1',
      finalUrl: target.url,
    })
    expect(run.durationMs).toBeGreaterThan(0)
  })

  test('is asked as a probe asks: with its name and the trace, over a fresh connection', async () => {
    const target = await page('ok')
    const asking = check(target.url, { method: 'POST', body: 'a=1', headers: { 'X-Shop': 'yes' } })
    await runOnce(asking)
    await runOnce(asking)

    expect(target.connections).toBe(2)
    const [request] = target.requests
    expect(request?.method).toBe('POST')
    expect(request?.headers).toMatchObject({
      host: target.host,
      traceparent: TRACEPARENT,
      'user-agent': expect.stringMatching(/^Firewatch\/\d+\.\d+\.\d+ \(\+synthetic\)$/),
      accept: '*/*',
      'x-shop': 'yes',
    })
  })

  test('by name: the host header stays, the connection goes where the rule says', async () => {
    const target = await page('ok')
    const rule = {
      from: { host: 'shop.test', port: 80 },
      to: { host: '127.0.0.1', port: target.port },
    }
    const run = await runOnce(check('http://shop.test/cart?id=7'), { connectTo: connectTo([rule]) })

    expect(run.verdict).toBe('passed')
    expect(target.requests[0]?.headers.host).toBe('shop.test')
    expect(target.requests[0]?.url).toBe('/cart?id=7')
    expect(run.facts).toMatchObject({ address: target.host, finalUrl: 'http://shop.test/cart' })
  })

  test('localhost is found without a name server', async () => {
    const target = await page('ok')
    const run = await runOnce(check(`http://localhost:${target.port}/`))
    expect(run.verdict).toBe('passed')
  })

  test.skipIf(!hasIpv6)('at the second address, when the first refuses', async () => {
    const target = await httpTarget((_request, response) => void response.end('ok'), '::1')
    const run = await runOnce(check(`http://shop.localhost:${target.port}/`))
    expect(run.verdict).toBe('passed')
    expect(run.facts.address).toBe(target.host)
    expect(run.log.join('\n')).toContain(`127.0.0.1:${target.port}: connect ECONNREFUSED`)
  })

  test.each(METHODS)('by %s, with a body or without', async (method) => {
    const target = await httpTarget((request, response) => {
      let bytes = 0
      request.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      request.on('end', () => response.writeHead(200, { 'x-bytes': bytes }).end())
    })
    const asking = (body: string | undefined, bytes: number) =>
      runOnce(
        check(target.url, {
          method,
          expectations: expecting({ status: 200, headers: { 'x-bytes': bytes } }),
          ...(body !== undefined && { body }),
        }),
      )
    expect((await asking(undefined, 0)).error).toBeUndefined()
    expect((await asking('lämp', 5)).error).toBeUndefined()
    expect(target.requests.map((request) => request.method)).toEqual([method, method])
    expect(target.requests[1]?.headers['content-length']).toBe('5')
  })

  test('with a body of bytes, as they are', async () => {
    const received: Buffer[] = []
    const target = await httpTarget((request, response) => {
      request.on('data', (chunk: Buffer) => received.push(chunk))
      request.on('end', () => response.end())
    })
    const bytes = Buffer.from([0, 255, 10, 13])
    await runOnce(check(target.url, { method: 'PUT', bodyBase64: bytes.toString('base64') }))
    expect(Buffer.concat(received)).toEqual(bytes)
  })

  test.each([
    { compression: undefined, accepts: 'gzip, deflate, br, zstd' },
    { compression: true, accepts: 'gzip, deflate, br, zstd' },
    { compression: false, accepts: 'identity' },
  ])('compression $compression asks for $accepts', async ({ compression, accepts }) => {
    const target = await page('ok')
    await runOnce(check(target.url, { ...(compression !== undefined && { compression }) }))
    expect(target.requests[0]?.headers['accept-encoding']).toBe(accepts)
  })

  test('user and password of the address become a login, and are in no report', async () => {
    const target = await page('ok')
    const run = await runOnce(check(`http://ada:l%40mp@${target.host}/`))

    const login = target.requests[0]?.headers.authorization ?? ''
    expect(atob(login.replace('Basic ', ''))).toBe('ada:l@mp')
    expect(JSON.stringify(run)).not.toContain('l%40mp')
  })

  test.each([
    { why: 'gzip', encoding: 'gzip', pack: gzipSync },
    { why: 'brotli', encoding: 'br', pack: brotliCompressSync },
    { why: 'zstd', encoding: 'zstd', pack: zstdCompressSync },
    { why: 'deflate', encoding: 'deflate', pack: deflateSync },
    { why: 'deflate without zlib header', encoding: 'deflate', pack: deflateRawSync },
    {
      why: 'gzip in gzip',
      encoding: 'gzip, gzip',
      pack: (text: string) => gzipSync(gzipSync(text)),
    },
  ])('packed as $why is unpacked', async ({ encoding, pack }) => {
    const target = await page(pack('Featured lamps'), { 'content-encoding': encoding })
    const run = await runOnce(
      check(target.url, { expectations: expecting({ body: 'Featured lamps' }) }),
    )
    expect(run.verdict).toBe('passed')
  })

  test.each([
    { why: 'the charset it names', type: 'text/plain; charset=iso-8859-1', bytes: [0xe9] },
    {
      why: 'UTF-8 when it names an unknown one',
      type: 'text/plain; charset=lamp',
      bytes: [0xc3, 0xa9],
    },
    {
      why: 'UTF-8 with a byte order mark',
      type: 'text/plain',
      bytes: [0xef, 0xbb, 0xbf, 0xc3, 0xa9],
    },
  ])('is read in $why', async ({ type, bytes }) => {
    const target = await page(Buffer.from(bytes), { 'content-type': type })
    const run = await runOnce(check(target.url, { expectations: expecting({ body: 'é' }) }))
    expect(run.verdict).toBe('passed')
  })
})

describe('a page that answers wrongly', () => {
  test.each([
    {
      why: 'another status',
      status: 502,
      expectations: expecting({ status: '2xx' }),
      message: 'status: expected 2xx, got 502',
    },
    {
      why: 'none of several',
      status: 404,
      expectations: expecting({ status: [200, '3xx'] }),
      message: 'status: expected 200 or 3xx, got 404',
    },
    {
      why: 'a text that is not there',
      status: 200,
      expectations: expecting({ body: { contains: 'Lamp' } }),
      message: 'body: expected containing "Lamp", got "sold out" (8 characters)',
    },
    {
      why: 'a header that is not there, and more',
      status: 200,
      expectations: expecting({ headers: { 'x-lamp': 'on' }, bodyBytes: { min: 100 } }),
      message: 'header x-lamp: expected on, got – (and 1 more)',
    },
  ])('$why: failed, in words', async ({ status, expectations, message }) => {
    const target = await page('sold out', {}, status)
    const run = await runOnce(check(target.url, { expectations }))
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type: 'assertion', message })
  })

  test('what only should hold degrades', async () => {
    const target = await httpTarget((_request, response) => setTimeout(() => response.end(), 30))
    const expectations = [
      ...expecting({ status: 200 }),
      ...resolveExpectations('should', { firstByte: { max: '5ms' } }),
    ]
    const run = await runOnce(check(target.url, { expectations }))
    expect(run.verdict).toBe('degraded')
    expect(run.error).toBeUndefined()
    expect(run.assertions[1]).toMatchObject({
      level: 'should',
      expected: 'at most 5 ms',
      held: false,
    })
  })

  test('a pattern that never ends is cut off, and the probe goes on', async () => {
    const target = await page(`${'a'.repeat(5_000)}b`)
    const expectations = expecting({ body: { matches: '^(a+)+$' } })
    const run = await runOnce(check(target.url, { expectations }))
    expect(run.error?.message).toBe(
      'body: expected matching /^(a+)+$/, got pattern took longer than 100 ms',
    )
  })
})

describe('redirects', () => {
  const shop = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://shop')
    const left = Number(url.searchParams.get('left') ?? 0)
    if (left === 0) return void response.end(`${request.method} arrived`)
    const status = Number(url.searchParams.get('status') ?? 302)
    response.writeHead(status, { location: `/next?left=${left - 1}&status=${status}` }).end()
  }

  test('are followed, each on a connection of its own, and the time adds up', async () => {
    const target = await httpTarget(shop)
    const run = await runOnce(check(`${target.url}?left=3`))
    expect(run.verdict).toBe('passed')
    expect(target.connections).toBe(4)
    expect(run.facts.finalUrl).toBe(`${target.url}next`)
    expect(run.log.filter((line) => line.includes('redirects to'))).toHaveLength(3)
  })

  test('as many as allowed, and no more', async () => {
    const target = await httpTarget(shop)
    expect((await runOnce(check(`${target.url}?left=5`, { redirectsMax: 5 }))).verdict).toBe(
      'passed',
    )
    const run = await runOnce(check(`${target.url}?left=6`, { redirectsMax: 5 }))
    expect(run.error).toEqual({
      type: 'http.redirects',
      message: `more than 5 redirects, the last one to ${target.url}next`,
    })
  })

  test('in a loop end', async () => {
    const target = await httpTarget((_request, response) => {
      response.writeHead(301, { location: '/' }).end()
    })
    const run = await runOnce(check(target.url))
    expect(run.error?.type).toBe('http.redirects')
    expect(target.requests).toHaveLength(6)
  })

  test('are the answer itself where none is to be followed', async () => {
    const target = await httpTarget(shop)
    const expectations = expecting({ status: 302, headers: { location: { contains: '/next' } } })
    const run = await runOnce(check(`${target.url}?left=1`, { redirectsMax: 0, expectations }))
    expect(run.verdict).toBe('passed')
  })

  test.each([
    { why: '302 turns POST into GET', status: 302, method: 'POST', body: 'GET arrived' },
    { why: '303 turns PUT into GET', status: 303, method: 'PUT', body: 'GET arrived' },
    { why: '307 keeps the method', status: 307, method: 'POST', body: 'POST arrived' },
    { why: '308 keeps the method', status: 308, method: 'PUT', body: 'PUT arrived' },
  ])('$why', async ({ status, method, body }) => {
    const target = await httpTarget(shop)
    const url = `${target.url}?left=1&status=${status}`
    const run = await runOnce(
      check(url, { method, body: 'x=1', expectations: expecting({ body }) }),
    )
    expect(run.error).toBeUndefined()
  })

  test('to another origin take no credentials along', async () => {
    const other = await page('ok')
    const target = await httpTarget((_request, response) => {
      response.writeHead(302, { location: `http://eve:x@${other.host}/?token=secret` }).end()
    })
    const headers = { authorization: 'Bearer s3cret', cookie: 'a=s3cret', 'x-api-key': 's3cret' }
    const run = await runOnce(check(target.url, { headers: { ...headers, accept: 'text/html' } }))

    expect(run.verdict).toBe('passed')
    expect(target.requests[0]?.headers).toMatchObject(headers)
    expect(JSON.stringify(other.requests[0]?.headers)).not.toContain('s3cret')
    expect(other.requests[0]?.headers).toMatchObject({
      accept: 'text/html',
      traceparent: TRACEPARENT,
    })
    expect(other.requests[0]?.headers.authorization).toBeUndefined()
    expect(JSON.stringify(run)).not.toContain('token=secret')
  })

  test.each([
    { why: 'a file', location: 'file:///etc/passwd' },
    { why: 'data', location: 'data:text/plain,ok' },
    { why: 'nonsense', location: 'http://[' },
    { why: "a cloud's credentials", location: 'http://169.254.169.254/latest/' },
  ])('to $why are refused', async ({ location }) => {
    const target = await httpTarget((_request, response) => {
      response.writeHead(302, { location }).end()
    })
    const run = await runOnce(check(target.url))
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe('http.redirects')
  })
})

describe('the deadline is total, and says what was waited for', () => {
  const never = () => undefined

  test.each([
    {
      why: 'accepts, says nothing',
      behave: never,
      message: 'no first byte from TARGET within 300 ms',
      phase: 'firstByte',
    },
    {
      why: 'drips its headers',
      behave: (socket: import('node:net').Socket) => {
        socket.write('HTTP/1.1 200 OK\r\nx-slow: ')
        drip(socket)
      },
      message: 'no complete headers from TARGET within 300 ms',
      phase: 'download',
    },
    {
      why: 'drips its body',
      behave: (socket: import('node:net').Socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
        drip(socket)
      },
      message: /^no complete body from TARGET \(\d+ bytes so far\) within 300 ms$/,
      phase: 'download',
    },
    {
      why: 'stalls in the middle of the body',
      behave: (socket: import('node:net').Socket) =>
        void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'),
      message: 'no complete body from TARGET (3 bytes so far) within 300 ms',
      phase: 'download',
    },
    {
      why: 'sends chunks without end',
      behave: (socket: import('node:net').Socket) => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        const timer = setInterval(() => socket.write('1\r\nx\r\n'), 10)
        socket.once('close', () => clearInterval(timer))
      },
      message: /^no complete body from TARGET/,
      phase: 'download',
    },
  ])('$why', async ({ behave, message, phase }) => {
    const target = await rawTarget(behave)
    const startedAt = performance.now()
    const run = await runOnce(check(target.url, { timeoutMs: 300 }))
    const tookMs = performance.now() - startedAt

    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe('timeout')
    expect(run.error?.message.replace(target.host, 'TARGET')).toMatch(message)
    expect(phaseMs(run, phase)).toBeGreaterThan(200)
    expect(tookMs).toBeGreaterThanOrEqual(299)
    expect(run.durationMs).toBeLessThan(300 + 1_000)
  })

  test('no TLS handshake', async () => {
    const target = await rawTarget(never)
    const run = await runOnce(check(`https://${target.host}/`, { timeoutMs: 200 }))
    expect(run.error).toEqual({
      type: 'tls.handshake',
      message: `no TLS handshake with ${target.host} within 200 ms`,
    })
  })

  test('what was observed before is judged and kept', async () => {
    const target = await rawTarget((socket) => {
      socket.write('HTTP/1.1 503 Down\r\ncontent-length: 9\r\n\r\n')
    })
    const expectations = expecting({ status: 200, body: 'ok' })
    const run = await runOnce(check(target.url, { timeoutMs: 200, expectations }))
    expect(run.error?.type).toBe('timeout')
    expect(run.assertions).toEqual([
      { level: 'must', subject: 'status', expected: '200', actual: '503', held: false },
    ])
  })

  test('a probe that stops ends its runs, and blames nobody', async () => {
    const target = await rawTarget(never)
    const stopping = new AbortController()
    const running = runOnce(check(target.url), { stopSignal: stopping.signal })
    await until('the target was asked', () => target.connections === 1)
    stopping.abort()
    expect(await running).toMatchObject({
      verdict: 'probe_fault',
      error: { type: 'probe.interrupted' },
    })
  })

  test('a probe that has stopped begins none', async () => {
    const target = await page('ok')
    const run = await runOnce(check(target.url), { stopSignal: AbortSignal.abort() })
    expect(run.verdict).toBe('probe_fault')
    expect(target.connections).toBe(0)
  })

  test('a probe that was too busy to see its deadline blames itself', async () => {
    const target = await rawTarget((socket) => {
      socket.once('data', () => {
        const until = performance.now() + 1_500
        while (performance.now() < until); // Nobody of this process gets a turn meanwhile.
      })
    })
    const run = await runOnce(check(target.url, { timeoutMs: 100 }))
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.overload' } })
  })
})

describe('measured time is the target’s time', () => {
  test('a slow first byte is in its phase and in no other', async () => {
    const target = await httpTarget((_request, response) =>
      setTimeout(() => response.end('x'), 300),
    )
    const run = await runOnce(check(target.url))
    expect(phaseMs(run, 'firstByte')).toBeGreaterThanOrEqual(290)
    expect(phaseMs(run, 'dns')).toBeLessThan(290)
    expect(phaseMs(run, 'connect')).toBeLessThan(290)
  })

  test('a slow body is in its phase', async () => {
    const target = await httpTarget((_request, response) => {
      response.write('x')
      setTimeout(() => response.end('y'), 300)
    })
    const run = await runOnce(check(target.url))
    expect(phaseMs(run, 'download')).toBeGreaterThanOrEqual(200)
    const sum = run.phases.reduce((total, phase) => total + phase.ms, 0)
    expect(run.durationMs).toBeGreaterThanOrEqual(sum)
  })
})

describe('broken connections', () => {
  test('refused', async () => {
    const port = await freePort()
    const run = await runOnce(check(`http://127.0.0.1:${port}/`))
    expect(run).toMatchObject({
      verdict: 'failed',
      error: { type: 'connect.refused', message: `connection to 127.0.0.1:${port} refused` },
    })
  })

  test('refused, with the name that was meant', async () => {
    const port = await freePort()
    const rule = { from: { host: 'shop.test', port: 80 }, to: { host: '127.0.0.1', port } }
    const run = await runOnce(check('http://shop.test/'), { connectTo: connectTo([rule]) })
    expect(run.error?.message).toBe(`connection to shop.test:80 (127.0.0.1:${port}) refused`)
  })

  test.each([
    {
      why: 'reset before an answer',
      behave: (socket: import('node:net').Socket) =>
        socket.once('data', () => socket.resetAndDestroy()),
      type: 'connect.reset',
    },
    {
      why: 'reset at once',
      behave: (socket: import('node:net').Socket) => socket.resetAndDestroy(),
      type: 'connect.reset',
    },
    {
      why: 'closed before an answer',
      behave: (socket: import('node:net').Socket) => socket.once('data', () => socket.end()),
      type: 'connect.reset',
    },
    {
      why: 'closed in the middle of the headers',
      behave: (socket: import('node:net').Socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nx: ')),
      type: 'connect.reset',
    },
    {
      why: 'closed in the middle of the body',
      behave: (socket: import('node:net').Socket) =>
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc')),
      type: 'connect.reset',
    },
  ])('$why', async ({ behave, type }) => {
    const target = await rawTarget(behave)
    const run = await runOnce(check(target.url))
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe(type)
    expect(run.error?.message).toContain(target.host)
  })
})

describe('answers that are too large', () => {
  test.each([
    {
      why: 'body with a length',
      answer: (response: ServerResponse) => response.end(Buffer.alloc(BODY_BYTES_MAX + 1)),
    },
    {
      why: 'body in endless chunks',
      answer: (response: ServerResponse) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
        }
        response.on('drain', more)
        more()
      },
    },
    {
      why: 'bomb of zeros in gzip',
      answer: (response: ServerResponse) => {
        response.setHeader('content-encoding', 'gzip')
        response.end(gzipSync(Buffer.alloc(50 * 1024 * 1024)))
      },
    },
    {
      why: 'one header line',
      answer: (response: ServerResponse) => response.setHeader('x', 'y'.repeat(200_000)).end(),
    },
    {
      why: 'number of headers',
      answer: (response: ServerResponse) => {
        for (let i = 0; i < 20_000; i++) response.setHeader(`x-${i}`, 'y')
        response.end()
      },
    },
  ])('$why', async ({ answer }) => {
    const target = await httpTarget((_request, response) => void answer(response))
    const run = await runOnce(check(target.url))
    expect(run.error?.type).toBe('http.too_large')
    expect(run.verdict).toBe('failed')
  })

  test('as large as allowed is not too large', async () => {
    const target = await page(Buffer.alloc(BODY_BYTES_MAX, 'x'))
    const run = await runOnce(check(target.url))
    expect(run.verdict).toBe('passed')
  })
})

describe('what is not HTTP', () => {
  test.each([
    { why: 'another protocol', answer: 'SSH-2.0-OpenSSH_9.9\r\n' },
    { why: 'HTTP/0.9', answer: '<h1>Lamps</h1>' },
    { why: 'status 000', answer: 'HTTP/1.1 000 None\r\ncontent-length: 0\r\n\r\n' },
    { why: 'status of letters', answer: 'HTTP/1.1 abc\r\n\r\n' },
    {
      why: 'a bad chunk size',
      answer: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    },
    {
      why: 'two lengths',
      answer: 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
    },
    {
      why: 'a length and chunks',
      answer: 'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    },
    { why: 'garbage before the status', answer: Buffer.from([0, 1, 2, 3, 255, 254, 10, 10]) },
    { why: 'a header without a name', answer: 'HTTP/1.1 200 OK\r\n: x\r\n\r\n' },
    {
      why: 'broken gzip',
      answer: 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc',
    },
    {
      why: 'a hundred encodings',
      answer: `HTTP/1.1 200 OK\r\ncontent-encoding: ${Array(100).fill('gzip').join(',')}\r\ncontent-length: 3\r\n\r\nabc`,
    },
    {
      why: 'an upgrade nobody asked for',
      answer: 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    },
  ])('$why', async ({ answer }) => {
    const target = await saying(answer)
    const run = await runOnce(check(target.url))
    expect(run.error).toMatchObject({ type: 'http.malformed' })
    expect(run.verdict).toBe('failed')
  })

  test('plain HTTP where TLS is expected', async () => {
    const target = await saying('HTTP/1.1 400 Bad Request\r\n\r\n')
    const run = await runOnce(check(`https://${target.host}/`))
    expect(run.error?.type).toBe('tls.handshake')
    expect(run.error?.message).toContain(`${target.host} does not speak TLS`)
  })
})
