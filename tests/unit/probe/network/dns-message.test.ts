import { env } from 'node:process'
import { type Answer, encode } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CheckError } from '../../../../src/probe/checks/check-runner.ts'
import { followAnswers } from '../../../../src/probe/network/dns-answers.ts'
import { type DnsQuery, encodeQuery, readReply } from '../../../../src/probe/network/dns-message.ts'
import { parseServer } from '../../../../src/probe/network/dns-servers.ts'
import { SVCB_VECTORS } from '../../../support/svcb-vectors.ts'

const query: DnsQuery = {
  id: 4_711,
  name: 'shop.test',
  type: 'A',
  recursion: true,
  dnssec: false,
  edns: true,
}

const name = 'shop.test'
const OPT: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1_232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [{ code: 8, ip: '192.0.2.0', sourcePrefixLength: 24 }],
}

const digest = Buffer.from('00112233445566778899aabbccddeeff', 'hex')

/** One record of every type that we know, and of one that we do not. */
const records: Answer[] = [
  { type: 'A', name, ttl: 60, data: '192.0.2.1' },
  { type: 'AAAA', name, ttl: 60, data: '2001:db8::1' },
  { type: 'CNAME', name: 'www.shop.test', ttl: 60, data: name },
  { type: 'DNAME', name, ttl: 60, data: 'other.test' },
  { type: 'NS', name, ttl: 60, data: 'ns.shop.test' },
  { type: 'PTR', name, ttl: 60, data: 'shop.test' },
  { type: 'HINFO', name, ttl: 60, data: { cpu: 'x', os: 'y' } },
  { type: 'RP', name, ttl: 60, data: { mbox: 'ops.test', txt: 'text.test' } },
  { type: 'TXT', name, ttl: 60, data: ['one', 'two'] },
  { type: 'MX', name, ttl: 60, data: { preference: 1, exchange: 'mail.test' } },
  { type: 'SOA', name, ttl: 60, data: { mname: 'ns.test', rname: 'ops.test', serial: 7 } },
  { type: 'SRV', name, ttl: 60, data: { port: 1, target: 'a.test' } },
  { type: 'CAA', name, ttl: 60, data: { tag: 'issue', value: 'ca.test' } },
  {
    type: 'NAPTR',
    name,
    ttl: 60,
    data: {
      order: 1,
      preference: 2,
      flags: 'u',
      services: 'E2U+sip',
      regexp: '!a!b!',
      replacement: '.',
    },
  },
  { type: 'DS', name, ttl: 60, data: { keyTag: 1, algorithm: 13, digestType: 2, digest } },
  { type: 'DNSKEY', name, ttl: 60, data: { flags: 257, algorithm: 13, key: digest } },
  {
    type: 'TLSA',
    name,
    ttl: 60,
    data: { usage: 3, selector: 1, matchingType: 1, certificate: digest },
  },
  { type: 'NSEC', name, ttl: 60, data: { nextDomain: 'b.test', rrtypes: ['A', 'RRSIG', 'CAA'] } },
  {
    type: 'NSEC3',
    name,
    ttl: 60,
    data: {
      algorithm: 1,
      flags: 0,
      iterations: 0,
      salt: Buffer.alloc(0),
      nextDomain: digest,
      rrtypes: ['A'],
    },
  },
  {
    type: 'RRSIG',
    name,
    ttl: 60,
    data: {
      typeCovered: 'A',
      algorithm: 13,
      labels: 2,
      originalTTL: 60,
      expiration: 1_767_225_600,
      inception: 1_764_547_200,
      keyTag: 1,
      signersName: name,
      signature: digest,
    },
  },
  { type: 'HIP', name, ttl: 60, data: digest },
  ...SVCB_VECTORS.map(
    ({ wire }) => ({ type: 'UNKNOWN_64', name, ttl: 60, data: wire }) as unknown as Answer,
  ),
]

const replyOf = (answers: Answer[], additionals: Answer[] = []): Buffer =>
  encode({ type: 'response', id: query.id, questions: [{ type: 'A', name }], answers, additionals })

