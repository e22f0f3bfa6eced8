import { connect, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { watchQuality } from '../../../../src/probe/quality.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { drip, httpTarget, rawTarget, saying } from '../../../support/http-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  type KeyPair,
  keyPair,
  pemOf,
} from '../../../support/tls-target.ts'

const TIMEOUT_MS = 400
/** How late a verdict may come after its deadline … */
const OVERRUN_MS_MAX = 50
/**
 * … besides what this process, which is also the hostile server, stood still or waited for a processor: a
 * deadline may fall into one turn of the event loop, and what ends the run into the next.
 */
const TURNS = 2
/** However busy the machine is. */
const SLACK_MS = 1_500
const RSS_GROWTH_MAX = 150 * 1024 * 1024

const quality = watchQuality(systemClock)
const overrunsMs: number[] = []
let largestGrowth = 0

afterAll(() => {
  quality.stop()
  const sorted = overrunsMs.toSorted((a, b) => a - b)
  const shown = [0.5, 0.99].map((q) => sorted[Math.floor(q * (sorted.length - 1))]?.toFixed(1))
  process.stderr.write(
    `hostile HTTP: ${sorted.length} deadlines overrun by ${shown.join(' / ')} ms (p50 / p99), ` +
      `memory grew by at most ${Math.round(largestGrowth / 1024 / 1024)} MB in one run\n`,
  )
})

