import {
  type Answer,
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  RECURSION_AVAILABLE,
} from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { DnsCheck } from '../../../../src/protocol/kinds/dns.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { address, dnsTarget, reply } from '../../../support/dns-target.ts'

const name = 'shop.test'
const soa = (serial: number): Answer => ({
  type: 'SOA',
  name,
  ttl: 300,
  data: {
    mname: 'ns.shop.test',
    rname: 'ops.shop.test',
    serial,
    refresh: 1,
    retry: 2,
    expire: 3,
    minimum: 4,
  },
})
const opt: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1_232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
}

/** Says everything that there is to say. */
const full = (query: DecodedPacket) =>
  reply(query, {
    flags: AUTHORITATIVE_ANSWER | AUTHENTIC_DATA | RECURSION_AVAILABLE,
    answers: [address('192.0.2.1', 300), address('192.0.2.2', 60), address('192.0.2.30', 120)],
    authorities: [{ type: 'NS', name, ttl: 60, data: 'ns.shop.test' }],
    additionals: [{ type: 'A', name: 'ns.shop.test', ttl: 60, data: '192.0.2.53' }, opt],
  })

const bare = (query: DecodedPacket) => reply(query, { answers: [address('192.0.2.1', 60)] })

async function runWith(
  written: Record<string, unknown>,
  { respond = full, ...overrides }: Partial<DnsCheck> & { respond?: typeof full } = {},
) {
  const target = await dnsTarget(respond)
  const check = aCheck('dns', {
    server: target.host,
    ...overrides,
    expectations: resolveExpectations('must', written),
  })
  return { run: await runOnce(check), server: target.host }
}

describe('holds', () => {
  test.each<{ written: Record<string, unknown>; respond?: typeof full }>([
    { written: { rcode: 'NOERROR' } },
    { written: { rcode: ['NXDOMAIN', 'NOERROR'] } },
    { written: { answer: '192.0.2.2' } },
    { written: { answer: ['192.0.2.9', '192.0.2.2'] } },
    { written: { answer: { any: { matches: '\\.30$' } } } },
    { written: { answer: { all: { matches: '^192\\.0\\.2\\.' } } } },
    { written: { answer: { none: { matches: '^10\\.' } } } },
    { written: { answer: { exact: ['192.0.2.30', '192.0.2.1', '192.0.2.2'] } } },
    { written: { answer: { exact: [{ matches: '1$' }, { matches: '2$' }, { matches: '0$' }] } } },
    { written: { answer: { count: 3 } } },
    { written: { answer: { not: { equals: '192.0.2.9' } } } },
    { written: { answerCount: 3 } },
    { written: { answerCount: { min: 2, max: 3 } } },
    { written: { authority: 'shop.test. NS ns.shop.test.' } },
    { written: { authority: { matches: ' NS ns' } } },
    { written: { authority: { absent: true } }, respond: bare },
    { written: { additional: { exact: ['ns.shop.test. A 192.0.2.53'] } } },
    { written: { additional: { count: 0 } }, respond: bare },
    { written: { ttl: { min: 60, max: 60 } } },
    { written: { authoritative: true } },
    { written: { authoritative: false }, respond: bare },
    { written: { authenticated: true } },
    { written: { authenticated: false }, respond: bare },
    { written: { recursionAvailable: true } },
    { written: { recursionAvailable: false }, respond: bare },
    { written: { query: { max: '4s' }, total: { max: '4s' } } },
  ])('$written', async ({ written, respond }) => {
    const { run } = await runWith(written, { ...(respond && { respond }) })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.assertions.length).toBeGreaterThan(0)
  })
})

