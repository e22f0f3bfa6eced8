import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { BODY_BYTES_MAX } from '../../../../src/probe/network/http-answer.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { httpTarget } from '../../../support/http-target.ts'
import {
  FLAG,
  FRAME,
  frame,
  http2Saying,
  http2Target,
  SETTINGS,
  STATUS_200,
  uint32,
} from '../../../support/http2-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  type KeyPair,
  keyPair,
  pemOf,
  tlsTarget,
} from '../../../support/tls-target.ts'

let authority: Issued
let pair: KeyPair

beforeAll(async () => {
  authority = await anAuthority()
  pair = await keyPair(await issue({ issuer: authority }))
})

const expecting = (written: Record<string, unknown>) => resolveExpectations('must', written)

const plain = (host: string, overrides: Partial<HttpCheck> = {}) =>
  aCheck('http', { url: `http://${host}/cart?id=7`, httpVersion: '2', ...overrides })

/** Of `shop.test`, at a port of this machine. */
const secure = (port: number, overrides: Partial<HttpCheck> = {}) => {
  const rule = { from: { host: 'shop.test', port: 443 }, to: { host: '127.0.0.1', port } }
  const check = aCheck('http', {
    url: 'https://shop.test/',
    trustedRoots: pemOf(authority),
    ...overrides,
  })
  return runOnce(check, { connectTo: connectTo([rule]) })
}

describe('which version is spoken', () => {
  const versions = [
    {
      why: 'both offered, the server has both',
      offered: ['h2', 'http/1.1'],
      httpVersion: undefined,
      spoken: '2',
    },
    { why: 'auto is the same', offered: ['h2', 'http/1.1'], httpVersion: 'auto', spoken: '2' },
    { why: 'only 1.1 asked for', offered: ['h2', 'http/1.1'], httpVersion: '1.1', spoken: '1.1' },
    { why: 'only 2 asked for', offered: ['h2', 'http/1.1'], httpVersion: '2', spoken: '2' },
  ] as const
  test.each(versions)('$why: $spoken', async ({ httpVersion, spoken }) => {
    const target = await http2Target((stream) => stream.respond({}, { endStream: true }), {
      ...pair,
      allowHTTP1: true,
    })
    const run = await secure(target.port, {
      expectations: expecting({ httpVersion: spoken }),
      ...(httpVersion && { httpVersion }),
    })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(target.requests).toHaveLength(spoken === '2' ? 1 : 0)
    expect(run.phases.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['dns', 'connect', 'tls', 'firstByte']),
    )
  })

  test('a server that has only 1.1 is spoken to in 1.1', async () => {
    const target = await tlsTarget(pair)
    const run = await secure(target.port, { expectations: expecting({ httpVersion: '1.1' }) })
    expect(run.error).toBeUndefined()
    expect(run.facts.httpVersion).toBe('1.1')
    expect(target.heard[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/)
  })

  test.each([
    { why: 'knows no ALPN', options: {} },
    { why: 'refuses the handshake', options: { ALPNProtocols: ['http/1.1'] } },
  ])('2 fails with a server that $why, and nothing is sent', async ({ options }) => {
    const target = await tlsTarget({ ...pair, ...options })
    const run = await secure(target.port, { httpVersion: '2' })
    expect(run.error).toEqual({
      type: 'http.version',
      message:
        'shop.test:443 does not speak HTTP/2: it was the only version offered (ALPN h2), and not chosen',
    })
    expect(run.verdict).toBe('failed')
    expect(target.heard).toEqual([])
  })

  test('plain http is 1.1, whatever the server has', async () => {
    const target = await httpTarget((_request, response) => void response.end('ok'))
    const run = await runOnce(plain(target.host, { httpVersion: 'auto' }))
    expect(run.facts.httpVersion).toBe('1.1')
  })

  test('2 with a server of plain HTTP/1.1 fails', async () => {
    const target = await httpTarget((_request, response) => void response.end('ok'))
    const run = await runOnce(plain(target.host))
    expect(run.error?.type).toBe('http.malformed')
    expect(run.error?.message).toContain('did not answer with valid HTTP/2')
  })
})

