import {
  type Answer,
  AUTHENTIC_DATA,
  type DecodedPacket,
  RECURSION_AVAILABLE,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { DnsCheck } from '../../../../src/protocol/kinds/dns.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import {
  address,
  dnsOverHttpsTarget,
  dnsOverTlsTarget,
  dnsTarget,
  reply,
} from '../../../support/dns-target.ts'
import { freePort, rawTarget, saying } from '../../../support/http-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  type KeyPair,
  keyPair,
  pemOf,
} from '../../../support/tls-target.ts'

const expecting = (written: Record<string, unknown>) => resolveExpectations('must', written)

const check = (server: string | undefined, overrides: Partial<DnsCheck> = {}) =>
  aCheck('dns', {
    ...(server !== undefined && { server }),
    expectations: expecting({ answer: '192.0.2.1' }),
    ...overrides,
  })

const good = (query: DecodedPacket) => reply(query, { answers: [address('192.0.2.1')] })
const namesOf = (run: { phases: { name: string }[] }) => run.phases.map(({ name }) => name)

let authority: Issued
let pair: KeyPair
let trustedRoots: string

beforeAll(async () => {
  authority = await anAuthority()
  pair = await keyPair(await issue({ issuer: authority, hosts: ['dns.test'] }))
  trustedRoots = pemOf(authority)
})

describe('udp', () => {
  test('a truncated answer is what it is', async () => {
    const target = await dnsTarget((query) =>
      reply(query, { flags: TRUNCATED_RESPONSE, answers: [address('192.0.2.1')] }),
    )
    const run = await runOnce(check(target.host, { transport: 'udp' }))
    expect(run.verdict).toBe('passed')
    expect(target.queries).toEqual(['udp'])
    expect(run.facts).toMatchObject({ transport: 'udp', truncated: true, answers: ['192.0.2.1'] })
  })

  test('with nothing in it, that is why it fails', async () => {
    const target = await dnsTarget((query) => reply(query, { flags: TRUNCATED_RESPONSE }))
    const run = await runOnce(check(target.host, { transport: 'udp' }))
    expect(run.error).toEqual({
      type: 'dns.no_answer',
      message: `the answer of ${target.host} did not fit into a datagram, and no record is in it`,
    })
  })

  test('cut within a record: what is whole counts', async () => {
    const target = await dnsTarget((query) => {
      const answers = [address('192.0.2.1'), address('192.0.2.2')]
      return reply(query, { flags: TRUNCATED_RESPONSE, answers }).subarray(0, -3)
    })
    const run = await runOnce(check(target.host, { transport: 'udp' }))
    expect(run.facts.answers).toEqual(['192.0.2.1'])
  })
})

describe('tcp', () => {
  test('asks by TCP only', async () => {
    const target = await dnsTarget(good)
    const run = await runOnce(
      check(target.host, {
        transport: 'tcp',
        expectations: expecting({
          answer: '192.0.2.1',
          connect: { max: '2s' },
          query: { max: '2s' },
        }),
      }),
    )
    expect(run.error).toBeUndefined()
    expect(target.queries).toEqual(['tcp'])
    expect(run.facts).toMatchObject({ transport: 'tcp', address: target.host, attempts: 1 })
    expect(namesOf(run)).toEqual(['dns', 'connect', 'query'])
  })

  test('a message of 65,535 bytes is read', async () => {
    const texts = Array.from({ length: 255 }, () => 'x'.repeat(255)).concat('x'.repeat(206))
    const target = await dnsTarget((query) => {
      const answers: Answer[] = [{ type: 'TXT', name: 'shop.test', ttl: 60, data: texts }]
      const message = reply(query, { answers })
      if (message.length !== 65_535) throw new Error(`it has ${message.length} bytes`)
      return message
    })
    const run = await runOnce(
      check(target.host, {
        transport: 'tcp',
        recordType: 'TXT',
        expectations: expecting({ answerCount: 1 }),
      }),
    )
    expect(run.error).toBeUndefined()
  })

  test('nobody listens', async () => {
    const run = await runOnce(check(`127.0.0.1:${await freePort()}`, { transport: 'tcp' }))
    expect(run).toMatchObject({ verdict: 'failed', error: { type: 'connect.refused' } })
  })
})

