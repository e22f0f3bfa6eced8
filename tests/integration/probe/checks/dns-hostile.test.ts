import type { ServerResponse } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { DecodedPacket } from 'dns-packet'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RunOutcome } from '../../../../src/probe/checks/run-check.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { DnsCheck } from '../../../../src/protocol/kinds/dns.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import {
  address,
  dnsOverHttpsTarget,
  dnsTarget,
  listenForTest,
  rawRecord,
  reply,
  withLength,
} from '../../../support/dns-target.ts'
import { anAuthority, issue, type KeyPair, keyPair, pemOf } from '../../../support/tls-target.ts'

const TIMEOUT_MS = 800
/** Beyond the time limit; the machine that runs this test may be busy. */
const LATE_MS_MAX = 400

let pair: KeyPair
let trustedRoots: string

beforeAll(async () => {
  const authority = await anAuthority()
  pair = await keyPair(await issue({ issuer: authority, hosts: ['dns.test'] }))
  trustedRoots = pemOf(authority)
})

/** A run of a hostile server: typed, in time, and never a bug of ours. */
async function runHostile(check: Partial<DnsCheck>): Promise<RunOutcome> {
  const startedAt = performance.now()
  const run = await runOnce(
    aCheck('dns', {
      timeoutMs: TIMEOUT_MS,
      expectations: resolveExpectations('must', { answer: '192.0.2.1' }),
      ...check,
    }),
  )
  expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + LATE_MS_MAX)
  expect(run.error?.type).not.toBe('probe.internal')
  return run
}

const good = (query: DecodedPacket) => reply(query, { answers: [address('192.0.2.1')] })

describe('by UDP', () => {
  test('a second answer, forged, changes nothing', async () => {
    const target = await dnsTarget((query) => [
      good(query),
      reply(query, { answers: [address('6.6.6.6')] }),
    ])
    const run = await runHostile({ server: target.host })
    expect(run.facts.answers).toEqual(['192.0.2.1'])
  })

  test('a flood of answers with other ids is counted, and the right one is found', async () => {
    const target = await dnsTarget((query) => [
      ...Array.from({ length: 50 }, (_, i) =>
        reply(query, { id: ((query.id ?? 0) + 1 + i) & 0xffff }),
      ),
      good(query),
    ])
    const run = await runHostile({ server: target.host })
    expect(run.verdict).toBe('passed')
    expect(run.facts.ignored).toBe(50)
  })

  test('the number of questions is a fact, when there is no answer too', async () => {
    const target = await dnsTarget(() => undefined)
    const run = await runOnce(aCheck('dns', { server: target.host, timeoutMs: 1_500 }))
    expect(run.error).toEqual({
      type: 'dns.timeout',
      message: `no answer from ${target.host} to 2 questions within 1.5 s`,
    })
    expect(run.facts.attempts).toBe(2)
  })

  test.each([
    { why: 'an address of three bytes', code: 1, data: '010203' },
    { why: 'a label of 64 bytes', code: 5, data: `40${'61'.repeat(64)}00` },
    {
      why: 'a name of more than 255 bytes',
      code: 5,
      data: `${`3f${'61'.repeat(63)}`.repeat(4)}00`,
    },
    {
      why: 'parameters of a service out of order',
      code: 65,
      data: '0001000003000200350001000302683200',
    },
  ])('$why is malformed', async ({ code, data }) => {
    const target = await dnsTarget((query) =>
      reply(query, { answers: [rawRecord(code, Buffer.from(data, 'hex'))] }),
    )
    const run = await runHostile({ server: target.host })
    expect(run.error?.type).toBe('dns.malformed')
    expect(run.error?.message).toMatch(`the answer of ${target.host} cannot be read: `)
  })
})

type Speak = (socket: Socket, query: Buffer) => void

const drip: Speak = (socket) => {
  socket.write(Buffer.from([0xff, 0xff]))
  const timer = setInterval(() => socket.write(Buffer.from([0])), 5)
  socket.once('close', () => clearInterval(timer))
}