describe('a request', () => {
  test('goes out as HTTP/2 has it, and its answer is read', async () => {
    const target = await http2Target((stream) => {
      stream.respond({ ':status': 201, 'content-type': 'text/plain', 'x-lamp': ['a', 'b'] })
      stream.end('lit')
    })
    const run = await runOnce(
      plain(target.host, {
        method: 'POST',
        body: 'a=1',
        headers: { 'X-Shop': 'yes', connection: 'close', 'transfer-encoding': 'chunked' },
        expectations: expecting({
          status: 201,
          body: 'lit',
          headers: { 'x-lamp': 'a, b' },
          httpVersion: 2,
        }),
      }),
    )
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(target.requests[0]).toMatchObject({
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': target.host,
      ':path': '/cart?id=7',
      'x-shop': 'yes',
      'user-agent': expect.stringContaining('Firewatch/'),
    })
    expect(target.requests[0]).not.toHaveProperty('connection')
    expect(run.exchanges).toMatchObject([
      {
        method: 'POST',
        url: `http://${target.host}/cart`,
        status: 201,
        httpVersion: '2',
        bodyBytes: 3,
      },
    ])
  })

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'])(
    'by %s',
    async (method) => {
      const target = await http2Target((stream) => {
        stream.respond({ ':status': 204 }, { endStream: true })
      })
      const run = await runOnce(
        plain(target.host, { method, expectations: expecting({ status: 204 }) }),
      )
      expect(run.error).toBeUndefined()
      expect(target.requests[0]?.[':method']).toBe(method)
    },
  )

  test('is followed to where it is sent', async () => {
    const target = await http2Target((stream, headers) => {
      if (headers[':path'] === '/done') {
        stream.respond({ ':status': 200 })
        stream.end('done')
      } else stream.respond({ ':status': 302, location: '/done' }, { endStream: true })
    })
    const run = await runOnce(plain(target.host, { expectations: expecting({ body: 'done' }) }))
    expect(run.error).toBeUndefined()
    expect(run.exchanges?.map(({ status }) => status)).toEqual([302, 200])
  })

  test('gets a packed body, as large as allowed, unpacked', async () => {
    const target = await http2Target((stream) => {
      stream.respond({ 'content-encoding': 'gzip' })
      stream.end(gzipSync(Buffer.alloc(BODY_BYTES_MAX, 'x')))
    })
    const expectations = expecting({ bodyBytes: BODY_BYTES_MAX })
    expect((await runOnce(plain(target.host, { expectations }))).error).toBeUndefined()
  })

  test('gets a body with trailers whole', async () => {
    const target = await http2Target((stream) => {
      stream.respond({}, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }))
      stream.end('lit')
    })
    const run = await runOnce(plain(target.host, { expectations: expecting({ body: 'lit' }) }))
    expect(run.error).toBeUndefined()
  })

  test('waits for its first byte in that phase, and for its body in the other', async () => {
    const target = await http2Target((stream) => {
      setTimeout(() => {
        stream.respond({})
        stream.write('x')
        setTimeout(() => stream.end('y'), 100)
      }, 200)
    })
    const run = await runOnce(plain(target.host))
    expect(phaseMs(run, 'firstByte')).toBeGreaterThanOrEqual(190)
    expect(phaseMs(run, 'download')).toBeGreaterThanOrEqual(90)
    expect(phaseMs(run, 'connect')).toBeLessThan(190)
  })

  test('survives a deadline that passes in the middle of a body over TLS', async () => {
    const target = await http2Target((stream) => {
      stream.respond({})
      stream.write('x')
    }, pair)
    const run = await secure(target.port, { timeoutMs: 300 })
    expect(run.error).toEqual({
      type: 'timeout',
      message: 'no complete body from shop.test:443 (1 bytes so far) within 300 ms',
    })
  })
})

const answer = (...frames: Buffer[]) => Buffer.concat([SETTINGS, ...frames])
const head = frame(FRAME.headers, FLAG.endHeaders, 1, STATUS_200)
const part = frame(FRAME.data, 0, 1, Buffer.from('hel'))
const reset = (code: number) => frame(FRAME.reset, 0, 1, uint32(code))
const goaway = (last: number, code: number) => frame(FRAME.goaway, 0, 0, uint32(last, code))
const field = (name: string, value: string) =>
  Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ])

const saying = (bytes: Buffer) => (socket: Socket) => void socket.write(bytes)

/** The same frame as fast as the client takes it. */
const flood =
  (one: Buffer, first: Buffer = SETTINGS) =>
  (socket: Socket) => {
    const many = Buffer.concat(Array(1_000).fill(one))
    const more = () => {
      while (!socket.destroyed && socket.write(many));
    }
    socket.on('drain', more)
    socket.write(first)
    more()
  }

/** One large entry of the table, and then many times the byte that stands for it. */
const bomb = Buffer.concat([
  STATUS_200,
  Buffer.from([0x40, 1, 0x78, 0x7f, 0xa1, 0x1e]),
  Buffer.alloc(4_000, 'a'),
  Buffer.alloc(10_000, 0xbe),
])

const RSS_MAX = 150 * 1024 * 1024
const SLACK_MS = 1_500

