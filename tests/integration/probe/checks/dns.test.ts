import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { resolveHost } from '../../../../src/probe/network/resolve-host.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { DnsCheck } from '../../../../src/protocol/kinds/dns.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { address, dnsTarget, type Respond, reply } from '../../../support/dns-target.ts'
import { freePort } from '../../../support/http-target.ts'

const expecting = (written: Record<string, unknown>) => resolveExpectations('must', written)

const check = (server: string, overrides: Partial<DnsCheck> = {}) =>
  aCheck('dns', { server, expectations: expecting({ rcode: 'NOERROR' }), ...overrides })

const answering = (answers: Answer[]) =>
  dnsTarget((query) => reply(query, { flags: AUTHORITATIVE_ANSWER, answers }))

describe('an answer', () => {
  test('is judged and kept', async () => {
    const target = await answering([address('192.0.2.1', 300), address('192.0.2.2', 60)])
    const run = await runOnce(
      check(target.host, {
        expectations: expecting({
          rcode: 'NOERROR',
          answer: '192.0.2.2',
          answerCount: { min: 2, max: 2 },
          ttl: { max: 60 },
          total: { max: '5s' },
        }),
      }),
    )
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.facts).toEqual({
      address: target.host,
      transport: 'udp',
      attempts: 1,
      rcode: 'NOERROR',
      flags: ['aa'],
      answers: ['192.0.2.1', '192.0.2.2'],
      ttl: 60,
    })
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'query'])
  })

  test('that is another one fails', async () => {
    const target = await answering([address('192.0.2.1')])
    const run = await runOnce(
      check(target.host, { expectations: expecting({ answer: '192.0.2.9' }) }),
    )
    expect(run.error).toEqual({
      type: 'assertion',
      message: `answer: expected 192.0.2.9, got 192.0.2.1 from ${target.host}`,
    })
  })

  const name = 'shop.test'
  test.each([
    { type: 'AAAA', data: '2001:db8::1', text: '2001:db8::1' },
    { type: 'CNAME', data: 'lb.shop.test', text: 'lb.shop.test.' },
    { type: 'NS', data: 'ns.shop.test', text: 'ns.shop.test.' },
    { type: 'PTR', data: 'shop.test', text: 'shop.test.' },
    {
      type: 'MX',
      data: { preference: 10, exchange: 'mail.shop.test' },
      text: '10 mail.shop.test.',
    },
    {
      type: 'SRV',
      data: { priority: 1, weight: 2, port: 443, target: 'a.shop.test' },
      text: '1 2 443 a.shop.test.',
    },
    { type: 'TXT', data: ['v=spf1 -all', 'say "hi"'], text: '"v=spf1 -all" "say \\"hi\\""' },
    { type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.test' }, text: '0 issue "ca.test"' },
    {
      type: 'SOA',
      data: {
        mname: 'ns.test',
        rname: 'ops.test',
        serial: 1,
        refresh: 2,
        retry: 3,
        expire: 4,
        minimum: 5,
      },
      text: 'ns.test. ops.test. 1 2 3 4 5',
    },
  ] as const)('of type $type reads as in a zone file', async ({ type, data, text }) => {
    const target = await answering([{ type, name, ttl: 60, data } as Answer])
    const run = await runOnce(check(target.host, { recordType: type }))
    expect(run.facts.answers).toEqual([text])
  })

  test('through an alias counts the records that were asked for', async () => {
    const target = await answering([
      { type: 'CNAME', name: 'shop.test', ttl: 5, data: 'lb.test' },
      { type: 'A', name: 'lb.test', ttl: 60, data: '192.0.2.1' },
    ])
    const run = await runOnce(
      check(target.host, { expectations: expecting({ answerCount: 1, ttl: 5 }) }),
    )
    expect(run.verdict).toBe('passed')
    expect(run.log).toContain('shop.test is an alias of lb.test')
  })

  test('is the same whatever the case of its name', async () => {
    const target = await dnsTarget((query) => {
      const [question] = query.questions ?? []
      const questions = question ? [{ ...question, name: 'ShOp.TeSt' }] : []
      return reply({ ...query, questions }, { answers: [address('192.0.2.1')] })
    })
    expect((await runOnce(check(target.host))).verdict).toBe('passed')
  })

  test('from a server behind a connect-to rule', async () => {
    const target = await answering([address('192.0.2.1')])
    const rule = {
      from: { host: 'ns.shop.test', port: 53 },
      to: { host: '127.0.0.1', port: target.port },
    }
    const run = await runOnce(check('ns.shop.test'), { connectTo: connectTo([rule]) })
    expect(run.verdict).toBe('passed')
    expect(run.facts.address).toBe(target.host)
  })
})

