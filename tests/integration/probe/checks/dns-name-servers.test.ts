import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectTo, type Endpoint } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { watchQuality } from '../../../../src/probe/quality.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { DnsCheck } from '../../../../src/protocol/kinds/dns.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { address, dnsTarget, type Respond, reply } from '../../../support/dns-target.ts'
import { freePort } from '../../../support/http-target.ts'

const soa = (serial: number, name = 'shop.test'): Answer => ({
  type: 'SOA',
  name,
  ttl: 60,
  data: { mname: 'ns1.shop.test', rname: 'ops.shop.test', serial },
})
const nsRecords = (count: number): Answer[] =>
  Array.from({ length: count }, (_, i) => ({
    type: 'NS',
    name: 'shop.test',
    ttl: 60,
    data: `ns${i + 1}.shop.test`,
  }))

const saying =
  (...answers: Answer[]): Respond =>
  (query) =>
    reply(query, { flags: AUTHORITATIVE_ANSWER, answers })

const typeOf = (query: DecodedPacket) => query.questions?.[0]?.type
const nameOf = (query: DecodedPacket) => query.questions?.[0]?.name

/** Answers for the zone `shop.test`, and knows its name servers. */
const resolver =
  (servers: number, answers: Answer[]): Respond =>
  (query) => {
    if (typeOf(query) !== 'NS') return reply(query, { answers })
    if (nameOf(query) === 'shop.test') return reply(query, { answers: nsRecords(servers) })
    return reply(query, { authorities: [soa(1)] })
  }

/** The zone's name servers, each where its rule says, and a check that expects them to agree. */
async function compare(
  authorities: (Respond | Endpoint)[],
  overrides: Partial<DnsCheck> = {},
  usual: Respond = resolver(authorities.length, [address('192.0.2.1'), soa(1)]),
  parts: Parameters<typeof runOnce>[1] = {},
) {
  const located = await Promise.all(
    authorities.map(async (one) => {
      if (typeof one !== 'function') return { to: one, queries: [] }
      const { port, queries } = await dnsTarget(one)
      return { to: { host: '127.0.0.1', port }, queries }
    }),
  )
  const rules = located.map(({ to }, i) => ({
    from: { host: `ns${i + 1}.shop.test`, port: 53 },
    to,
  }))
  const server = await dnsTarget(usual)
  const check = aCheck('dns', {
    server: server.host,
    expectations: resolveExpectations('must', { nameServersAgree: true }),
    ...overrides,
  })
  const run = await runOnce(check, { connectTo: connectTo(rules), ...parts })
  return {
    run,
    where: located.map(({ to }) => to.host),
    queries: located.map((one) => one.queries),
  }
}