/** What servers do over a connection, and what that is called. */
const STREAMS: { why: string; speak: Speak; type: string; words: string }[] = [
  {
    why: 'closed without an answer',
    speak: (socket) => socket.end(),
    type: 'dns.malformed',
    words: 'closed the connection without an answer',
  },
  {
    why: 'closed half-way',
    speak: (socket) => socket.end(Buffer.from([0, 100, 1, 2, 3])),
    type: 'dns.malformed',
    words: 'closed the connection before its answer was complete (5 bytes came)',
  },
  { why: 'one byte after the other', speak: drip, type: 'dns.timeout', words: 'within 800 ms' },
  { why: 'silence', speak: () => undefined, type: 'dns.timeout', words: 'within 800 ms' },
  {
    why: 'an empty message',
    speak: (socket) => socket.write(Buffer.from([0, 0])),
    type: 'dns.malformed',
    words: 'answered something that was not asked',
  },
  {
    why: '65,535 bytes of nothing',
    speak: (socket, query) => {
      const message = Buffer.alloc(65_535)
      query.copy(message, 0, 2, 4)
      message[2] = 0x80
      socket.write(withLength(message))
    },
    type: 'dns.malformed',
    words: 'answered something that was not asked',
  },
  {
    why: 'a web page',
    speak: (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.padEnd(30_000, 'x')),
    type: 'dns.malformed',
    words: 'answered something that was not asked',
  },
]

describe.each([
  { transport: 'tcp', listen: (speak: Speak) => createServer((socket) => serve(socket, speak)) },
  {
    transport: 'tls',
    listen: (speak: Speak) => createTlsServer(pair, (socket) => serve(socket, speak)),
  },
] as const)('by $transport', ({ transport, listen }) => {
  test.each(STREAMS)('$why', async ({ speak, type, words }) => {
    const target = await listenForTest(listen(speak))
    const check = { server: target.host, transport, trustedRoots, serverName: 'dns.test' } as const
    const run = await runHostile(check)
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe(type)
    expect(run.error?.message).toContain(target.host)
    expect(run.error?.message).toContain(words)
  })
})

function serve(socket: Socket, speak: Speak): void {
  socket.on('error', () => socket.destroy())
  socket.once('data', (query: Buffer) => speak(socket, query))
}

test('a connection that is reset', async () => {
  const target = await listenForTest(
    createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
  )
  const run = await runHostile({ server: target.host, transport: 'tcp' })
  expect(run.error?.type).toBe('connect.reset')
})

test('a handshake that never ends', async () => {
  const target = await listenForTest(createServer(() => undefined))
  const run = await runHostile({ server: target.host, transport: 'tls', trustedRoots })
  expect(run.error?.type).toBe('tls.handshake')
})