describe('a hostile server gets a typed verdict in time, and no memory', () => {
  const hostile: { why: string; say: (socket: Socket) => void; type: string | RegExp }[] = [
    { why: 'says nothing', say: () => undefined, type: 'timeout' },
    { why: 'says only its settings', say: saying(SETTINGS), type: 'timeout' },
    {
      why: 'closes after its settings',
      say: (socket) => socket.end(SETTINGS),
      type: 'connect.reset',
    },
    {
      why: 'resets the stream before an answer',
      say: saying(answer(reset(2))),
      type: 'connect.reset',
    },
    { why: 'resets it without an error', say: saying(answer(reset(0))), type: 'connect.reset' },
    { why: 'refuses the stream', say: saying(answer(reset(7))), type: 'connect.reset' },
    {
      why: 'resets the stream in the body',
      say: saying(answer(head, part, reset(2))),
      type: 'connect.reset',
    },
    {
      why: 'cancels it in the body',
      say: saying(answer(head, part, reset(8))),
      type: 'connect.reset',
    },
    {
      why: 'ends it in the body without an error',
      say: saying(answer(head, part, reset(0))),
      type: 'connect.reset',
    },
    {
      why: 'closes in the body',
      say: (socket) => socket.end(answer(head, part)),
      type: 'connect.reset',
    },
    { why: 'stalls in the body', say: saying(answer(head, part)), type: 'timeout' },
    {
      why: 'says goodbye before an answer',
      say: saying(answer(goaway(0, 0))),
      type: 'connect.reset',
    },
    { why: 'says goodbye in anger', say: saying(answer(goaway(0, 11))), type: 'connect.reset' },
    {
      why: 'says goodbye in the body',
      say: saying(answer(head, part, goaway(1, 2))),
      type: 'connect.reset',
    },
    { why: 'resets as fast as it can', say: flood(reset(8)), type: 'connect.reset' },
    { why: 'changes settings as fast as it can', say: flood(SETTINGS), type: 'http.malformed' },
    {
      why: 'pings as fast as it can',
      say: flood(frame(FRAME.ping, 0, 0, Buffer.alloc(8))),
      type: 'http.malformed',
    },
    {
      why: 'sends empty bodies for ever',
      say: flood(frame(FRAME.data, 0, 1), answer(head)),
      type: 'http.malformed',
    },
    {
      why: 'sends more than the window has',
      say: flood(frame(FRAME.data, 0, 1, Buffer.alloc(16_000)), answer(head)),
      type: /^http\.(too_large|malformed)$/,
    },
    {
      why: 'announces answers for ever',
      say: flood(frame(FRAME.headers, FLAG.endHeaders, 1, Buffer.from([8, 3, 0x31, 0x30, 0x33]))),
      // Whichever comes first: the deadline, or a limit of the session.
      type: /^(timeout|connect\.reset|http\.(malformed|too_large))$/,
    },
    {
      why: 'continues its headers for ever',
      say: flood(
        frame(FRAME.continuation, 0, 1, field('x', 'y')),
        answer(frame(FRAME.headers, 0, 1, STATUS_200)),
      ),
      type: /^http\.(too_large|malformed)$/,
    },
    {
      why: 'sends thousands of headers',
      say: saying(
        answer(
          frame(
            FRAME.headers,
            FLAG.endHeaders,
            1,
            Buffer.concat([STATUS_200, ...Array(3_000).fill(field('x', 'y'))]),
          ),
        ),
      ),
      type: 'http.too_large',
    },
    {
      why: 'packs forty megabytes of headers into few bytes',
      say: saying(answer(frame(FRAME.headers, FLAG.endHeaders, 1, bomb))),
      type: 'http.too_large',
    },
    {
      why: 'gives no status',
      say: saying(answer(frame(FRAME.headers, 5, 1, field('x', 'y')))),
      type: 'http.malformed',
    },
    {
      why: 'sends a frame that is too long',
      say: saying(answer(frame(FRAME.data, 0, 1, Buffer.alloc(20_000)))),
      type: 'http.malformed',
    },
    {
      why: 'speaks HTTP/1.1',
      say: saying(Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')),
      type: 'http.malformed',
    },
  ]
  test.each(hostile)('that $why', async ({ say, type }) => {
    const target = await http2Saying(say)
    const before = process.memoryUsage.rss()
    const startedAt = performance.now()
    // A limit must be found before the deadline, also where both ends share a busy machine.
    const timeoutMs = String(type).includes('timeout') ? 500 : 5_000
    const run = await runOnce(plain(target.host, { timeoutMs }))
    expect(performance.now() - startedAt).toBeLessThan(timeoutMs + SLACK_MS)
    expect(process.memoryUsage.rss() - before).toBeLessThan(RSS_MAX)
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toMatch(type)
    expect(run.error?.message).toContain(target.host)
  })

  test('that opens no window for the request', async () => {
    const noWindow = frame(FRAME.settings, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]))
    const target = await http2Saying(saying(noWindow))
    const body = 'x'.repeat(200_000)
    const run = await runOnce(plain(target.host, { method: 'POST', body, timeoutMs: 400 }))
    expect(run.error?.type).toBe('timeout')
    expect(run.error?.message).toContain('no first byte')
  })

  test('but one that says goodbye and still answers is fine', async () => {
    const last = frame(FRAME.data, FLAG.endStream, 1, Buffer.from('hello'))
    const target = await http2Saying(saying(answer(goaway(1, 0), head, last)))
    const run = await runOnce(plain(target.host, { expectations: expecting({ body: 'hello' }) }))
    expect(run.error).toBeUndefined()
  })
})
