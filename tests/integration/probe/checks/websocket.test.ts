import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { WebSocketCheck } from '../../../../src/protocol/kinds/websocket.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce, TRACEPARENT } from '../../../support/check-context.ts'
import { drip, rawTarget } from '../../../support/http-target.ts'
import { anAuthority, issue, keyPair, pemOf } from '../../../support/tls-target.ts'
import { CLOSE, frame, TEXT, upgradeTarget } from '../../../support/websocket-target.ts'

type Parts = Parameters<typeof runOnce>[1]

const runWebSocket = (port: number, overrides: Partial<WebSocketCheck> = {}, parts: Parts = {}) =>
  runOnce(
    aCheck('websocket', {
      url: `ws://127.0.0.1:${port}/live?room=1`,
      expectations: resolveExpectations('must', { status: 101 }),
      ...overrides,
    }),
    parts,
  )

const expecting = (written: Record<string, unknown>) => ({
  expectations: resolveExpectations('must', { status: 101, ...written }),
})

const saying = (bytes: Buffer) =>
  upgradeTarget({ afterwards: (socket) => void socket.write(bytes) })

/** Answers every message with the same, in capitals. */
function echo(server: WebSocketServer): void {
  server.on('connection', (client) => {
    client.on('message', (data) => client.send(String(data).toUpperCase()))
  })
  onTestFinished(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
}

describe('a WebSocket', () => {
  test('is upgraded, spoken over and closed in order', async () => {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      handleProtocols: () => 'v2',
    })
    await once(server, 'listening')
    echo(server)
    const codes: number[] = []
    server.on('connection', (client) => client.on('close', (code) => codes.push(code)))
    const run = await runWebSocket((server.address() as AddressInfo).port, {
      subprotocols: ['v2', 'v1'],
      dialogue: [
        { send: 'hello' },
        { expect: '^HELLO$' },
        { sendHex: '61 62' },
        { expect: '^AB$' },
      ],
      ...expecting({
        subprotocol: 'v2',
        message: { contains: 'HELL' },
        headers: { upgrade: 'websocket' },
        upgrade: { max: '5s' },
        exchange: { max: '5s' },
        total: { max: '5s' },
      }),
    })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'upgrade', 'exchange'])
    expect(run.facts).toMatchObject({ status: 101, subprotocol: 'v2', messages: ['HELLO', 'AB'] })
    expect(codes).toEqual([1000])
  })

  test.each([
    ['subprotocol', { subprotocol: 'v3' }, 'subprotocol: expected v3, got –'],
    ['message', { message: 'bye' }, 'message: expected bye, got hi'],
    ['headers', { headers: { server: 'x' } }, 'header server: expected x, got –'],
    ['upgrade', { upgrade: { max: '0ms' } }, /^upgrade: expected at most 0 ms/],
  ])('fails by %s', async (_subject, written, message) => {
    const { port } = await saying(frame(TEXT, 'hi'))
    const run = await runWebSocket(port, expecting(written))
    expect(run.error?.message).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    )
  })

  test('is asked for with headers, secrets, a login and the trace', async () => {
    const { port, asked } = await upgradeTarget()
    const secrets: Record<string, string> = { TICKET: 'a b', PASSWORD: 'pw' }
    const parts = { secret: (name: string) => secrets[name] }
    const overrides = {
      url: `ws://127.0.0.1:${port}/live?ticket={{TICKET}}`,
      headers: { Origin: 'https://shop.test', 'X-Ticket': '{{TICKET}}' },
      secrets: ['TICKET'],
      auth: { basic: { username: 'me', password: 'PASSWORD' } },
    }
    expect((await runWebSocket(port, overrides, parts)).verdict).toBe('passed')
    const said = asked[0]?.toLowerCase()
    expect(said).toContain('get /live?ticket=a%20b http/1.1')
    expect(said).toContain('origin: https://shop.test')
    expect(said).toContain('x-ticket: a b')
    expect(said).toContain(`authorization: basic ${btoa('me:pw').toLowerCase()}`)
    expect(said).toContain(`traceparent: ${TRACEPARENT}`)
    expect(said).toContain('user-agent: firewatch/')
    expect(said).not.toContain('permessage-deflate')
    const bearer = { auth: { bearer: 'PASSWORD' } }
    await runWebSocket(port, bearer, parts)
    expect(asked[1]?.toLowerCase()).toContain('authorization: bearer pw')
    expect(await runWebSocket(port, overrides)).toMatchObject({
      verdict: 'probe_fault',
      error: { type: 'probe.secret_missing' },
    })
  })

  test('over TLS needs a certificate that is trusted', async () => {
    const authority = await anAuthority()
    const https = createServer(await keyPair(await issue({ issuer: authority })))
    echo(new WebSocketServer({ server: https }))
    https.listen(0, '127.0.0.1')
    await once(https, 'listening')
    onTestFinished(() => void https.close())
    const { port } = https.address() as AddressInfo
    const rule = { from: { host: 'shop.test', port: 443 }, to: { host: '127.0.0.1', port } }
    const parts = { connectTo: connectTo([rule]) }
    const overrides = {
      url: 'wss://shop.test/',
      dialogue: [{ send: 'x' }, { expect: 'X' }],
      ...expecting({ certificateDaysLeft: { min: 30 }, tls: { max: '5s' } }),
    }
    const trustedRoots = pemOf(authority)
    const good = await runWebSocket(port, { ...overrides, trustedRoots }, parts)
    expect(good.error).toBeUndefined()
    expect((await runWebSocket(port, overrides, parts)).error?.type).toBe('tls.untrusted')
  })

  test('to an address that the region may not connect to is not made', async () => {
    const run = await runWebSocket(80, {}, { policy: publicAddresses })
    expect(run.error?.type).toBe('connect.forbidden')
  })

  test('of every address is a part of its own', async () => {
    const { port } = await upgradeTarget()
    const run = await runWebSocket(port, { addresses: 'every' })
    expect(run.steps).toMatchObject([{ name: '127.0.0.1', status: 'passed' }])
    expect((await runWebSocket(port, { addresses: 'ipv6' })).error?.type).toBe('dns.no_answer')
  })
})