describe('whatever arrives is an answer, none of ours, or malformed: nothing else is thrown', () => {
  /** Inputs; millions take minutes. */
  const inputs = Number(env.FIREWATCH_DNS_FUZZ_INPUTS ?? 200_000)
  const packets = [...records.map((record) => replyOf([record], [OPT])), replyOf(records, [OPT])]
  const counts = { read: 0, ignored: 0, malformed: 0 }

  /** No input takes longer than this, whatever it says. */
  const ONE_MS_MAX = 500

  function readOne(message: Buffer): keyof typeof counts {
    const outcome = outcomeOf(message)
    counts[outcome]++
    return outcome
  }

  function outcomeOf(message: Buffer): keyof typeof counts {
    try {
      const reply = readReply(message, query, 'ns.test')
      if (!reply) return 'ignored'
      followAnswers(reply.answers, name, 'A')
      for (const { data } of [...reply.answers, ...reply.authorities, ...reply.additionals])
        if (/[^\x20-\x7e]/.test(data)) throw new Error(`not printable: ${JSON.stringify(data)}`)
      return 'read'
    } catch (error) {
      if (!(error instanceof CheckError) || error.type !== 'dns.malformed') throw error
      return 'malformed'
    }
  }

  function outcomeInTime(message: Buffer): keyof typeof counts {
    const before = process.threadCpuUsage()
    const outcome = outcomeOf(message)
    expect(process.threadCpuUsage(before).user / 1_000).toBeLessThan(ONE_MS_MAX)
    return outcome
  }

  test(`${inputs} inputs`, { timeout: 30_000 + inputs / 10 }, () => {
    // Each value of the generator makes several inputs, which is much faster than one each.
    const perRun = 100
    const changed = fc.tuple(fc.nat(packets.length - 1), fc.infiniteStream(fc.nat(0xffff)))
    fc.assert(
      fc.property(changed, ([which, numbers]) => {
        const packet = packets[which] ?? Buffer.alloc(0)
        const next = () => Number(numbers.next().value ?? 0)
        for (let round = 0; round < perRun; round++) {
          const message = Buffer.from(packet)
          for (let left = next() % 6; left > 0; left--) {
            // The id stays, or most would be none of ours.
            const at = 2 + (next() % (message.length - 2))
            // Pointers and lengths are what goes wrong most.
            message[at] = next() % 3 === 0 ? 0xc0 : next()
          }
          readOne(next() % 4 === 0 ? message.subarray(0, next() % message.length) : message)
        }
      }),
      { numRuns: Math.ceil((inputs * 0.75) / perRun) },
    )
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 120 }), { minLength: 50, maxLength: 50 }),
        (all) => {
          for (const noise of all)
            readOne(Buffer.concat([Buffer.from([0x12, 0x67, 0x84, 0x00]), noise]))
        },
      ),
      { numRuns: Math.ceil((inputs * 0.25) / 50) },
    )
    const { read, ignored, malformed } = counts
    console.info(`dns messages: ${read} read, ${ignored} not ours, ${malformed} malformed`)
    expect(read + ignored + malformed).toBeGreaterThanOrEqual(inputs)
    expect(Math.min(read, ignored, malformed)).toBeGreaterThan(inputs / 100)
  })

  test('the costliest messages of 65,535 bytes are read or refused at once', () => {
    const header = replyOf([])
    const fill = (count: number, record: (at: number) => Buffer) => {
      const parts = [header]
      let bytes = header.length
      let written = 0
      for (; written < count; written++) {
        const next = record(bytes)
        if (bytes + next.length > 65_535) break
        parts.push(next)
        bytes += next.length
      }
      const message = Buffer.concat(parts)
      message.writeUInt16BE(written, 6)
      return message
    }
    const tail = Buffer.from([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1])
    const pointer = (to: number) => Buffer.from([0xc0 | ((to >> 8) & 0x3f), to & 0xff])
    const longName = Buffer.concat(
      Array.from({ length: 126 }, () => Buffer.from([1, 0x2e])).concat(Buffer.from([0])),
    )
    const start = header.length
    const fit = Math.floor((65_535 - start) / (2 + tail.length))

    // As many records as fit, each with the longest name, by one pointer.
    const long = fill(fit, (at) => Buffer.concat([at === start ? longName : pointer(start), tail]))
    expect(outcomeInTime(long)).toBe('read')

    // Each name points to the one before.
    let previous = 12
    const stairs = fill(fit, (at) => {
      const record = Buffer.concat([pointer(previous), tail])
      if (at < 0x3fff) previous = at
      return record
    })
    expect(outcomeInTime(stairs)).toBe('malformed')

    // Pointers that lead through each other, as data of an unknown type, and names that point there.
    const links = 4_000
    const chain = Array.from({ length: links }, (_, i) =>
      pointer(i === 0 ? 12 : start + 10 + i * 2),
    )
    const holder = Buffer.concat([pointer(12), Buffer.from([0, 10, 0, 1, 0, 0, 0, 60, 0x1f, 0x40])])
    const through = (link: number) =>
      fill(fit, (at) =>
        at === start
          ? Buffer.concat([holder, ...chain])
          : Buffer.concat([pointer(start + 12 + link * 2), tail]),
      )
    expect(outcomeInTime(through(125))).toBe('read')
    expect(outcomeInTime(through(links - 1))).toBe('malformed')
  })
})