describe('EDNS that is not understood', () => {
  const hasEdns = ({ additionals = [] }: DecodedPacket) =>
    additionals.some(({ type }) => type === 'OPT')
  const badVersion: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 512,
    extendedRcode: 1,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  }

  test.each([
    { name: 'FORMERR', options: { rcode: 1 } },
    { name: 'NOTIMP', options: { rcode: 4 } },
    { name: 'BADVERS', options: { additionals: [badVersion] } },
  ])('$name: asked again without it', async ({ name, options }) => {
    const target = await dnsTarget((query) =>
      hasEdns(query) ? reply(query, options) : good(query),
    )
    const run = await runOnce(check(target.host))
    expect(run.error).toBeUndefined()
    expect(run.facts).toMatchObject({ edns: false, attempts: 2 })
    expect(run.log).toContain(`${target.host} answered ${name} to EDNS, asked again without it`)
  })

  test('FORMERR again is the answer', async () => {
    const target = await dnsTarget((query) => reply(query, { rcode: 1 }))
    const run = await runOnce(check(target.host, { expectations: expecting({ rcode: 'NOERROR' }) }))
    expect(run.error?.type).toBe('dns.malformed')
    expect(target.queries).toEqual(['udp', 'udp'])
  })

  test.each([
    { why: 'by another transport than auto', overrides: { transport: 'udp' } as const },
    { why: 'when signatures are wanted, which need it', overrides: { dnssec: true } },
  ])('$why: it is the answer', async ({ overrides }) => {
    const target = await dnsTarget((query) =>
      hasEdns(query) ? reply(query, { rcode: 1 }) : good(query),
    )
    const run = await runOnce(
      check(target.host, { ...overrides, expectations: expecting({ rcode: 'FORMERR' }) }),
    )
    expect(run.verdict).toBe('passed')
    expect(target.queries).toEqual(['udp'])
  })
})

describe('what a question says', () => {
  const seen = async (overrides: Partial<DnsCheck>): Promise<DecodedPacket> => {
    const queries: DecodedPacket[] = []
    const target = await dnsTarget((query) => {
      queries.push(query)
      return good(query)
    })
    await runOnce(check(target.host, overrides))
    const [query] = queries
    if (!query) throw new Error('nothing was asked')
    return query
  }
  const optOf = ({ additionals = [] }: DecodedPacket) =>
    additionals.find(({ type }) => type === 'OPT')

  test('usually: recursion, no signatures', async () => {
    const query = await seen({})
    expect(query).toMatchObject({ flag_rd: true, flag_ad: true, flag_cd: false })
    expect(query.questions).toEqual([{ name: 'shop.test', type: 'A', class: 'IN' }])
    expect(optOf(query)).toMatchObject({ flag_do: false, udpPayloadSize: 1_232 })
  })

  test('no recursion', async () => {
    expect(await seen({ recursion: false })).toMatchObject({ flag_rd: false })
  })

  test('signatures', async () => {
    expect(optOf(await seen({ dnssec: true }))).toMatchObject({ flag_do: true })
  })
})

