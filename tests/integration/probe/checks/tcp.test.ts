import { once } from 'node:events'
import type { Socket } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { TcpCheck } from '../../../../src/protocol/kinds/tcp.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { drip, freePort, rawTarget } from '../../../support/http-target.ts'
import { anAuthority, type Issued, issue, keyPair, pemOf } from '../../../support/tls-target.ts'

let authority: Issued
let certificate: TlsOptions

beforeAll(async () => {
  authority = await anAuthority()
  certificate = await keyPair(await issue({ issuer: authority }))
})

type Parts = Parameters<typeof runOnce>[1]

/** A check of `shop.test:25`, which is at the port. */
function runTcp(port: number, overrides: Partial<TcpCheck> = {}, parts: Parts = {}) {
  const check = aCheck('tcp', {
    host: 'shop.test',
    port: 25,
    trustedRoots: pemOf(authority),
    ...overrides,
  })
  const rule = { from: { host: 'shop.test', port: 25 }, to: { host: '127.0.0.1', port } }
  return runOnce(check, { connectTo: connectTo([rule]), ...parts })
}

const expecting = (written: Record<string, unknown>) => ({
  expectations: resolveExpectations('must', written),
})

/** Greets, and answers each line by its first word. */
const mailServer = (heard: string[] = []) =>
  rawTarget((socket) => {
    socket.write('220 mail ready\r\n')
    socket.on('data', (data: Buffer) => {
      heard.push(data.toString('latin1'))
      socket.write(data.toString().startsWith('QUIT') ? '221 bye\r\n' : '250 fine\r\n')
    })
  })