test('extended codes are not read as success', () => {
  const message = replyOf([], [{ ...OPT, extendedRcode: 1 } as Answer])
  expect(readReply(message, query, 'ns.test')?.rcode).toBe('BADVERS')
  const unknown = replyOf([], [{ ...OPT, extendedRcode: 2 } as Answer])
  expect(readReply(unknown, query, 'ns.test')?.rcode).toBe('RCODE_32')
})

test.each([
  { why: 'two OPT records', additionals: [OPT, OPT], words: 'it has two OPT records' },
  {
    why: 'EDNS options that are longer than they are',
    additionals: [
      { ...OPT, options: [{ code: 65_001, data: Buffer.from([1, 2]) }] } as unknown as Answer,
    ],
    words: 'a part of it ends behind its end',
    damage: (message: Buffer) => void message.writeUInt16BE(0xffff, message.length - 4),
  },
])('EDNS garbage: $why', ({ additionals, words, damage }) => {
  const message = replyOf([], additionals as Answer[])
  damage?.(message)
  expect(() => readReply(message, query, 'ns.test')).toThrow(
    `the answer of ns.test cannot be read: ${words}`,
  )
})

test.each([
  { why: 'A of three bytes', type: 1, data: '010203' },
  { why: 'A of five bytes', type: 1, data: '0102030405' },
  { why: 'AAAA of four bytes', type: 28, data: '01020304' },
  { why: 'TXT longer than its record', type: 16, data: '05ff' },
  { why: 'empty TXT', type: 16, data: '' },
  { why: 'CAA with no tag', type: 257, data: '0000' },
  { why: 'MX that ends in its name', type: 15, data: '00010461' },
  { why: 'SOA without its numbers', type: 6, data: '0000' },
])('data that is not what its type says: $why', ({ type, data }) => {
  const record = { type: `UNKNOWN_${type}`, name, ttl: 60, data: Buffer.from(data, 'hex') }
  expect(() => readReply(replyOf([record as unknown as Answer]), query, 'ns.test')).toThrow(
    'the answer of ns.test cannot be read',
  )
})

test('a name as long as names can be is read; a longer one is not', () => {
  const nameOf = (last: number) =>
    Buffer.concat(
      [63, 63, 63, last]
        .map((length) => Buffer.from([length, ...Array(length).fill(97)]))
        .concat(Buffer.from([0])),
    )
  const ns = (data: Buffer) =>
    replyOf([{ type: 'UNKNOWN_2', name, ttl: 60, data } as unknown as Answer])
  expect(readReply(ns(nameOf(61)), query, 'ns.test')?.answers[0]?.data).toHaveLength(254)
  expect(() => readReply(ns(nameOf(62)), query, 'ns.test')).toThrow('longer than 255 bytes')
})

