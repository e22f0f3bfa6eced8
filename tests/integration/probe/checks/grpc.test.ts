import { beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { GrpcCheck } from '../../../../src/protocol/kinds/grpc.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce, TRACEPARENT } from '../../../support/check-context.ts'
import { answer, grpcTarget, message, refuse } from '../../../support/grpc-target.ts'
import { drip, rawTarget, saying } from '../../../support/http-target.ts'
import { anAuthority, type Issued, issue, keyPair, pemOf } from '../../../support/tls-target.ts'

let authority: Issued

beforeAll(async () => {
  authority = await anAuthority()
})

type Parts = Parameters<typeof runOnce>[1]

const expecting = (written: Record<string, unknown>) => ({
  expectations: resolveExpectations('must', written),
})

const runGrpc = (port: number, overrides: Partial<GrpcCheck> = {}, parts: Parts = {}) =>
  runOnce(aCheck('grpc', { port, ...expecting({ servingStatus: 'SERVING' }), ...overrides }), parts)

describe('a server that is serving', () => {
  test('passes, and was asked by the protocol', async () => {
    const { port, asked } = await grpcTarget((stream) => answer(stream))
    const run = await runGrpc(
      port,
      {
        service: 'shop.Cart',
        metadata: { 'X-Token': 'Bearer {{TOKEN}}', Connection: 'close' },
        secrets: ['TOKEN'],
        ...expecting({
          servingStatus: 'SERVING',
          grpcStatus: 'OK',
          connect: { max: '5s' },
          firstByte: { max: '5s' },
          total: { max: '5s' },
        }),
      },
      { secret: () => 't0ken' },
    )
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'firstByte', 'download'])
    expect(run.facts).toMatchObject({ grpcStatus: 'OK', servingStatus: 'SERVING' })
    expect(asked[0]?.body).toEqual(message(`0a09${Buffer.from('shop.Cart').toString('hex')}`))
    expect(asked[0]?.headers).toMatchObject({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-token': 'Bearer t0ken',
      traceparent: TRACEPARENT,
      'user-agent': expect.stringContaining('Firewatch/'),
    })
  })

  test('over TLS is asked when its certificate is trusted', async () => {
    const pair = await keyPair(await issue({ issuer: authority }))
    const { port, asked } = await grpcTarget((stream) => answer(stream), pair)
    const rule = { from: { host: 'shop.test', port: 443 }, to: { host: '127.0.0.1', port } }
    const parts = { connectTo: connectTo([rule]) }
    const overrides = {
      host: 'shop.test',
      tls: true,
      ...expecting({ servingStatus: 'SERVING', certificateDaysLeft: 100, tls: { max: '5s' } }),
    }
    const run = await runGrpc(443, { ...overrides, trustedRoots: pemOf(authority) }, parts)
    expect(run.error).toBeUndefined()
    expect((await runGrpc(443, overrides, parts)).error?.type).toBe('tls.untrusted')
    expect(asked).toHaveLength(1)
  })

  test('at every address is a part of its own, and never at a forbidden one', async () => {
    const { port } = await grpcTarget((stream) => answer(stream))
    const every = await runGrpc(port, { addresses: 'every' })
    expect(every.steps).toMatchObject([{ name: '127.0.0.1', status: 'passed' }])
    expect((await runGrpc(port, { addresses: 'ipv6' })).error?.type).toBe('dns.no_answer')
    const forbidden = await runGrpc(port, {}, { policy: publicAddresses })
    expect(forbidden.error?.type).toBe('connect.forbidden')
  })

  test('without the secret that the check needs is not asked', async () => {
    const { port, asked } = await grpcTarget((stream) => answer(stream))
    const run = await runGrpc(port, { metadata: { token: '{{TOKEN}}' }, secrets: ['TOKEN'] })
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.secret_missing' } })
    expect(asked).toEqual([])
  })
})

describe('an answer', () => {
  test.each([
    ['0802', 'NOT_SERVING'],
    ['', 'UNKNOWN'],
    ['0803', 'SERVICE_UNKNOWN'],
  ])('%s is %s', async (hex, status) => {
    const { port } = await grpcTarget((stream) => answer(stream, message(hex)))
    const run = await runGrpc(port, { service: 'cart' })
    expect(run.error).toEqual({
      type: 'grpc.status',
      message: `127.0.0.1:${port} says that the service cart is ${status}`,
    })
    expect((await runGrpc(port, expecting({ servingStatus: status }))).verdict).toBe('passed')
  })

  test('NOT_FOUND, in headers or in trailers, is told, and may be expected', async () => {
    const only = await grpcTarget((stream) => refuse(stream, '5', 'no%20such%20service'))
    expect((await runGrpc(only.port, { service: 'cart' })).error).toEqual({
      type: 'grpc.status',
      message: `127.0.0.1:${only.port} answered with NOT_FOUND, asked about the service cart: no such service`,
    })
    const late = await grpcTarget((stream) =>
      answer(stream, Buffer.alloc(0), { 'grpc-status': '5' }),
    )
    for (const { port } of [only, late])
      expect((await runGrpc(port, expecting({ grpcStatus: 'NOT_FOUND' }))).verdict).toBe('passed')
    const wrong = await runGrpc(late.port, expecting({ grpcStatus: 'OK' }))
    expect(wrong.error?.type).toBe('grpc.status')
  })

  test('of a load balancer is what its HTTP status means', async () => {
    const { port } = await grpcTarget((stream) => {
      stream.respond({ ':status': 503 }, { endStream: true })
    })
    const run = await runGrpc(port)
    expect(run.error?.message).toContain('UNAVAILABLE')
    expect(run.error?.message).toContain('HTTP status 503')
  })
})