describe('an upgrade', () => {
  test('that is refused is told with its status, which a check may expect', async () => {
    const { port } = await upgradeTarget({
      answer: 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n',
    })
    const run = await runWebSocket(port, { dialogue: [{ expect: 'x' }] })
    expect(run.error).toEqual({
      type: 'websocket.upgrade',
      message: `127.0.0.1:${port} answered the upgrade with status 403, so there is no WebSocket (status: expected 101)`,
    })
    expect((await runWebSocket(port, expecting({ status: 403 }))).verdict).toBe('passed')
  })

  test.each([
    [
      'a wrong accept',
      'HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: no\r\n\r\n',
      'websocket.upgrade',
    ],
    ['no HTTP', 'SSH-2.0-x\r\n\r\n', 'http.malformed'],
    ['endless headers', `HTTP/1.1 101 X\r\nx: ${'y'.repeat(100_000)}`, 'http.too_large'],
    ['nothing', '', 'timeout'],
  ])('answered with %s fails', async (_what, answer, type) => {
    const { port } = await upgradeTarget({ answer })
    const startedAt = performance.now()
    const run = await runWebSocket(port, { timeoutMs: 500 })
    expect(run.error?.type).toBe(type)
    expect(performance.now() - startedAt).toBeLessThan(750)
  })

  test('answered a byte at a time ends by the deadline', async () => {
    const { port } = await rawTarget((socket) => drip(socket.setNoDelay(true)))
    const slow = await upgradeTarget({
      answer: 'HTTP/1.1 101 X\r\nx: ',
      afterwards: (socket) => drip(socket),
    })
    expect((await runWebSocket(slow.port, { timeoutMs: 400 })).error).toEqual({
      type: 'timeout',
      message: `no answer to the upgrade from 127.0.0.1:${slow.port} within 400 ms`,
    })
    expect((await runWebSocket(port, { timeoutMs: 400 })).error?.type).toBe('http.malformed')
  })
})

describe('a dialogue', () => {
  const hostile: [string, Buffer, RegExp, string?][] = [
    [
      'a close with a code',
      frame(CLOSE, Buffer.from('\u0003\u00f3bye', 'latin1')),
      /got nothing, then it closed the WebSocket \(1011 bye\)$/,
    ],
    ['a close without a code', frame(CLOSE, ''), /then it closed the WebSocket without a code$/],
    [
      'a frame of a gigabyte',
      Buffer.from([0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]),
      /broke the protocol \(Max payload size exceeded\)$/,
    ],
    ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 0x60]), /broke the protocol \(.*MASK/],
    ['bad UTF-8', frame(TEXT, Buffer.from([0xff, 0xfe])), /broke the protocol \(.*UTF-8/],
    ['a reserved opcode', frame(3, 'x'), /broke the protocol \(.*opcode/],
    [
      'fragments for ever',
      Buffer.concat([frame(TEXT, 'a', 0), ...Array<Buffer>(5_000).fill(frame(0, 'b', 0))]),
      /broke the protocol \(.*fragments/,
    ],
    [
      'a flood of messages',
      Buffer.concat(Array<Buffer>(100_000).fill(frame(TEXT, ''))),
      /got 64 KiB or 1000 messages without it: ""$/,
      'dialogue',
    ],
    [
      'other messages only',
      frame(TEXT, 'no'),
      /turn 1: expected \/\^yes\$\/, got "no" within 1 s$/,
      'dialogue',
    ],
  ]

  test.each(hostile)(
    'that meets %s fails',
    async (_what, bytes, message, type = 'websocket.closed') => {
      const { port } = await saying(bytes)
      const startedAt = performance.now()
      const run = await runWebSocket(port, { dialogue: [{ expect: '^yes$' }], timeoutMs: 1_000 })
      expect(run.error).toEqual({ type, message: expect.stringMatching(message) })
      expect(performance.now() - startedAt).toBeLessThan(1_250)
    },
  )

  test('finds a message among others', async () => {
    const { port } = await saying(Buffer.concat([frame(TEXT, 'no'), frame(TEXT, 'yes')]))
    const run = await runWebSocket(port, { dialogue: [{ expect: '^yes$' }] })
    expect(run.verdict).toBe('passed')
  })
})
