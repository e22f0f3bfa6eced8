import type { Socket } from 'node:net'
import { memoryUsage } from 'node:process'
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { drip, rawTarget } from '../../../support/http-target.ts'
import { ocspResponse } from '../../../support/ocsp-response.ts'
import {
  anAuthority,
  type Issued,
  issue,
  keyPair,
  pemOf,
  tlsTarget,
} from '../../../support/tls-target.ts'

/**
 * Servers that are out to stop, crash or fill a probe. Each must end in a verdict about the server,
 * in time, and with bounded memory.
 */

const TIMEOUT_MS = 1_000
/** For a machine that does other things as well; the promise is 50 ms. */
const SLACK_MS = 2_000
const MEMORY_BYTES_MAX = 128 * 1024 * 1024

let authority: Issued

beforeAll(async () => {
  authority = await anAuthority()
})

async function look({ port }: { port: number }, expected: Record<string, unknown> = {}) {
  const check = aCheck('tls', {
    port,
    timeoutMs: TIMEOUT_MS,
    serverName: 'shop.test',
    trustedRoots: pemOf(authority),
    expectations: resolveExpectations('must', {
      trusted: true,
      hostNameMatches: true,
      ...expected,
    }),
  })
  const before = memoryUsage().rss
  const startedAt = performance.now()
  const run = await runOnce(check)
  expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + SLACK_MS)
  expect(memoryUsage().rss - before).toBeLessThan(MEMORY_BYTES_MAX)
  expect(run.error?.type ?? '').not.toMatch(/^probe\./)
  return run
}

const RECORD_HANDSHAKE = 0x16
const RECORD_ALERT = 0x15
const record = (type: number, content: Buffer) => {
  const head = Buffer.from([type, 3, 3, 0, 0])
  head.writeUInt16BE(content.length, 3)
  return Buffer.concat([head, content])
}

const onHello = (answer: (socket: Socket) => void) =>
  rawTarget((socket) => void socket.once('data', () => answer(socket)))

/** Writes the same for as long as the other side takes it. */
const flood = (chunk: Buffer) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', more)
  more()
}

type Hostile = {
  why: string
  serve: () => Promise<{ port: number }>
  type: RegExp
  message: RegExp
}

const hostile: Hostile[] = [
  {
    why: 'accepts and says nothing',
    serve: () => rawTarget(() => undefined),
    type: /^tls\.handshake$/,
    message: /^no TLS handshake with .+ within 1 s$/,
  },
  {
    why: 'stalls in the middle of the handshake',
    serve: () =>
      onHello(
        (socket) => void socket.write(record(RECORD_HANDSHAKE, Buffer.from([2, 0, 0, 80, 3, 3]))),
      ),
    type: /^tls\.handshake$/,
    message: /within 1 s$/,
  },
  {
    why: 'sends its handshake byte by byte',
    serve: () =>
      onHello((socket) => {
        socket.write(Buffer.from([RECORD_HANDSHAKE, 3, 3, 0x40, 0]))
        drip(socket)
      }),
    type: /^tls\.handshake$/,
    message: /TLS handshake/,
  },
  {
    why: 'sends garbage instead of TLS',
    serve: () => onHello((socket) => socket.end(Buffer.alloc(4_096, 'garbage'))),
    type: /^tls\.handshake$/,
    message: /does not speak TLS/,
  },
  {
    why: 'sends garbage without end',
    serve: () => onHello(flood(Buffer.alloc(65_536, 'garbage'))),
    type: /^(tls\.handshake|connect\.reset)$/,
    message: /./,
  },
  {
    why: 'sends warnings without end',
    serve: () =>
      onHello(flood(Buffer.concat(Array(1_000).fill(record(RECORD_ALERT, Buffer.from([1, 112])))))),
    type: /^(tls\.handshake|connect\.reset)$/,
    message: /./,
  },
  {
    why: 'sends a fatal alert',
    serve: () => onHello((socket) => socket.end(record(RECORD_ALERT, Buffer.from([2, 40])))),
    type: /^tls\.handshake$/,
    message: /^TLS handshake with .+ failed: .*handshake failure$/,
  },
  {
    why: 'sends empty records without end',
    serve: () =>
      onHello(flood(Buffer.concat(Array(1_000).fill(record(RECORD_HANDSHAKE, Buffer.alloc(0)))))),
    type: /^(tls\.handshake|connect\.reset)$/,
    message: /./,
  },
  {
    why: 'hangs up after the hello',
    serve: () => onHello((socket) => socket.destroy()),
    type: /^connect\.reset$/,
    message: /./,
  },
  {
    why: 'closes in order after the hello',
    serve: () => onHello((socket) => socket.end()),
    type: /^connect\.reset$/,
    message: /./,
  },
]