/** The same behind TLS, and what it does with its clients. */
async function tlsMailServer(options: TlsOptions, onSocket?: (socket: Socket) => void) {
  const server = createServer(options, (socket) => {
    socket.on('error', () => socket.destroy())
    if (onSocket) onSocket(socket)
    else socket.write('220 secure\r\n')
  })
  server.on('connection', (socket: Socket) => onTestFinished(() => void socket.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no address')
  return address.port
}

describe('a connection', () => {
  test('is enough when nothing else is said', async () => {
    const { port, host } = await mailServer()
    const run = await runTcp(port, expecting({ connect: { max: '5s' }, total: { max: '5s' } }))
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect'])
    expect(run.facts).toEqual({ address: host })
  })

  test('that is refused fails', async () => {
    const port = await freePort()
    const run = await runTcp(port)
    expect(run.error).toEqual({
      type: 'connect.refused',
      message: `connection to shop.test:25 (127.0.0.1:${port}) refused`,
    })
  })

  test('that is too slow fails by its time', async () => {
    const { port } = await mailServer()
    const run = await runTcp(port, expecting({ total: { max: '0ms' } }))
    expect(run.error?.message).toMatch(/^total: expected at most 0 ms, got [\d.]+ ms$/)
  })

  test('to an address that the region may not connect to is not made', async () => {
    const { port } = await mailServer()
    const target = { host: '127.0.0.1', port }
    const parts = { policy: publicAddresses }
    const run = await runOnce(aCheck('tcp', target), parts)
    expect(run.error?.type).toBe('connect.forbidden')
    const every = await runOnce(aCheck('tcp', { ...target, addresses: 'every' }), parts)
    expect(every.error?.type).toBe('connect.forbidden')
  })
})

describe('addresses', () => {
  test('of a family that the host does not have fail', async () => {
    const { port } = await mailServer()
    const run = await runTcp(port, { addresses: 'ipv6' })
    expect(run.error).toEqual({
      type: 'dns.no_answer',
      message: '127.0.0.1 has no IPv6 address',
    })
    expect((await runTcp(port, { addresses: 'ipv4' })).verdict).toBe('passed')
  })

  test.each(['both', 'every'] as const)('%s: each is a part of its own', async (addresses) => {
    const { port } = await mailServer()
    const dialogue = [{ expect: '^220' }]
    const run = await runTcp(port, { addresses, dialogue, ...expecting({ received: '220 x' }) })
    expect(run.steps).toMatchObject([{ name: '127.0.0.1', status: 'failed' }])
    expect(run.assertions).toMatchObject([{ subject: 'received', part: '127.0.0.1', held: false }])
  })
})

describe('a dialogue', () => {
  test('is held turn by turn, and what came is a subject', async () => {
    const heard: string[] = []
    const { port } = await mailServer(heard)
    const run = await runTcp(port, {
      dialogue: [
        { expect: '^220 (.*)ready' },
        { send: 'EHLO probe\r\n' },
        { expect: '250 fine' },
        { sendHex: '51 55 49 54 0d0a' },
        { expect: '221' },
      ],
      ...expecting({
        received: { contains: ['220 mail', '221 bye'] },
        exchange: { max: '5s' },
      }),
    })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(heard).toEqual(['EHLO probe\r\n', 'QUIT\r\n'])
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'exchange'])
  })

  test('sees each thing once: what a turn has matched is gone for the next', async () => {
    const { port } = await rawTarget((socket) => void socket.end('one two one'))
    const turns = (...patterns: string[]) => ({ dialogue: patterns.map((expect) => ({ expect })) })
    expect((await runTcp(port, turns('one', '^ two', 'one$'))).verdict).toBe('passed')
    const run = await runTcp(port, turns('two', 'two'))
    expect(run.error?.message).toBe(
      'shop.test:25, turn 2: expected /two/, got "one", then the connection closed',
    )
  })

  test('with text that is cut within a character, and bytes that are no text', async () => {
    const { port } = await rawTarget((socket) => {
      const bytes = Buffer.from('grüße\n')
      socket
        .setNoDelay(true)
        .write(bytes.subarray(0, 3), () =>
          setImmediate(() => socket.end(Buffer.concat([bytes.subarray(3), Buffer.from([0xff])]))),
        )
    })
    const run = await runTcp(port, {
      dialogue: [{ expect: 'grüße' }, { expect: '\uFFFD$' }],
      ...expecting({ received: 'grüße\n\uFFFD' }),
    })
    expect(run.error).toBeUndefined()
  })

  test('that only sends waits for what comes when an expectation asks for it', async () => {
    const { port } = await rawTarget((socket) => void socket.on('data', () => socket.end('PONG')))
    const dialogue = [{ send: 'PING' }]
    const good = await runTcp(port, { dialogue, ...expecting({ received: 'PONG' }) })
    expect(good.error).toBeUndefined()
    const bad = await runTcp(port, { dialogue, ...expecting({ received: 'PANG' }) })
    expect(bad.error?.message).toBe('received: expected PANG, got PONG')
  })

  test('of a server that speaks first needs no turn at all', async () => {
    const { port } = await mailServer()
    const run = await runTcp(port, expecting({ received: { matches: '^220 ' } }))
    expect(run.verdict).toBe('passed')
  })

  const failing: {
    why: string
    serve: (socket: Socket) => void
    turns: TcpCheck['dialogue']
    message: string | RegExp
    timeoutMs?: number
  }[] = [
    {
      why: 'something else comes',
      serve: (socket) => void socket.write('421 busy\r\n'),
      turns: [{ expect: '^220' }],
      message: 'shop.test:25, turn 1: expected /^220/, got "421 busy" within 300 ms',
    },
    {
      why: 'nothing comes',
      serve: () => undefined,
      turns: [{ send: 'x' }, { expect: '^250' }],
      message: 'shop.test:25, turn 2: expected /^250/, got nothing within 300 ms',
    },
    {
      why: 'the connection closes early',
      serve: (socket) => void socket.end('220 hi\r\n'),
      turns: [{ expect: '220' }, { expect: '^250' }],
      message: 'shop.test:25, turn 2: expected /^250/, got "hi", then the connection closed',
    },
    {
      why: 'the connection is reset',
      serve: (socket) => void socket.once('data', () => socket.resetAndDestroy()),
      turns: [{ send: 'x' }, { expect: '^250' }],
      message: 'shop.test:25, turn 2: expected /^250/, got nothing, then the connection was reset',
    },
    {
      why: 'a byte comes now and then, for ever',
      serve: (socket) => drip(socket),
      turns: [{ expect: '^250' }],
      message: /^shop\.test:25, turn 1: expected \/\^250\/, got "x+" within 300 ms$/,
    },
    {
      why: 'far too much comes',
      serve: (socket) => void socket.write('y'.repeat(10_000_000)),
      turns: [{ expect: '^250' }],
      message: /turn 1: expected \/\^250\/, got 64 KiB or 1000 messages without it: "…y{200}"$/,
      timeoutMs: 5_000,
    },
    {
      why: 'nothing is taken',
      serve: (socket) => void socket.pause(),
      turns: Array.from({ length: 50 }, () => ({ sendHex: '00'.repeat(500_000) })),
      message: /turn \d+: 500000 bytes to send were not taken within 2 s$/,
      timeoutMs: 2_000,
    },
    {
      why: 'the pattern takes for ever',
      serve: (socket) => void socket.write(`${'a'.repeat(40)}b`),
      turns: [{ expect: '^(a+)+$' }],
      message:
        /turn 1: expected .*, but the pattern takes longer than the 100 ms that it may, on "a+b"$/,
      timeoutMs: 5_000,
    },
  ]

  test.each(failing)('fails when $why', async ({ serve, turns, message, timeoutMs = 300 }) => {
    const { port } = await rawTarget(serve)
    const startedAt = performance.now()
    const run = await runTcp(port, { dialogue: turns, timeoutMs })
    const tookMs = performance.now() - startedAt
    expect(run.error?.type).toBe('dialogue')
    expect(run.error?.message).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    )
    expect(tookMs).toBeLessThan(timeoutMs + 250)
  })

  test('that fails still shows what came', async () => {
    const { port } = await rawTarget((socket) => void socket.end('421 busy'))
    const run = await runTcp(port, { dialogue: [{ expect: '^220' }] })
    expect(run.facts.received).toBe('421 busy')
    expect(phaseMs(run, 'exchange')).toBeGreaterThan(0)
  })
})