describe('a name server that says no', () => {
  test.each([
    { rcode: 3, name: 'NXDOMAIN', type: 'dns.not_found' },
    { rcode: 2, name: 'SERVFAIL', type: 'dns.server_failure' },
    { rcode: 5, name: 'REFUSED', type: 'dns.refused' },
    { rcode: 4, name: 'NOTIMP', type: 'assertion' },
  ])('$name', async ({ rcode, name, type }) => {
    const target = await dnsTarget((query) => reply(query, { rcode }))
    const run = await runOnce(check(target.host))
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({
      type,
      message: `rcode: expected NOERROR, got ${name} from ${target.host}`,
    })
    expect(run.facts.rcode).toBe(name)
  })

  test('as expected, passes', async () => {
    const target = await dnsTarget((query) => reply(query, { rcode: 3 }))
    const run = await runOnce(
      check(target.host, { expectations: expecting({ rcode: 'NXDOMAIN' }) }),
    )
    expect(run.verdict).toBe('passed')
  })

  test('without the question, because it did not understand it', async () => {
    const target = await dnsTarget((query) => reply({ ...query, questions: [] }, { rcode: 1 }))
    const run = await runOnce(check(target.host))
    expect(run.error?.message).toContain('got FORMERR')
  })

  test('no record of this type', async () => {
    const target = await answering([])
    const run = await runOnce(
      check(target.host, { expectations: expecting({ answer: '192.0.2.1' }) }),
    )
    expect(run.error).toEqual({
      type: 'dns.no_answer',
      message: `${target.host} knows the name, but has no A record for it`,
    })
  })
})

describe('datagrams that are lost', () => {
  test('are sent again, within the deadline', async () => {
    let seen = 0
    const target = await dnsTarget((query) =>
      ++seen === 1 ? undefined : reply(query, { answers: [address('192.0.2.1')] }),
    )
    const run = await runOnce(check(target.host))
    expect(run.verdict).toBe('passed')
    expect(target.queries).toEqual(['udp', 'udp'])
    expect(phaseMs(run, 'query')).toBeGreaterThan(990)
    expect(run.log).toContain(`no answer from ${target.host} within 1000 ms, asked again`)
  })

  test('all of them: the deadline says so', async () => {
    const target = await dnsTarget(() => undefined)
    const run = await runOnce(check(target.host, { timeoutMs: 200 }))
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({
      type: 'dns.timeout',
      message: `no answer from ${target.host} within 200 ms`,
    })
    expect(run.durationMs).toBeLessThan(200 + 1_000)
  })

  test('because nobody listens', async () => {
    const run = await runOnce(check(`127.0.0.1:${await freePort()}`))
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe('connect.refused')
  })
})