describe('a server that', () => {
  test.each(hostile)('$why', async ({ serve, type, message }) => {
    const run = await look(await serve())
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toMatch(type)
    expect(run.error?.message).toMatch(message)
  })

  test('speaks none of the protocols that are offered', async () => {
    const pair = await keyPair(await issue({ issuer: authority }))
    const run = await look(await tlsTarget({ ...pair, ALPNProtocols: ['smtp'] }))
    expect(run.error?.type).toBe('tls.handshake')
    expect(run.error?.message).toMatch(/no application protocol$/)
  })

  test('talks without end after the handshake, which nobody reads', async () => {
    const target = await securedTarget(flood(Buffer.alloc(65_536)))
    expect((await look(target)).verdict).toBe('passed')
  })

  test('answers the first connection and no other: the first verdict stands', async () => {
    const pair = await keyPair(await issue({ issuer: authority }))
    const secureContext = createSecureContext({ ...pair, maxVersion: 'TLSv1.2' })
    let connections = 0
    const target = await rawTarget((socket) => {
      if (connections++ > 0) return
      const secured = new TLSSocket(socket, { isServer: true, secureContext })
      secured.on('error', () => secured.destroy())
    })
    const run = await look(target)
    expect(run.verdict).toBe('passed')
    expect(run.durationMs).toBeLessThan(TIMEOUT_MS)
    expect(run.log.at(-1)).toMatch(/was not looked at as by a client of today: there was no time/)
  })

  test('wants to renegotiate as soon as the handshake is over', async () => {
    let asked = 0
    const target = await securedTarget(
      (secured) => {
        secured.renegotiate({ rejectUnauthorized: false }, () => undefined)
        asked++
      },
      { maxVersion: 'TLSv1.2' },
    )
    expect((await look(target)).verdict).toBe('passed')
    expect(asked).toBeGreaterThan(0)
  })
})

describe('a certificate', () => {
  test('with ten thousand names is read, and the one that is ours is found', async () => {
    const hosts = Array.from({ length: 10_000 }, (_, i) => `${i.toString(36)}.t`)
    const target = await tlsTarget(
      await keyPair(await issue({ issuer: authority, hosts: [...hosts, 'shop.test'] })),
    )
    const run = await look(target, {
      alternativeNames: { count: 10_001, contains: 'shop.test' },
      daysLeft: 100,
    })
    expect(run.error).toBeUndefined()
    expect(run.facts.alternativeNames).toHaveLength(100)
  })

  test('with ten thousand names, none of them ours', async () => {
    const hosts = Array.from({ length: 10_000 }, (_, i) => `${i.toString(36)}.t`)
    const run = await look(
      await tlsTarget(await keyPair(await issue({ issuer: authority, hosts }))),
    )
    expect(run.error).toEqual({
      type: 'tls.host_name',
      message: 'the certificate is for 0.t, 1.t, 2.t, 3.t, 4.t and more, not for shop.test',
    })
  })

  test('that names what it is not by a comma', async () => {
    const run = await look(
      await tlsTarget(
        await keyPair(await issue({ issuer: authority, hosts: ['x.test, DNS:shop.test'] })),
      ),
      { alternativeNames: { count: 1 } },
    )
    expect(run.error?.type).toBe('tls.host_name')
    expect(run.facts.alternativeNames).toEqual(['x.test, DNS:shop.test'])
  })

  test('in a chain of a megabyte is more than clients read', async () => {
    const between = await anAuthority('CN=Between', { issuer: authority })
    const hosts = Array.from({ length: 2_000 }, (_, i) => `host-number-${i}.shop.test`)
    const fat = await issue({ issuer: between, hosts })
    const leaf = await issue({ issuer: authority })
    const target = await tlsTarget(await keyPair(leaf, ...Array<Issued>(20).fill(fat)))
    const run = await look(target)
    expect(run.error).toEqual({
      type: 'tls.handshake',
      message: expect.stringMatching(
        /it sends more certificates than the 100 KiB that clients read$/,
      ),
    })
  })

  test('in a chain of fifty is counted, and walked no further than is sensible', async () => {
    const leaf = await issue({ issuer: authority })
    const odd = await anAuthority('CN=Odd')
    const target = await tlsTarget(await keyPair(leaf, ...Array<Issued>(49).fill(odd)))
    expect((await look(target, { chainLength: 50 })).error).toBeUndefined()
  })

  test('whose authorities sign each other in a circle', async () => {
    const first = await anAuthority('CN=First')
    const second = await anAuthority('CN=Second', { issuer: first })
    const again = await anAuthority('CN=First', { issuer: second, keys: first.keys })
    const target = await tlsTarget(await keyPair(await issue({ issuer: second }), second, again))
    const run = await look(target)
    expect(run.error?.type).toBe('tls.untrusted')
    expect(run.facts).toMatchObject({ chainLength: 3, trusted: false })
  })
})

test('an OCSP response of half a megabyte is not read, or is nothing', async () => {
  const leaf = await issue({ issuer: authority })
  const staple = Buffer.concat([ocspResponse({ leaf, issuer: authority }), Buffer.alloc(500_000)])
  const run = await look(await tlsTarget(await keyPair(leaf), staple), { ocsp: 'good' })
  expect(run.error?.type).toMatch(/^(assertion|tls\.handshake)$/)
})

/** A server with a good certificate that does something when the handshake is over. */
async function securedTarget(
  then: (socket: TLSSocket) => void,
  options: SecureContextOptions = {},
): Promise<{ port: number }> {
  const pair = await keyPair(await issue({ issuer: authority }))
  const secureContext = createSecureContext({ ...pair, ...options })
  return rawTarget((socket) => {
    const secured = new TLSSocket(socket, { isServer: true, secureContext })
    secured.on('error', () => secured.destroy())
    secured.once('secure', () => then(secured))
  })
}