/** Runs a check against a hostile server, and holds it to its bounds. */
async function endure(url: string, overrides: Partial<HttpCheck> = {}, parts = {}) {
  const before = process.memoryUsage.rss()
  const endQuality = quality.begin()
  const startedAt = performance.now()
  const run = await runOnce(aCheck('http', { url, timeoutMs: TIMEOUT_MS, ...overrides }), parts)
  const tookMs = performance.now() - startedAt
  const growth = process.memoryUsage.rss() - before
  const { eventLoopLagMs, cpuWaitMs = 0 } = endQuality()
  if (run.error?.message.includes(`within ${TIMEOUT_MS} ms`)) {
    const overrunMs = tookMs - TIMEOUT_MS
    overrunsMs.push(overrunMs)
    expect(overrunMs).toBeLessThan(OVERRUN_MS_MAX + TURNS * eventLoopLagMs + cpuWaitMs)
  }
  largestGrowth = Math.max(largestGrowth, growth)
  expect(tookMs).toBeLessThan((overrides.timeoutMs ?? TIMEOUT_MS) + SLACK_MS)
  expect(growth).toBeLessThan(RSS_GROWTH_MAX)
  // Whatever a server does, it is never a bug of ours.
  expect(run.verdict).toBe('failed')
  return run
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n'

/** The same text as fast as the client takes it. */
const flood =
  (text: string, first = '') =>
  (socket: Socket) => {
    socket.once('data', () => {
      const many = text.repeat(Math.ceil(64_000 / text.length))
      const more = () => {
        while (!socket.destroyed && socket.write(many));
      }
      socket.on('drain', more)
      socket.write(first)
      more()
    })
  }

describe('slow: the deadline is total, and names the phase', () => {
  const never = () => undefined
  test.each([
    { why: 'accepts and never answers', behave: never, phase: 'firstByte', words: 'no first byte' },
    {
      why: 'drips its head',
      behave: (socket: Socket) => {
        socket.write(HEAD)
        drip(socket)
      },
      phase: 'download',
      words: 'no complete headers',
    },
    {
      why: 'stalls in the head',
      behave: (socket: Socket) => void socket.write(HEAD),
      phase: 'download',
      words: 'no complete headers',
    },
    {
      why: 'stalls after the head',
      behave: (socket: Socket) => void socket.write(`${HEAD}content-length: 5\r\n\r\n`),
      phase: 'download',
      words: 'no complete body',
    },
    {
      why: 'drips its body',
      behave: (socket: Socket) => {
        socket.write(`${HEAD}content-length: 100000\r\n\r\n`)
        drip(socket)
      },
      phase: 'download',
      words: 'no complete body',
    },
    {
      why: 'drips a body that ends with the connection',
      behave: (socket: Socket) => {
        socket.write(`${HEAD}connection: close\r\n\r\n`)
        drip(socket)
      },
      phase: 'download',
      words: 'no complete body',
    },
    {
      why: 'drips the size of a chunk',
      behave: (socket: Socket) => {
        socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n0`)
        const timer = setInterval(() => socket.write('0'), 50)
        socket.once('close', () => clearInterval(timer))
      },
      phase: 'download',
      words: 'no complete body',
    },
    {
      why: 'says "continue" for ever',
      behave: (socket: Socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 100 Continue\r\n\r\n'), 10)
        socket.once('close', () => clearInterval(timer))
      },
      phase: 'download',
      words: 'no complete headers',
    },
    {
      why: 'says "early hints" as fast as it can',
      behave: flood('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
      phase: 'download',
      words: 'no complete headers',
    },
  ])('$why', async ({ behave, phase, words }) => {
    const target = await rawTarget(behave)
    const run = await endure(target.url)
    expect(run.error?.type).toBe('timeout')
    expect(run.error?.message).toContain(`${words} from ${target.host}`)
    expect(run.error?.message).toContain(`within ${TIMEOUT_MS} ms`)
    expect(phaseMs(run, phase)).toBeGreaterThan(TIMEOUT_MS / 2)
  })

  test('never sends the end of a redirect that loops, however fast', async () => {
    const target = await httpTarget((request, response) => {
      setTimeout(() => response.writeHead(302, { location: `${request.url}x` }).end(), 60)
    })
    const run = await endure(target.url, { redirectsMax: 20 })
    // Each hop opens a connection of its own: the deadline ends whatever phase it falls into.
    expect(['timeout', 'connect.timeout']).toContain(run.error?.type)
    expect(run.error?.message).toContain(`within ${TIMEOUT_MS} ms`)
    expect(target.requests.length).toBeLessThan(10)
  })
})

describe('slow over TLS', () => {
  let authority: Issued
  let pair: KeyPair
  beforeAll(async () => {
    authority = await anAuthority()
    pair = await keyPair(await issue({ issuer: authority }))
  })

  /** Speaks TLS through a wire that a test can cut: whatever the server says after `bytesMax` is lost. */
  async function lossyTls(bytesMax: number) {
    return rawTarget((socket) => {
      const server = createTlsServer(pair)
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address() as import('node:net').AddressInfo
        const inner = connectInner(port)
        let passed = 0
        socket.pipe(inner)
        inner.on('data', (data: Buffer) => {
          const left = Math.max(0, bytesMax - passed)
          passed += data.length
          if (left > 0) socket.write(data.subarray(0, left))
        })
        inner.on('error', () => socket.destroy())
        socket.once('close', () => {
          inner.destroy()
          server.close()
        })
      })
    })
  }

  const through = (port: number) => ({
    connectTo: connectTo([
      { from: { host: 'shop.test', port: 443 }, to: { host: '127.0.0.1', port } },
    ]),
  })

  test.each([0, 1, 60, 200, 500])('stalls in the handshake after %i bytes', async (bytesMax) => {
    const target = await lossyTls(bytesMax)
    const run = await endure(
      'https://shop.test/',
      { trustedRoots: pemOf(authority) },
      through(target.port),
    )
    expect(run.error).toEqual({
      type: 'tls.handshake',
      message: `no TLS handshake with shop.test:443 within ${TIMEOUT_MS} ms`,
    })
    expect(phaseMs(run, 'tls')).toBeGreaterThan(TIMEOUT_MS / 2)
  })

  test.each(Array.from({ length: 5 }, (_, round) => ({ round })))(
    'stalls after the handshake, and the probe survives ($round)',
    async () => {
      const target = await lossyTls(Number.POSITIVE_INFINITY)
      const run = await endure(
        'https://shop.test/',
        { trustedRoots: pemOf(authority) },
        through(target.port),
      )
      expect(run.error?.message).toBe(`no first byte from shop.test:443 within ${TIMEOUT_MS} ms`)
    },
  )
})

const connectInner = (port: number) => connect({ host: '127.0.0.1', port })

describe('large: what is read has a bound, and so has memory', () => {
  const zeros = Buffer.alloc(20 * 1024 * 1024)
  const packed = (encoding: string, body: Buffer) =>
    httpTarget((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(body)
    })

  test.each([
    { why: 'gzip', encoding: 'gzip', pack: gzipSync },
    { why: 'deflate', encoding: 'deflate', pack: deflateSync },
    { why: 'brotli', encoding: 'br', pack: brotliCompressSync },
    { why: 'zstd', encoding: 'zstd', pack: zstdCompressSync },
    { why: 'gzip in gzip', encoding: 'gzip, gzip', pack: (b: Buffer) => gzipSync(gzipSync(b)) },
  ])('a bomb in $why', async ({ encoding, pack }) => {
    const target = await packed(encoding, pack(zeros))
    const run = await endure(target.url, { timeoutMs: 5_000 })
    expect(run.error?.type).toBe('http.too_large')
    expect(run.error?.message).toBe('the body unpacks to more than the 2097152 bytes that are read')
  })

  test('a hundred encodings, one in the other', async () => {
    const target = await packed(Array(100).fill('gzip').join(', '), gzipSync('x'))
    expect((await endure(target.url)).error).toEqual({
      type: 'http.malformed',
      message: 'the body is packed 100 times over',
    })
  })

  const CHUNKED = `${HEAD}transfer-encoding: chunked\r\n\r\n`
  test.each([
    { why: 'chunks without end', behave: flood(`400\r\n${'x'.repeat(1024)}\r\n`, CHUNKED) },
    { why: 'a body without end', behave: flood('x', `${HEAD}\r\n`) },
    {
      why: 'a body of ten gigabytes',
      behave: flood('x', `${HEAD}content-length: 10737418240\r\n\r\n`),
    },
    { why: 'a header of a megabyte', behave: flood('x', `${HEAD}x-long: `) },
    { why: 'a hundred thousand headers', behave: flood('x: y\r\n', HEAD) },
    { why: 'a status line without end', behave: flood('x', 'HTTP/1.1 200 ') },
    { why: 'trailers without end', behave: flood('x: y\r\n', `${CHUNKED}0\r\n`) },
    { why: 'a chunk extension without end', behave: flood('x', `${CHUNKED}1;a=`) },
  ])('$why', async ({ behave }) => {
    const target = await rawTarget(behave)
    const run = await endure(target.url, { timeoutMs: 5_000 })
    expect(run.error?.type).toMatch(/^http\.(too_large|malformed)$/)
  })
})

describe('malformed: typed, in time, and nothing crashes', () => {
  const malformed: { why: string; answer: string | Buffer; type?: string | RegExp }[] = [
    {
      why: 'nothing but a line break',
      answer: '\r\n\r\n',
      type: /^(http\.malformed|connect\.reset)$/,
    },
    { why: 'HTTP/0.9', answer: '<h1>Lamps</h1>' },
    { why: 'another version', answer: 'HTTP/9.9 200 OK\r\n\r\n' },
    { why: 'ICY', answer: 'ICY 200 OK\r\n\r\n' },
    { why: 'status 000', answer: 'HTTP/1.1 000 None\r\ncontent-length: 0\r\n\r\n' },
    { why: 'status of two digits', answer: 'HTTP/1.1 20 OK\r\ncontent-length: 0\r\n\r\n' },
    { why: 'status of four digits', answer: 'HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n' },
    { why: 'a negative status', answer: 'HTTP/1.1 -200 OK\r\ncontent-length: 0\r\n\r\n' },
    { why: 'no status', answer: 'HTTP/1.1\r\n\r\n' },
    { why: 'garbage first', answer: Buffer.from([0, 1, 2, 3, 255, 254, 10, 10]) },
    { why: 'a TLS alert', answer: Buffer.from([0x15, 3, 1, 0, 2, 2, 40]) },
    { why: 'a folded header', answer: `${HEAD}x: a\r\n b\r\ncontent-length: 0\r\n\r\n` },
    { why: 'a space before the colon', answer: `${HEAD}x : a\r\ncontent-length: 0\r\n\r\n` },
    { why: 'a header without a name', answer: `${HEAD}: a\r\n\r\n` },
    { why: 'a header without a colon', answer: `${HEAD}nothing\r\n\r\n` },
    { why: 'a zero byte in a header', answer: `${HEAD}x: a\0b\r\ncontent-length: 0\r\n\r\n` },
    { why: 'bare line feeds', answer: 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok' },
    { why: 'bare carriage returns', answer: 'HTTP/1.1 200 OK\rcontent-length: 2\r\rok' },
    {
      why: 'length and chunks',
      answer: `${HEAD}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    },
    { why: 'two lengths', answer: `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab` },
    { why: 'a list of lengths', answer: `${HEAD}content-length: 1, 2\r\n\r\nab` },
    { why: 'a negative length', answer: `${HEAD}content-length: -1\r\n\r\n` },
    { why: 'a length in hexadecimal', answer: `${HEAD}content-length: 0x2\r\n\r\nok` },
    {
      why: 'a length that no number holds',
      answer: `${HEAD}content-length: ${'9'.repeat(40)}\r\n\r\nok`,
    },
    { why: 'a bad chunk size', answer: `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n` },
    { why: 'a negative chunk size', answer: `${HEAD}transfer-encoding: chunked\r\n\r\n-1\r\n` },
    {
      why: 'a chunk size that no number holds',
      answer: `${HEAD}transfer-encoding: chunked\r\n\r\n${'f'.repeat(40)}\r\n`,
    },
    {
      why: 'a chunk without its end',
      answer: `${HEAD}transfer-encoding: chunked\r\n\r\n2\r\nokXX0\r\n\r\n`,
    },
    { why: 'cut off in the status', answer: 'HTTP/1.1 2', type: 'connect.reset' },
    { why: 'cut off in the head', answer: HEAD, type: 'connect.reset' },
    {
      why: 'cut off in the body',
      answer: `${HEAD}content-length: 9\r\n\r\nabc`,
      type: 'connect.reset',
    },
    {
      why: 'cut off in a chunk',
      answer: `${HEAD}transfer-encoding: chunked\r\n\r\n9\r\nabc`,
      type: 'connect.reset',
    },
    {
      why: 'cut off before the last chunk',
      answer: `${HEAD}transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n`,
      type: 'connect.reset',
    },
    {
      why: 'an upgrade',
      answer: 'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    },
    {
      why: 'an unknown encoding',
      answer: `${HEAD}content-encoding: lamp\r\ncontent-length: 1\r\n\r\nx`,
    },
    {
      why: 'gzip cut off',
      answer: Buffer.concat([
        Buffer.from(`${HEAD}content-encoding: gzip\r\nconnection: close\r\n\r\n`),
        gzipSync('x'.repeat(1_000)).subarray(0, 20),
      ]),
    },
    {
      why: 'brotli that is none',
      answer: `${HEAD}content-encoding: br\r\ncontent-length: 3\r\n\r\nabc`,
    },
    {
      why: 'zstd that is none',
      answer: `${HEAD}content-encoding: zstd\r\ncontent-length: 3\r\n\r\nabc`,
    },
  ]
  test.each(malformed)('$why', async ({ answer, type = 'http.malformed' }) => {
    const target = await saying(answer)
    const run = await endure(target.url, { timeoutMs: 5_000 })
    expect(run.error?.type).toMatch(type)
  })

  test('status 999 is a status, which nobody expected', async () => {
    const target = await saying('HTTP/1.1 999 Denied\r\ncontent-length: 0\r\n\r\n')
    const expectations = [{ level: 'must' as const, subject: 'status', matcher: { equals: '2xx' } }]
    const run = await endure(target.url, { expectations })
    expect(run.error).toEqual({ type: 'assertion', message: 'status: expected 2xx, got 999' })
  })

  test('what comes after the end of an answer is not looked at', async () => {
    const target = await saying(`${HEAD}content-length: 2\r\n\r\nokHTTP/1.1 500 Smuggled\r\n\r\n`)
    const run = await runOnce(aCheck('http', { url: target.url }))
    expect(run).toMatchObject({ verdict: 'passed', facts: { status: 200 } })
  })

  test('an answer that comes before the question is an answer', async () => {
    const target = await rawTarget((socket) => {
      socket.write(`${HEAD}content-length: 2\r\n\r\nok`)
    })
    const run = await runOnce(aCheck('http', { url: target.url }))
    expect(run).toMatchObject({ verdict: 'passed', facts: { status: 200 } })
  })
})

describe('redirects that lead astray', () => {
  test.each([
    { why: 'a file', location: 'file:///etc/passwd' },
    { why: 'data', location: 'data:text/plain,ok' },
    { why: 'a script', location: 'javascript:alert(1)' },
    { why: 'another protocol', location: 'ftp://shop.test/' },
    { why: 'no address', location: 'http://[' },
    { why: "a cloud's credentials", location: 'http://169.254.169.254/latest/' },
    { why: 'the same as one number', location: 'http://2852039166/latest/' },
    { why: 'the same in octal', location: 'http://0251.0376.0251.0376/' },
  ])('to $why are not followed', async ({ location }) => {
    const target = await httpTarget((_request, response) => {
      response.writeHead(302, { location }).end()
    })
    const run = await endure(target.url)
    expect(run.error?.type).toBe('http.redirects')
    expect(target.requests).toHaveLength(1)
  })

  test.each([
    { why: 'this machine', location: 'http://127.0.0.1/' },
    { why: 'this machine by name', location: 'http://localhost/' },
    { why: 'a private address', location: 'http://10.0.0.1/' },
    { why: 'a private address in IPv6', location: 'http://[fd00::1]/' },
    { why: 'a private address as IPv6', location: 'http://[::ffff:10.0.0.1]/' },
  ])('to $why are refused where only public addresses are allowed', async ({ location }) => {
    const target = await httpTarget((_request, response) => {
      response.writeHead(302, { location }).end()
    })
    // The first hop is where the operator says; the second is where the target says.
    const rule = {
      from: { host: 'shop.test', port: 80 },
      to: { host: '127.0.0.1', port: target.port },
    }
    const run = await endure(
      'http://shop.test/',
      {},
      { policy: publicAddresses, connectTo: connectTo([rule]) },
    )
    expect(run.error?.type).toBe('connect.forbidden')
    expect(target.requests).toHaveLength(1)
    expect(run.exchanges?.map(({ status }) => status)).toEqual([302, undefined])
  })

  test('fifty hops end at the limit', async () => {
    const target = await httpTarget((request, response) => {
      response.writeHead(302, { location: `${request.url}x` }).end()
    })
    const run = await endure(target.url, { redirectsMax: 20, timeoutMs: 5_000 })
    expect(run.error?.type).toBe('http.redirects')
    expect(target.requests).toHaveLength(21)
    expect(run.exchanges).toHaveLength(21)
  })
})