describe('answers that are not to this question', () => {
  const good = (query: DecodedPacket) => reply(query, { answers: [address('192.0.2.1')] })

  test.each([
    {
      why: 'another id',
      wrong: (query: DecodedPacket) => reply(query, { id: ((query.id ?? 0) + 1) & 0xffff }),
    },
    {
      why: 'another name',
      wrong: (query: DecodedPacket) =>
        reply(
          { ...query, questions: [{ type: 'A', name: 'evil.test' }] },
          { answers: [address('6.6.6.6')] },
        ),
    },
    {
      why: 'another type',
      wrong: (query: DecodedPacket) =>
        reply({ ...query, questions: [{ type: 'TXT', name: 'shop.test' }] }),
    },
    {
      why: 'no answer at all but a query',
      wrong: (query: DecodedPacket) => {
        const message = good(query)
        message[2] = (message[2] ?? 0) & 0x7f
        return message
      },
    },
    { why: 'three bytes', wrong: () => Buffer.from([1, 2, 3]) },
    { why: 'nothing', wrong: () => Buffer.alloc(0) },
  ])('$why: passed over', async ({ wrong }) => {
    const target = await dnsTarget((query) => [
      wrong(query),
      good(query),
      reply(query, { rcode: 3 }),
    ])
    const run = await runOnce(check(target.host))
    expect(run.facts.answers).toEqual(['192.0.2.1'])
  })

  test('only such answers: the deadline tells of them', async () => {
    const target = await dnsTarget((query) => reply(query, { id: ((query.id ?? 0) + 1) & 0xffff }))
    const run = await runOnce(check(target.host, { timeoutMs: 200 }))
    expect(run.error?.type).toBe('dns.timeout')
    expect(run.error?.message).toContain('only 1 that belong to no question of ours')
  })

  test('from another address are never seen', async () => {
    const stranger = createSocket('udp4')
    let sent = 0
    const target = await dnsTarget((query, _transport, port) => {
      // It knows everything about the query, but is not the one who was asked.
      const forged = reply(query, { answers: [address('6.6.6.6')] })
      stranger.send(forged, port, '127.0.0.1', () => sent++)
      return undefined
    })
    const run = await runOnce(check(target.host, { timeoutMs: 300 }))
    expect(sent).toBe(1)
    await new Promise<void>((resolve) => stranger.close(resolve))
    expect(run.error?.type).toBe('dns.timeout')
  })
})

describe('truncated answers', () => {
  test('are asked for again by TCP', async () => {
    const many = Array.from({ length: 200 }, (_, i) => address(`192.0.2.${i}`))
    const target = await dnsTarget((query, transport) =>
      transport === 'udp'
        ? reply(query, { flags: TRUNCATED_RESPONSE })
        : reply(query, { answers: many }),
    )
    const run = await runOnce(check(target.host, { expectations: expecting({ answerCount: 200 }) }))
    expect(run.verdict).toBe('passed')
    expect(target.queries).toEqual(['udp', 'tcp'])
    expect(run.facts.transport).toBe('tcp')
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'query', 'connect'])
  })

  test('cut in the middle of a record', async () => {
    const target = await dnsTarget((query, transport) => {
      const whole = reply(query, {
        flags: transport === 'udp' ? TRUNCATED_RESPONSE : 0,
        answers: [address('192.0.2.1')],
      })
      return transport === 'udp' ? whole.subarray(0, whole.length - 3) : whole
    })
    expect((await runOnce(check(target.host))).verdict).toBe('passed')
  })

  test.each<{ why: string; byTcp: Respond; type: string }>([
    { why: 'no answer by TCP', byTcp: () => undefined, type: 'dns.timeout' },
    {
      why: 'truncated by TCP too',
      byTcp: (query) => reply(query, { flags: TRUNCATED_RESPONSE }),
      type: 'dns.malformed',
    },
    {
      why: 'another id by TCP',
      byTcp: (query) => reply(query, { id: ((query.id ?? 0) + 1) & 0xffff }),
      type: 'dns.malformed',
    },
  ])('$why', async ({ byTcp, type }) => {
    const target = await dnsTarget((query, transport) =>
      transport === 'udp'
        ? reply(query, { flags: TRUNCATED_RESPONSE })
        : byTcp(query, transport, 0),
    )
    const run = await runOnce(check(target.host, { timeoutMs: 300 }))
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe(type)
  })
})