describe('does not hold', () => {
  test.each<{ written: Record<string, unknown>; words: string; respond?: typeof full }>([
    { written: { rcode: 'NXDOMAIN' }, words: 'rcode: expected NXDOMAIN, got NOERROR from SERVER' },
    {
      written: { answer: '192.0.2.9' },
      words: 'answer: expected 192.0.2.9, got 192.0.2.1, 192.0.2.2, 192.0.2.30 from SERVER',
    },
    {
      written: { answer: { all: { matches: '[12]$' } } },
      words:
        'answer: expected all matching /[12]$/, got 192.0.2.1, 192.0.2.2, 192.0.2.30 from SERVER',
    },
    {
      written: { answer: { none: { matches: '2$' } } },
      words:
        'answer: expected none matching /2$/, got 192.0.2.1, 192.0.2.2, 192.0.2.30 from SERVER',
    },
    {
      written: { answer: { exact: ['192.0.2.1', '192.0.2.2'] } },
      words:
        'answer: expected exactly 192.0.2.1, 192.0.2.2, got 192.0.2.1, 192.0.2.2, 192.0.2.30 from SERVER',
    },
    {
      written: { answer: { count: 2 } },
      words: 'answer: expected 2 of them, got 192.0.2.1, 192.0.2.2, 192.0.2.30 from SERVER',
    },
    { written: { answerCount: 2 }, words: 'answerCount: expected 2, got 3 from SERVER' },
    {
      written: { authority: { matches: ' NS other' } },
      words:
        'authority: expected matching / NS other/, got shop.test. NS ns.shop.test. from SERVER',
    },
    {
      written: { authority: 'shop.test. NS ns.shop.test.' },
      words: 'authority: expected shop.test. NS ns.shop.test., got – from SERVER',
      respond: bare,
    },
    {
      written: { additional: { absent: true } },
      words: 'additional: expected none, got ns.shop.test. A 192.0.2.53 from SERVER',
    },
    { written: { ttl: { min: 61 } }, words: 'ttl: expected at least 61, got 60 from SERVER' },
    {
      written: { authoritative: true },
      words: 'authoritative: the answer of SERVER has the flag AA not set',
      respond: bare,
    },
    {
      written: { authoritative: false },
      words: 'authoritative: the answer of SERVER has the flag AA set',
    },
    {
      written: { authenticated: true },
      words: 'authenticated: the answer of SERVER has the flag AD not set',
      respond: bare,
    },
    {
      written: { recursionAvailable: true },
      words: 'recursionAvailable: the answer of SERVER has the flag RA not set',
      respond: bare,
    },
  ])('$written', async ({ written, words, respond }) => {
    const { run, server } = await runWith(written, { ...(respond && { respond }) })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type: 'assertion', message: words.replace('SERVER', server) })
  })

  test.each(['query', 'total'])('the time of %s', async (phase) => {
    const { run } = await runWith({ [phase]: { max: '0.001ms' } })
    expect(run.error?.type).toBe('assertion')
    expect(run.error?.message).toMatch(new RegExp(`^${phase}: expected at most 0 ms, got `))
  })

  test.each(['connect', 'tls'])('the time of %s, where there was none', async (phase) => {
    const { run } = await runWith({ [phase]: { max: '1s' } })
    expect(run.error?.message).toBe(`${phase}: expected at most 1000 ms, got –`)
  })

  test('as something that only should be, the run is degraded', async () => {
    const target = await dnsTarget(full)
    const expectations = resolveExpectations('should', { ttl: { min: 3_600 } })
    const run = await runOnce(aCheck('dns', { server: target.host, expectations }))
    expect(run.verdict).toBe('degraded')
  })
})

describe('serial', () => {
  const serving = (serial: number) => (query: DecodedPacket) =>
    reply(query, { answers: [soa(serial)] })

  test.each([
    { written: { serial: 2026010101 }, verdict: 'passed' },
    { written: { serial: { min: 2026010100 } }, verdict: 'passed' },
    { written: { serial: { min: 2026010102 } }, verdict: 'failed' },
  ])('$written: $verdict', async ({ written, verdict }) => {
    const { run } = await runWith(written, { recordType: 'SOA', respond: serving(2026010101) })
    expect(run.verdict).toBe(verdict)
    expect(run.facts.serial).toBe(2026010101)
  })

  test('as large as they come', async () => {
    const { run } = await runWith(
      { serial: 4_294_967_295 },
      { recordType: 'SOA', respond: serving(4_294_967_295) },
    )
    expect(run.verdict).toBe('passed')
  })

  test('of a record that has none', async () => {
    const { run, server } = await runWith({ serial: 1 })
    expect(run.error?.message).toBe(`serial: expected 1, got – from ${server}`)
  })
})

