import { encode } from 'dns-packet'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CheckError } from '../../../../src/probe/checks/check-runner.ts'
import { parseServer } from '../../../../src/probe/checks/dns.ts'
import { encodeQuery, readReply } from '../../../../src/probe/network/dns-message.ts'
import { zoneText } from '../../../../src/probe/network/zone-text.ts'

const query = { id: 4_711, name: 'shop.test', type: 'A' } as const

const good = encode({
  type: 'response',
  id: query.id,
  questions: [{ type: 'A', name: 'shop.test' }],
  answers: [
    { type: 'A', name: 'shop.test', ttl: 60, data: '192.0.2.1' },
    { type: 'TXT', name: 'shop.test', ttl: 60, data: ['one', 'two'] },
    { type: 'MX', name: 'shop.test', ttl: 60, data: { preference: 1, exchange: 'mail.test' } },
    { type: 'SOA', name: 'shop.test', ttl: 60, data: { mname: 'ns.test', rname: 'ops.test' } },
    { type: 'SRV', name: 'shop.test', ttl: 60, data: { port: 1, target: 'a.test' } },
    { type: 'CAA', name: 'shop.test', ttl: 60, data: { tag: 'issue', value: 'ca.test' } },
    { type: 'NSEC', name: 'shop.test', ttl: 60, data: { nextDomain: 'b.test', rrtypes: ['A'] } },
  ],
})

test('whatever arrives is an answer, none of ours, or malformed: nothing else is thrown', () => {
  const changes = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 })
  fc.assert(
    fc.property(changes, fc.nat(good.length), (changed, length) => {
      const message = Buffer.from(good)
      for (const [at, byte] of changed) message[at] = byte
      try {
        const reply = readReply(message.subarray(0, length), query)
        expect(reply?.answers.map(zoneText).every((text) => typeof text === 'string')).not.toBe(
          false,
        )
      } catch (error) {
        expect(error).toBeInstanceOf(CheckError)
        expect((error as CheckError).type).toBe('dns.malformed')
      }
    }),
    { numRuns: 3_000 },
  )
})

test('extended codes are not read as success', () => {
  const message = encode({
    type: 'response',
    id: query.id,
    questions: [{ type: 'A', name: 'shop.test' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: 1_232,
        extendedRcode: 1,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  })
  expect(readReply(message, query)?.rcode).toBe('RCODE_16')
})

test('a name that cannot be asked for is refused before it becomes bytes', () => {
  const name = `${'a'.repeat(64)}.test`
  expect(() => encodeQuery({ ...query, name })).toThrow('a label of more than 63 bytes')
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
    expect(parseServer(text)).toEqual({ host, port })
  })
})