describe('tls', () => {
  const dot = (server: string, overrides: Partial<DnsCheck> = {}) =>
    check(server, { transport: 'tls', trustedRoots, serverName: 'dns.test', ...overrides })

  test('an answer, with the time of each phase', async () => {
    const target = await dnsOverTlsTarget(pair, good)
    const run = await runOnce(
      dot(target.host, {
        expectations: expecting({
          answer: '192.0.2.1',
          connect: { max: '2s' },
          tls: { min: '0ms', max: '2s' },
          query: { max: '2s' },
        }),
      }),
    )
    expect(run.error).toBeUndefined()
    expect(target.queries).toEqual(['tls'])
    expect(run.facts).toMatchObject({
      transport: 'tls',
      address: target.host,
      certificateDaysLeft: 100,
    })
    expect(namesOf(run)).toEqual(['dns', 'connect', 'tls', 'query'])
    expect(phaseMs(run, 'tls')).toBeGreaterThan(0)
  })

  test('at port 853, with the name of the server in its certificate', async () => {
    const target = await dnsOverTlsTarget(pair, good)
    const rule = {
      from: { host: 'dns.test', port: 853 },
      to: { host: '127.0.0.1', port: target.port },
    }
    const run = await runOnce(check('dns.test', { transport: 'tls', trustedRoots }), {
      connectTo: connectTo([rule]),
    })
    expect(run.error).toBeUndefined()
  })

  test.each([
    {
      why: 'an authority that is not trusted',
      overrides: { trustedRoots: undefined },
      type: 'tls.untrusted',
    },
    { why: 'another name', overrides: { serverName: 'other.test' }, type: 'tls.host_name' },
  ])('$why: nothing is asked', async ({ overrides, type }) => {
    const target = await dnsOverTlsTarget(pair, good)
    const run = await runOnce({ ...dot(target.host), ...overrides } as DnsCheck)
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe(type)
    expect(run.error?.message).toContain(target.host)
    expect(target.queries).toEqual([])
  })

  test('an expired certificate', async () => {
    const expired = await issue({ issuer: authority, hosts: ['dns.test'], untilMs: -60_000 })
    const target = await dnsOverTlsTarget(await keyPair(expired), good)
    const run = await runOnce(dot(target.host))
    expect(run.error?.type).toBe('tls.expired')
  })

  test('a server that speaks no TLS', async () => {
    const target = await saying('this is no TLS at all')
    const run = await runOnce(dot(target.host))
    expect(run.error?.type).toBe('tls.handshake')
  })
})

describe('https', () => {
  const doh = (port: number, overrides: Partial<DnsCheck> = {}) =>
    check(`https://127.0.0.1:${port}/dns-query`, {
      transport: 'https',
      trustedRoots,
      serverName: 'dns.test',
      ...overrides,
    })

  test.each<{ version: string; options: { only?: 'http/1.1' | 'h2' }; heard: string }>([
    { version: '2', options: {}, heard: '2.0' },
    { version: '1.1', options: { only: 'http/1.1' }, heard: '1.1' },
    { version: '2', options: { only: 'h2' }, heard: '2.0' },
  ])(
    'an answer over HTTP/$version, where the server offers $options',
    async ({ version, options, heard }) => {
      const target = await dnsOverHttpsTarget({ ...pair, ...options }, good)
      const run = await runOnce(
        doh(target.port, {
          expectations: expecting({
            answer: '192.0.2.1',
            connect: { max: '2s' },
            tls: { max: '2s' },
            query: { max: '2s' },
            total: { max: '5s' },
          }),
        }),
      )
      expect(run.error).toBeUndefined()
      expect(target.httpVersions).toEqual([heard])
      expect(target.requests).toEqual([
        { method: 'POST', url: '/dns-query', contentType: 'application/dns-message' },
      ])
      expect(run.facts).toMatchObject({
        transport: 'https',
        httpVersion: version,
        address: target.host,
      })
      expect(namesOf(run)).toEqual(['dns', 'connect', 'tls', 'query'])
    },
  )

  test('an https address says how by itself, and a host has the usual path', async () => {
    const target = await dnsOverHttpsTarget(pair, good)
    const byAddress = doh(target.port)
    delete byAddress.transport
    expect((await runOnce(byAddress)).error).toBeUndefined()
    expect((await runOnce(doh(target.port, { server: target.host }))).error).toBeUndefined()
    expect(target.requests.map(({ url }) => url)).toEqual(['/dns-query', '/dns-query'])
  })

  test('a long answer', async () => {
    const answers = Array.from({ length: 2_600 }, (_, i) => address(`192.0.${i >> 8}.${i & 255}`))
    const target = await dnsOverHttpsTarget(pair, (query) => reply(query, { answers }))
    const run = await runOnce(doh(target.port, { expectations: expecting({ answerCount: 2_600 }) }))
    expect(run.error).toBeUndefined()
  })

  test.each([
    {
      why: 'an authority that is not trusted',
      overrides: { trustedRoots: undefined },
      type: 'tls.untrusted',
    },
    { why: 'another name', overrides: { serverName: 'other.test' }, type: 'tls.host_name' },
  ])('$why: nothing is asked', async ({ overrides, type }) => {
    const target = await dnsOverHttpsTarget(pair, good)
    const run = await runOnce({ ...doh(target.port), ...overrides } as DnsCheck)
    expect(run.error?.type).toBe(type)
    expect(run.error?.message).toContain(`https://127.0.0.1:${target.port}/dns-query`)
    expect(target.queries).toEqual([])
  })
})