describe('a name that cannot be asked for is refused before it becomes bytes', () => {
  test.each([
    { name: `${'a'.repeat(64)}.test`, words: 'a label of more than 63 bytes' },
    { name: Array(5).fill('a'.repeat(60)).join('.'), words: 'is longer than 255 bytes' },
    { name: 'shop..test', words: 'has an empty label' },
  ])('$words', ({ name, words }) => {
    expect(() => encodeQuery({ ...query, name })).toThrow(words)
  })
})

describe('aliases', () => {
  const alias = (from: string, to: string) => ({ name: from, type: 'CNAME', ttlS: 60, data: to })
  const address = (of: string) => ({ name: of, type: 'A', ttlS: 60, data: '192.0.2.1' })

  test('are followed, whatever the order and case', () => {
    const answers = [
      address('b.test.'),
      alias('A.test.', 'B.test.'),
      alias('shop.test.', 'a.test.'),
    ]
    const { asked, aliases } = followAnswers(answers, 'shop.test', 'A')
    expect(asked).toEqual([address('b.test.')])
    expect(aliases.map(({ data }) => data)).toEqual(['a.test.', 'B.test.'])
  })

  test('twenty of them', () => {
    const chain = Array.from({ length: 20 }, (_, i) => alias(`n${i}.test.`, `n${i + 1}.test.`))
    const { asked, aliases } = followAnswers([...chain, address('n20.test.')], 'n0.test', 'A')
    expect([asked.length, aliases.length]).toEqual([1, 20])
  })

  test('that lead in a circle lead to nothing', () => {
    const answers = [
      alias('shop.test.', 'a.test.'),
      alias('a.test.', 'shop.test.'),
      address('shop.test.'),
    ]
    expect(followAnswers(answers, 'shop.test', 'A')).toMatchObject({ asked: [], isCircle: true })
  })

  test('what nobody has asked for is no answer', () => {
    const { asked, strangers } = followAnswers([address('evil.test.')], 'shop.test', 'A')
    expect(asked).toEqual([])
    expect(strangers).toEqual([address('evil.test.')])
  })
})

describe('where a name server is', () => {
  test.each([
    { text: '192.0.2.1', host: '192.0.2.1', port: 53 },
    { text: '192.0.2.1:5353', host: '192.0.2.1', port: 5_353 },
    { text: 'ns.shop.test', host: 'ns.shop.test', port: 53 },
    { text: 'ns.shop.test:5353', host: 'ns.shop.test', port: 5_353 },
    { text: '[2001:db8::1]:5353', host: '2001:db8::1', port: 5_353 },
    { text: '[2001:db8::1]', host: '2001:db8::1', port: 53 },
    { text: '2001:db8::1', host: '2001:db8::1', port: 53 },
  ])('$text', ({ text, host, port }) => {
    expect(parseServer(text, 'auto')).toEqual({ endpoint: { host, port } })
  })

  test('over TLS', () => {
    expect(parseServer('dns.test', 'tls').endpoint).toEqual({ host: 'dns.test', port: 853 })
  })

  test.each([
    { text: 'dns.test', url: 'https://dns.test/dns-query', host: 'dns.test', port: 443 },
    {
      text: '[2001:db8::1]:8443',
      url: 'https://[2001:db8::1]:8443/dns-query',
      host: '2001:db8::1',
      port: 8_443,
    },
    { text: 'https://dns.test/q?a=1', url: 'https://dns.test/q?a=1', host: 'dns.test', port: 443 },
    {
      text: 'https://[2001:db8::1]/q',
      url: 'https://[2001:db8::1]/q',
      host: '2001:db8::1',
      port: 443,
    },
  ])('over HTTPS: $text', ({ text, url, host, port }) => {
    expect(parseServer(text, 'https')).toEqual({ endpoint: { host, port }, url: new URL(url) })
  })
})