describe('an answer without an answer says why', () => {
  const cname = (from: string, to: string): Answer => ({
    type: 'CNAME',
    name: from,
    ttl: 60,
    data: to,
  })

  test.each<{ why: string; respond: typeof full; words: string }>([
    {
      why: 'NODATA',
      respond: (query) => reply(query, { flags: AUTHORITATIVE_ANSWER, authorities: [soa(1)] }),
      words: 'SERVER knows the name, but has no A record for it',
    },
    {
      why: 'a referral',
      respond: (query) =>
        reply(query, { authorities: [{ type: 'NS', name: 'test', ttl: 60, data: 'a.test' }] }),
      words: 'SERVER does not know the zone itself and refers to a.test',
    },
    {
      why: 'a lame delegation',
      respond: (query) => reply(query),
      words:
        'SERVER is not responsible for the zone (a lame delegation): no answer, not authoritative, no recursion',
    },
    {
      why: 'an alias of nothing',
      respond: (query) =>
        reply(query, { flags: AUTHORITATIVE_ANSWER, answers: [cname('shop.test', 'lb.test')] }),
      words: 'SERVER tells of an alias of lb.test, but of no A record for that',
    },
    {
      why: 'aliases in a circle',
      respond: (query) =>
        reply(query, { answers: [cname('shop.test', 'a.test'), cname('a.test', 'shop.test')] }),
      words: 'the aliases that SERVER tells of lead in a circle of 2, back to shop.test',
    },
    {
      why: 'an alias of itself',
      respond: (query) => reply(query, { answers: [cname('shop.test', 'shop.test')] }),
      words: 'the aliases that SERVER tells of lead in a circle of 1, back to shop.test',
    },
    {
      why: 'records of another name',
      respond: (query) =>
        reply(query, {
          flags: AUTHORITATIVE_ANSWER,
          answers: [{ type: 'A', name: 'evil.test', ttl: 60, data: '6.6.6.6' }],
        }),
      words: 'SERVER knows the name, but has no A record for it',
    },
  ])('$why', async ({ respond, words }) => {
    const { run, server } = await runWith({ answerCount: { min: 1 } }, { respond })
    expect(run.error).toEqual({ type: 'dns.no_answer', message: words.replace('SERVER', server) })
    expect(run.facts.answers).toEqual([])
  })

  test('through twenty aliases there is one', async () => {
    const chain = Array.from({ length: 20 }, (_, i) =>
      cname(i === 0 ? 'shop.test' : `n${i}.test`, `n${i + 1}.test`),
    )
    const { run } = await runWith(
      { answer: '192.0.2.1' },
      {
        respond: (query) =>
          reply(query, {
            answers: [...chain, { type: 'A', name: 'n20.test', ttl: 60, data: '192.0.2.1' }],
          }),
      },
    )
    expect(run.error).toBeUndefined()
  })

  test('ANY counts all records of the name', async () => {
    const { run } = await runWith(
      { answerCount: 2, answer: { exact: ['192.0.2.1', '"hi"'] } },
      {
        recordType: 'ANY',
        respond: (query) =>
          reply(query, {
            answers: [
              address('192.0.2.1'),
              { type: 'TXT', name: 'shop.test', ttl: 60, data: 'hi' },
              { type: 'A', name: 'other.test', ttl: 60, data: '192.0.2.7' },
            ],
          }),
      },
    )
    expect(run.error).toBeUndefined()
  })

  test('with DNSSEC the signatures are no answers of their own', async () => {
    const rrsig: Answer = {
      type: 'RRSIG',
      name: 'shop.test',
      ttl: 60,
      data: {
        typeCovered: 'A',
        algorithm: 13,
        labels: 2,
        originalTTL: 60,
        expiration: 1,
        inception: 0,
        keyTag: 1,
        signersName: 'shop.test',
        signature: Buffer.from('00', 'hex'),
      },
    }
    const { run } = await runWith(
      { answerCount: 1 },
      {
        dnssec: true,
        respond: (query) => reply(query, { answers: [address('192.0.2.1'), rrsig] }),
      },
    )
    expect(run.error).toBeUndefined()
  })
})