describe('name servers that agree', () => {
  test('whatever the order of their records', async () => {
    const [a, b] = [address('192.0.2.1'), address('192.0.2.2', 7)]
    const { run, queries } = await compare([saying(a, b), saying(b, a)])
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.facts.nameServers).toEqual([
      'ns1.shop.test (127.0.0.1): 192.0.2.1, 192.0.2.2',
      'ns2.shop.test (127.0.0.1): 192.0.2.1, 192.0.2.2',
    ])
    expect(queries).toEqual([['udp'], ['udp']])
  })

  test('on the serial, of a SOA record', async () => {
    const { run } = await compare([saying(soa(7)), saying(soa(7))], { recordType: 'SOA' })
    expect(run.error).toBeUndefined()
    expect(run.facts.nameServers).toContain('ns1.shop.test (127.0.0.1): serial 7')
  })

  test('that there is no such name', async () => {
    const none: Respond = (query) => reply(query, { flags: AUTHORITATIVE_ANSWER, rcode: 3 })
    const { run } = await compare([none, none])
    expect(run.error).toBeUndefined()
  })

  test('on an alias, wherever it leads', async () => {
    const alias: Answer = { type: 'CNAME', name: 'shop.test', ttl: 60, data: 'lb.other.test' }
    const behind: Answer = { type: 'A', name: 'lb.other.test', ttl: 60, data: '192.0.2.9' }
    const { run } = await compare([saying(alias, behind), saying(alias)])
    expect(run.error).toBeUndefined()
  })

  test('are asked without recursion, by TCP where it does not fit', async () => {
    let recursion = false
    const cut: Respond = (query, transport) => {
      recursion ||= query.flag_rd
      return transport === 'udp'
        ? reply(query, { flags: AUTHORITATIVE_ANSWER | TRUNCATED_RESPONSE })
        : saying(address('192.0.2.1'))(query, transport, 0)
    }
    const { run, queries } = await compare([cut, saying(address('192.0.2.1'))])
    expect(run.error).toBeUndefined()
    expect(queries[0]).toEqual(['udp', 'tcp'])
    expect(recursion).toBe(false)
  })

  test('of the zone that a name is in, found by walking up', async () => {
    const name = 'a.b.c.shop.test'
    const found: Answer = { type: 'A', name, ttl: 60, data: '192.0.2.1' }
    for (const withSoa of [true, false]) {
      const usual: Respond = (query) => {
        if (typeOf(query) !== 'NS') return reply(query, { answers: [found] })
        if (nameOf(query) === 'shop.test') return reply(query, { answers: nsRecords(1) })
        return reply(query, { rcode: 3, authorities: withSoa ? [soa(1)] : [] })
      }
      const { run } = await compare([saying(found)], { questionName: name }, usual)
      expect(run.error).toBeUndefined()
      expect(run.log).toContain('name servers of shop.test: ns1.shop.test')
    }
  })

  test('told by a referral', async () => {
    const usual: Respond = (query) =>
      typeOf(query) === 'NS'
        ? reply(query, { authorities: nsRecords(2) })
        : reply(query, { answers: [address('192.0.2.1')] })
    const good = saying(address('192.0.2.1'))
    expect((await compare([good, good], {}, usual)).run.error).toBeUndefined()
  })

  test('are not asked when nobody expects it, and their time is not published', async () => {
    const good = saying(address('192.0.2.1'))
    const unasked = await compare([good], { expectations: [] })
    expect(unasked.queries).toEqual([[]])
    expect(unasked.run.facts.nameServers).toBeUndefined()

    let first = true
    const slow: Respond = (query) => {
      if (!first) return good(query, 'udp', 0)
      first = false
      return undefined
    }
    const { run } = await compare([slow])
    expect(run.error).toBeUndefined()
    expect(run.durationMs).toBeLessThan(900)
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'query'])
  })
})

describe('name servers that do not agree', () => {
  const good = saying(address('192.0.2.1'))

  test.each<{ why: string; other: Respond; says: string }>([
    { why: 'another address', other: saying(address('192.0.2.9')), says: '192.0.2.9' },
    { why: 'no record', other: saying(), says: 'no A record' },
    {
      why: 'no such name',
      other: (query) => reply(query, { flags: AUTHORITATIVE_ANSWER, rcode: 3 }),
      says: 'NXDOMAIN',
    },
    {
      why: 'a lame one',
      other: (query) => reply(query, { rcode: 5 }),
      says: 'does not know the zone (REFUSED)',
    },
    {
      why: 'one that answers from its memory',
      other: (query) => reply(query, { answers: [address('192.0.2.1')] }),
      says: 'does not know the zone (NOERROR)',
    },
    {
      why: 'one that answers nonsense',
      other: (query) => reply(query).subarray(0, 13),
      says: 'the answer of ns2.shop.test:53 cannot be read: a name ends behind its end',
    },
  ])('$why', async ({ other, says }) => {
    const { run } = await compare([good, other, good])
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({
      type: 'assertion',
      message: `the name servers of shop.test do not agree: ns1.shop.test (127.0.0.1), ns3.shop.test (127.0.0.1): 192.0.2.1; ns2.shop.test (127.0.0.1): ${says}`,
    })
  })

  test('on the serial', async () => {
    const { run } = await compare([saying(soa(7)), saying(soa(8))], { recordType: 'SOA' })
    expect(run.error?.message).toBe(
      'the name servers of shop.test do not agree: ns1.shop.test (127.0.0.1): serial 7; ns2.shop.test (127.0.0.1): serial 8',
    )
  })

  test('a silent one is named, before the time is up', async () => {
    const { run } = await compare([good, () => undefined], { timeoutMs: 600 })
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe('dns.timeout')
    expect(run.error?.message).toContain('ns2.shop.test (127.0.0.1): no answer in time')
  })

  describe('while the probe itself stood still', () => {
    const standStill: Respond = () => {
      const end = performance.now() + 300
      while (performance.now() < end);
      return undefined
    }
    const judged = async (other: Respond, expectations: DnsCheck['expectations']) => {
      const quality = watchQuality(systemClock)
      onTestFinished(() => quality.stop())
      const parts = { timeoutMs: 600, expectations }
      return (await compare([good, standStill, other], parts, undefined, { quality })).run
    }

    test('are not known: the silence may be ours', async () => {
      const run = await judged(good, resolveExpectations('must', { nameServersAgree: true }))
      expect(run.verdict).toBe('probe_fault')
      expect(run.error).toEqual({
        type: 'probe.overload',
        message: expect.stringMatching(
          /^this probe stood still for .* so the time-out is not the target's \(the name servers of shop\.test do not agree: .*ns2\.shop\.test \(127\.0\.0\.1\): no answer in time/,
        ),
      })
      expect(run.assertions).toMatchObject([
        { subject: 'nameServersAgree', excluded: expect.stringContaining('stood still') },
      ])
    })

    test('do not make a run degraded where they only should agree', async () => {
      const run = await judged(good, resolveExpectations('should', { nameServersAgree: true }))
      expect(run.error).toBeUndefined()
      expect(run.verdict).toBe('passed')
    })

    test('are still told of when others say different things', async () => {
      const expectations = resolveExpectations('must', { nameServersAgree: true })
      const run = await judged(saying(address('192.0.2.9')), expectations)
      expect(run.error?.type).toBe('assertion')
    })

    test('do not excuse another answer that is wrong', async () => {
      const expected = { nameServersAgree: true, answer: '192.0.2.77' }
      const run = await judged(good, resolveExpectations('must', expected))
      expect(run.error).toMatchObject({
        type: 'assertion',
        message: expect.stringContaining('answer: expected 192.0.2.77'),
      })
    })
  })

  test('one where nobody listens', async () => {
    const { run } = await compare([good, { host: '127.0.0.1', port: await freePort() }])
    expect(run.error?.message).toContain('ns2.shop.test (127.0.0.1): refuses the connection')
  })

  test('as expected, passes', async () => {
    const { run } = await compare([good, saying()], {
      expectations: resolveExpectations('must', { nameServersAgree: false }),
    })
    expect(run.verdict).toBe('passed')
  })
})