describe('by HTTPS', () => {
  const headers = { 'content-type': 'application/dns-message' }
  const drips = (response: ServerResponse) => {
    response.writeHead(200, headers)
    const timer = setInterval(() => response.write('x'), 5)
    response.once('close', () => clearInterval(timer))
  }

  const answers: {
    why: string
    speak: (response: ServerResponse, query: DecodedPacket) => unknown
    type: string
    words: string
  }[] = [
    {
      why: 'a web page',
      speak: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hi'),
      type: 'dns.malformed',
      words: 'answered with text/html instead of application/dns-message',
    },
    {
      why: 'no media type',
      speak: (response, query) => response.writeHead(200).end(good(query)),
      type: 'dns.malformed',
      words: 'answered with no media type',
    },
    {
      why: 'status 500',
      speak: (response) => response.writeHead(500, headers).end('no'),
      type: 'dns.server_failure',
      words: 'answered with HTTP status 500 instead of a DNS message',
    },
    {
      why: 'status 403',
      speak: (response) => response.writeHead(403).end(),
      type: 'dns.refused',
      words: 'HTTP status 403',
    },
    {
      why: 'a redirect',
      speak: (response) => response.writeHead(302, { location: 'https://evil.test/' }).end(),
      type: 'http.redirects',
      words: 'HTTP status 302, to https://evil.test/ instead of a DNS message',
    },
    {
      why: 'no content',
      speak: (response) => response.writeHead(204).end(),
      type: 'dns.malformed',
      words: 'HTTP status 204',
    },
    {
      why: 'an empty message',
      speak: (response) => response.writeHead(200, headers).end(),
      type: 'dns.malformed',
      words: 'answered something that was not asked',
    },
    {
      why: 'a truncated answer',
      speak: (response, query) =>
        response.writeHead(200, headers).end(reply(query, { flags: 0x0200 })),
      type: 'dns.malformed',
      words: 'cut its answer short, over a connection too',
    },
    {
      why: 'another question',
      speak: (response, query) =>
        response
          .writeHead(200, headers)
          .end(reply({ ...query, questions: [{ type: 'A', name: 'evil.test' }] })),
      type: 'dns.malformed',
      words: 'answered something that was not asked',
    },
    {
      why: 'more than a message can have',
      speak: (response) => response.writeHead(200, headers).end(Buffer.alloc(200_000)),
      type: 'dns.malformed',
      words: 'is longer than the 65535 bytes of a DNS message',
    },
    {
      why: 'one byte after the other',
      speak: drips,
      type: 'dns.timeout',
      words: 'no complete answer',
    },
    { why: 'silence', speak: () => undefined, type: 'dns.timeout', words: 'no complete answer' },
    {
      why: 'a connection that ends instead',
      speak: (response) => response.socket?.destroy(),
      type: '',
      words: '',
    },
  ]

  describe.each([{ only: 'http/1.1' }, { only: 'h2' }] as const)('$only', ({ only }) => {
    test.each(answers)('$why', async ({ speak, type, words }) => {
      const target = await dnsOverHttpsTarget({ ...pair, only }, (query, response) => {
        speak(response, query)
        return undefined
      })
      const server = `https://${target.host}/dns-query`
      const check = { server, transport: 'https', trustedRoots, serverName: 'dns.test' } as const
      const run = await runHostile(check)
      expect(run.verdict).toBe('failed')
      if (type !== '') expect(run.error?.type).toBe(type)
      else expect(['connect.reset', 'http.malformed']).toContain(run.error?.type)
      expect(run.error?.message).toContain(words)
      expect(run.error?.message).toContain(target.host)
      expect(target.requests).toHaveLength(1)
    })
  })

  const noise = Buffer.from(Array.from({ length: 4_000 }, (_, i) => (i * 131) % 256))

  test.each([
    { why: 'noise', alpn: 'http/1.1', bytes: noise },
    { why: 'noise', alpn: 'h2', bytes: noise },
    { why: 'HTTP/1.1', alpn: 'h2', bytes: Buffer.from('HTTP/1.1 200 OK\r\n\r\n') },
    { why: 'frames that never end', alpn: 'h2', bytes: Buffer.from('ffffff000000000001', 'hex') },
    {
      why: 'a GOAWAY frame',
      alpn: 'h2',
      bytes: Buffer.from('000000040000000000000008070000000000000000000000000b', 'hex'),
    },
    { why: 'status 000', alpn: 'http/1.1', bytes: Buffer.from('HTTP/1.1 000 no\r\n\r\n') },
  ])('$why as $alpn is no HTTP', async ({ alpn, bytes }) => {
    const target = await listenForTest(
      createTlsServer({ ...pair, ALPNProtocols: [alpn] }, (socket) =>
        serve(socket, () => socket.end(bytes)),
      ),
    )
    const server = `https://${target.host}/dns-query`
    const check = { server, transport: 'https', trustedRoots, serverName: 'dns.test' } as const
    const run = await runHostile(check)
    expect(run.verdict).toBe('failed')
    expect(['http.malformed', 'connect.reset', 'dns.timeout']).toContain(run.error?.type)
    expect(run.error?.message).toContain(target.host)
  })
})