describe("the system's name servers", () => {
  const systemOf = (...servers: string[]) => ({ nameServers: servers })
  const silent = () => dnsTarget(() => undefined)

  test('are asked when the check names none', async () => {
    const target = await dnsTarget(good)
    const system = systemOf(target.host)
    const run = await runOnce(check(undefined), system)
    expect(run.error).toBeUndefined()
    expect(run.facts.address).toBe(target.host)
  })

  test('the next one when the first does not answer', async () => {
    const [first, second] = [await silent(), await dnsTarget(good)]
    const system = systemOf(first.host, second.host)
    const run = await runOnce(check(undefined, { timeoutMs: 1_000 }), system)
    expect(run.error).toBeUndefined()
    expect(run.facts).toMatchObject({ address: second.host, attempts: 2 })
    expect(run.log).toContain(
      `no answer from ${first.host} within 500 ms; the next name server is asked`,
    )
  })

  test.each(['udp', 'tcp'] as const)('and when nobody listens, by %s', async (transport) => {
    const target = await dnsTarget(good)
    const system = systemOf(`127.0.0.1:${await freePort()}`, target.host)
    const run = await runOnce(check(undefined, { transport }), system)
    expect(run.error).toBeUndefined()
    expect(run.facts.address).toBe(target.host)
  })

  test('an answer that says no is an answer', async () => {
    const first = await dnsTarget((query) => reply(query, { rcode: 2 }))
    const second = await dnsTarget(good)
    const system = systemOf(first.host, second.host)
    const run = await runOnce(
      check(undefined, { expectations: expecting({ rcode: 'NOERROR' }) }),
      system,
    )
    expect(run.error?.type).toBe('dns.server_failure')
    expect(second.queries).toEqual([])
  })

  test('when none can be reached, it is the probe', async () => {
    const system = systemOf(`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`)
    const run = await runOnce(check(undefined), system)
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.network' } })
  })

  // A connection to an address of many hosts leaves no machine.
  const unreachable = '224.0.0.1'

  test('one that did not answer counts more than one that this probe cannot reach', async () => {
    const { host } = await rawTarget(() => undefined)
    const overrides = { transport: 'tcp', timeoutMs: 600 } as const
    for (const servers of [
      [host, unreachable],
      [unreachable, host],
    ]) {
      const run = await runOnce(check(undefined, overrides), systemOf(...servers))
      expect(run.verdict).toBe('failed')
      expect(run.error?.type).toBe('dns.timeout')
      expect(run.error?.message).toContain(host)
    }
  })

  test('of those that cannot be reached the first is told', async () => {
    const first = `127.0.0.1:${await freePort()}`
    const run = await runOnce(check(undefined, { transport: 'tcp' }), systemOf(first, unreachable))
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.network' } })
    expect(run.error?.message).toContain(first)
  })

  test("are the probe's own: the region's policy is not about them", async () => {
    const target = await dnsTarget(good)
    const system = systemOf(target.host)
    const run = await runOnce(check(undefined), { ...system, policy: publicAddresses })
    expect(run.error).toBeUndefined()
  })
})

describe("the region's policy", () => {
  test.each(['auto', 'tcp', 'tls', 'https'] as const)(
    'is about a named server: %s',
    async (transport) => {
      const target = await dnsTarget(good)
      const run = await runOnce(check(target.host, { transport }), { policy: publicAddresses })
      expect(run.error?.type).toBe('connect.forbidden')
      expect(target.queries).toEqual([])
    },
  )
})

test('a server that is named is resolved, and the second of its addresses is tried', async () => {
  const target = await dnsTarget(good)
  // These are ::1 and 127.0.0.1, and only at the second somebody listens.
  const run = await runOnce(check(`localhost:${target.port}`))
  expect(run.error).toBeUndefined()
  expect(run.facts.address).toBe(target.host)
})

test('flags that an answer has are facts', async () => {
  const target = await dnsTarget((query) =>
    reply(query, { flags: RECURSION_AVAILABLE | AUTHENTIC_DATA, answers: [address('192.0.2.1')] }),
  )
  expect((await runOnce(check(target.host))).facts.flags).toEqual(['ad', 'ra'])
})