describe('answers that cannot be read', () => {
  /** The header and question of a reply, and then these bytes for its records. */
  const withRecords = (query: DecodedPacket, count: number, records: Buffer): Buffer => {
    const message = Buffer.concat([reply(query), records])
    message.writeUInt16BE(count, 6)
    return message
  }
  const header = 12
  const record = (name: number[], tail: number[] = [0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]) =>
    Buffer.from([...name, ...tail])

  test.each<{ why: string; respond: Respond }>([
    {
      why: 'a name that points to itself',
      respond: (query) => {
        const at = reply(query).length
        return withRecords(query, 1, record([0xc0 | (at >> 8), at & 0xff]))
      },
    },
    {
      why: 'a name that points forward',
      respond: (query) => withRecords(query, 1, record([0xc0, 0xff])),
    },
    {
      why: 'a name that points out of the message',
      respond: (query) => withRecords(query, 1, record([0xff, 0xff])),
    },
    {
      why: 'names that point to each other',
      respond: (query) => {
        const at = reply(query).length
        return withRecords(query, 1, record([0xc0, at + 2, 0xc0, at]))
      },
    },
    {
      why: 'a label type that does not exist',
      respond: (query) => withRecords(query, 1, record([0x80, 1, 0])),
    },
    {
      why: 'more records announced than are there',
      respond: (query) => withRecords(query, 5, record([0xc0, header])),
    },
    {
      why: 'sixty thousand records announced',
      respond: (query) => withRecords(query, 60_000, record([0xc0, header])),
    },
    {
      why: 'data longer than the message',
      respond: (query) =>
        withRecords(query, 1, record([0xc0, header], [0, 16, 0, 1, 0, 0, 0, 60, 0xff, 0xff, 200])),
    },
    { why: 'only the flags', respond: (query) => reply(query).subarray(0, 4) },
    { why: 'cut in the question', respond: (query) => reply(query).subarray(0, 15) },
  ])('$why', async ({ respond }) => {
    const target = await dnsTarget(respond)
    const run = await runOnce(check(target.host))
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe('dns.malformed')
  })

  test('noise behind a good header ends in a typed error or an answer, always', async () => {
    const target = await dnsTarget((query) => {
      const noise = Buffer.concat([reply(query), randomBytes(200)])
      noise.writeUInt16BE(3, 6)
      return noise
    })
    for (let round = 0; round < 50; round++) {
      const run = await runOnce(check(target.host, { timeoutMs: 2_000 }))
      expect(run.error?.type ?? 'dns.malformed').toBe('dns.malformed')
    }
  })
})

describe('a probe that stops', () => {
  test('ends its question, or asks none', async () => {
    const stop = new AbortController()
    const target = await dnsTarget(() => void stop.abort())
    const run = await runOnce(check(target.host), { stopSignal: stop.signal })
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.interrupted' } })
    const second = await runOnce(check(target.host), { stopSignal: AbortSignal.abort() })
    expect(second.error?.type).toBe('probe.interrupted')
    expect(target.queries).toHaveLength(1)
  })
})

describe('resolving a host for other checks', () => {
  const noHosts = () => undefined
  const resolving = (servers: string[], signal = new AbortController().signal) =>
    resolveHost('shop.test', { signal, servers, hosts: noHosts })

  test('asks for both families', async () => {
    const target = await dnsTarget((query) => {
      const isV6 = query.questions?.[0]?.type === 'AAAA'
      const v6: Answer = { type: 'AAAA', name: 'shop.test', ttl: 60, data: '2001:db8::1' }
      return reply(query, { answers: [isV6 ? v6 : address('192.0.2.1')] })
    })
    expect((await resolving([target.host])).toSorted()).toEqual(['192.0.2.1', '2001:db8::1'])
  })

  test('does not wait for a family that stays silent', async () => {
    const target = await dnsTarget((query) =>
      query.questions?.[0]?.type === 'A'
        ? reply(query, { answers: [address('192.0.2.1')] })
        : undefined,
    )
    const startedAt = performance.now()
    expect(await resolving([target.host])).toEqual(['192.0.2.1'])
    expect(performance.now() - startedAt).toBeLessThan(1_400)
  })

  test.each([
    {
      why: 'no such name',
      respond: (query: DecodedPacket) => reply(query, { rcode: 3 }),
      type: 'dns.not_found',
    },
    { why: 'no address', respond: (query: DecodedPacket) => reply(query), type: 'dns.no_answer' },
    {
      why: 'server failure',
      respond: (query: DecodedPacket) => reply(query, { rcode: 2 }),
      type: 'dns.server_failure',
    },
    {
      why: 'refused',
      respond: (query: DecodedPacket) => reply(query, { rcode: 5 }),
      type: 'dns.refused',
    },
  ])('$why', async ({ respond, type }) => {
    const target = await dnsTarget(respond)
    await expect(resolving([target.host])).rejects.toMatchObject({ type })
  })

  test('a resolver of ours that is down says nothing about the target', async () => {
    await expect(resolving([`127.0.0.1:${await freePort()}`])).rejects.toMatchObject({
      type: 'probe.network',
    })
  })

  test('ends with the run', async () => {
    const target = await dnsTarget(() => undefined)
    await expect(resolving([target.host], AbortSignal.timeout(100))).rejects.toMatchObject({
      name: 'TimeoutError',
    })
  })
})