describe('TLS', () => {
  test('comes before anything is said', async () => {
    const port = await tlsMailServer(certificate)
    const run = await runTcp(port, {
      tls: true,
      dialogue: [{ expect: '220 secure' }],
      ...expecting({ certificateDaysLeft: { min: 30 }, tls: { max: '5s' } }),
    })
    expect(run.error).toBeUndefined()
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'tls', 'exchange'])
    expect(run.facts.certificateDaysLeft).toBe(100)
    const soon = await runTcp(port, {
      tls: true,
      ...expecting({ certificateDaysLeft: { min: 200 } }),
    })
    expect(soon.error?.message).toBe('certificateDaysLeft: expected at least 200, got 100')
  })

  test('offers no protocol of the web, which a strict server would refuse', async () => {
    const port = await tlsMailServer({ ...certificate, ALPNProtocols: ['xmpp-client'] })
    const run = await runTcp(port, { tls: true, dialogue: [{ expect: '220' }] })
    expect(run.error).toBeUndefined()
  })

  test('with an authority that nobody vouches for says nothing', async () => {
    const heard: string[] = []
    const port = await tlsMailServer(certificate, (socket) => {
      socket.on('data', (data: Buffer) => void heard.push(data.toString()))
    })
    const run = await runTcp(port, {
      tls: true,
      trustedRoots: pemOf(await anAuthority('CN=Stranger')),
      dialogue: [{ send: 'secret' }],
    })
    expect(run.error?.type).toBe('tls.untrusted')
    expect(heard).toEqual([])
  })

  test('for another name fails, unless the check says that name', async () => {
    const other = await keyPair(await issue({ issuer: authority, hosts: ['www.shop.test'] }))
    const port = await tlsMailServer(other)
    expect((await runTcp(port, { tls: true })).error?.type).toBe('tls.host_name')
    const run = await runTcp(port, { tls: true, serverName: 'www.shop.test' })
    expect(run.verdict).toBe('passed')
  })

  test('with a server that does not speak it fails', async () => {
    const { port } = await mailServer()
    const run = await runTcp(port, { tls: true })
    expect(run.error).toMatchObject({
      type: 'tls.handshake',
      message: expect.stringContaining('shop.test:25 does not speak TLS'),
    })
  })

  test("shows the client's certificate, whose key is a secret", async () => {
    const client = await issue({ issuer: authority, name: 'CN=probe', isForClients: true })
    const port = await tlsMailServer({
      ...certificate,
      ca: pemOf(authority),
      requestCert: true,
      rejectUnauthorized: true,
    })
    const { key } = await keyPair(client)
    const dialogue = [{ expect: '220' }]
    const overrides = {
      tls: true,
      dialogue,
      clientCertificate: { certificate: pemOf(client), key: 'CLIENT_KEY' },
    }
    const run = await runTcp(port, overrides, {
      secret: (name) => (name === 'CLIENT_KEY' ? key : undefined),
    })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(await runTcp(port, overrides)).toMatchObject({
      verdict: 'probe_fault',
      error: { type: 'probe.secret_missing', message: expect.stringContaining('CLIENT_KEY') },
    })
    expect((await runTcp(port, { tls: true, dialogue })).verdict).toBe('failed')
  })
})