describe('a hostile server', () => {
  const streams: [string, Parameters<typeof grpcTarget>[0], string, RegExp][] = [
    [
      'sends no trailers',
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.end(message())
      },
      'grpc.malformed',
      /no trailers came/,
    ],
    [
      'sends a status that is no number',
      (stream) => refuse(stream, 'fine'),
      'grpc.malformed',
      /is no number: fine/,
    ],
    ['compresses', (stream) => answer(stream, message('0801', 1)), 'grpc.malformed', /compressed/],
    [
      'claims a huge message',
      (stream) => answer(stream, Buffer.from('007fffffff00', 'hex')),
      'grpc.malformed',
      /2147483647 bytes/,
    ],
    [
      'sends half a message',
      (stream) => answer(stream, message().subarray(0, 6)),
      'grpc.malformed',
      /not whole/,
    ],
    [
      'sends something else',
      (stream) => answer(stream, message('ffff')),
      'grpc.malformed',
      /no HealthCheckResponse/,
    ],
    ['resets the stream', (stream) => stream.close(2), 'connect.reset', /broke off/],
    [
      // It says that it has taken the request, which may therefore still be answered.
      'says goodbye, and nothing more',
      (stream) => stream.session?.goaway(0, 0),
      'timeout',
      /^no answer from 127.* within 600 ms$/,
    ],
    ['never answers', () => undefined, 'timeout', /^no answer from 127.* within 600 ms$/],
    [
      'never ends',
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.write(message())
      },
      'timeout',
      /did not end within 600 ms/,
    ],
    [
      'trickles',
      (stream) => {
        stream.respond({ ':status': 200 })
        drip(stream as never)
      },
      'grpc.malformed',
      /begins with the flag/,
    ],
    [
      'floods',
      (stream) => {
        stream.respond({ ':status': 200 })
        stream.end(Buffer.alloc(10_000_000))
      },
      'grpc.malformed',
      /64 KiB came/,
    ],
  ]

  test('that says goodbye before it takes the request broke off', async () => {
    // SETTINGS, and GOAWAY with 0 as the last stream.
    const frames = Buffer.from('000000040000000000000008070000000000000000000000000000', 'hex')
    const { port } = await rawTarget(
      (socket) => void socket.once('data', () => socket.write(frames)),
    )
    const run = await runGrpc(port, { timeoutMs: 2_000 })
    expect(run.error).toEqual({
      type: 'connect.reset',
      message: expect.stringContaining('GOAWAY'),
    })
  })

  test.each(streams)('that %s gets its verdict in time', async (_what, respond, type, words) => {
    const { port } = await grpcTarget(respond)
    const startedAt = performance.now()
    const run = await runGrpc(port, { timeoutMs: 600 })
    expect(run.error).toEqual({ type, message: expect.stringMatching(words) })
    expect(performance.now() - startedAt).toBeLessThan(850)
  })

  const settings = Buffer.from('000000040000000000', 'hex')

  test.each([
    [
      'speaks HTTP/1.1',
      'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n',
      /^(grpc.malformed|connect.reset)$/,
    ],
    [
      'floods settings',
      Buffer.concat(Array<Buffer>(50_000).fill(settings)),
      /^(grpc.malformed|connect.reset|timeout)$/,
    ],
    ['hangs up', '', /^connect.reset$/],
  ])('that %s gets its verdict in time', async (_what, bytes, type) => {
    const { port } = await saying(bytes)
    const startedAt = performance.now()
    const run = await runGrpc(port, { timeoutMs: 600 })
    expect(run.error?.type).toMatch(type)
    expect(performance.now() - startedAt).toBeLessThan(850)
  })

  test('that says one byte after the other gets its verdict in time', async () => {
    const { port } = await rawTarget((socket) => drip(socket))
    const run = await runGrpc(port, { timeoutMs: 600 })
    expect(run.error?.type).toMatch(/^(grpc.malformed|timeout)$/)
  })
})