test('more than twenty are compared in part', async () => {
  const good = saying(address('192.0.2.1'))
  const { run, queries } = await compare(Array.from({ length: 22 }, () => good))
  expect(run.error).toBeUndefined()
  expect(queries.filter(({ length }) => length > 0)).toHaveLength(20)
  expect(run.log).toContain('only 20 of the 22 name servers are asked')
})

test('a zone without name servers', async () => {
  const { run } = await compare([], {}, (query) =>
    typeOf(query) === 'NS'
      ? reply(query, { rcode: 3 })
      : reply(query, { answers: [address('192.0.2.1')] }),
  )
  expect(run.error).toEqual({
    type: 'dns.no_answer',
    message: 'no name servers are found for shop.test',
  })
})

test('a resolver that never says where the zone begins is not asked for ever', async () => {
  let asked = 0
  const questionName = Array.from({ length: 60 }, (_, i) => `n${i}`).join('.')
  const { run } = await compare([], { questionName }, (query) => {
    asked++
    return reply(query, {
      authorities: [{ ...soa(1, nameOf(query)) }],
    })
  })
  expect(run.error?.type).toBe('dns.no_answer')
  expect(asked).toBeLessThan(30)
})

test("one that the region's policy forbids says nothing about the zone, and is not asked", async () => {
  const good = await dnsTarget(saying(address('192.0.2.1')))
  const usual = await dnsTarget((query) => {
    if (typeOf(query) !== 'NS') return reply(query, { answers: [address('192.0.2.1')] })
    const inside: Answer = { type: 'NS', name: 'shop.test', ttl: 60, data: 'localhost' }
    return reply(query, { answers: [...nsRecords(1), inside] })
  })
  const to = (host: string, port: number) => ({
    from: { host, port: 53 },
    to: { host: '127.0.0.1', port },
  })
  const check = aCheck('dns', {
    server: 'ns.shop.test',
    expectations: resolveExpectations('must', { nameServersAgree: true }),
  })
  const run = await runOnce(check, {
    policy: publicAddresses,
    connectTo: connectTo([to('ns.shop.test', usual.port), to('ns1.shop.test', good.port)]),
  })
  expect(run.error).toBeUndefined()
  expect(run.facts.nameServers).toEqual(['ns1.shop.test (127.0.0.1): 192.0.2.1'])
  expect(run.log.join('\n')).toContain('localhost:53 (127.0.0.1) is this machine')
})
