import { describe, expect, test } from 'vitest'
import { MalformedMessage, MessageReader } from '../../../../src/probe/network/dns-reader.ts'
import { typeCode, zoneText } from '../../../../src/probe/network/zone-text.ts'
import { DnsRecordType } from '../../../../src/protocol/kinds/dns.ts'
import { SVCB_VECTORS } from '../../../support/svcb-vectors.ts'

const textOf = (type: DnsRecordType, hex: string) =>
  zoneText(typeCode(type), new MessageReader(Buffer.from(hex.replace(/\s/g, ''), 'hex')))

describe('services, by the vectors of RFC 9460', () => {
  test.each(SVCB_VECTORS)('$text', ({ text, wire }) => {
    expect(zoneText(typeCode('SVCB'), new MessageReader(wire))).toBe(text)
    expect(zoneText(typeCode('HTTPS'), new MessageReader(wire))).toBe(text)
  })
})

const ONE = '0001 00'
test.each([
  { why: 'the same key twice', hex: `${ONE} 0002 0000 0002 0000`, words: 'out of order' },
  {
    why: 'keys out of order',
    hex: `${ONE} 0003 0002 0035 0001 0003 02 6832`,
    words: 'out of order',
  },
  { why: 'a value longer than the record', hex: `${ONE} 0003 00ff 0035`, words: 'behind its end' },
  { why: 'a port of three bytes', hex: `${ONE} 0003 0003 003501`, words: 'port is longer' },
  { why: 'a port of one byte', hex: `${ONE} 0003 0001 35`, words: 'behind its end' },
  { why: 'no-default-alpn with a value', hex: `${ONE} 0002 0001 00`, words: 'no-default-alpn is' },
  { why: 'an empty alpn', hex: `${ONE} 0001 0000`, words: 'alpn is empty' },
  { why: 'an empty list of addresses', hex: `${ONE} 0004 0000`, words: 'ipv4hint is empty' },
  { why: 'half an address', hex: `${ONE} 0006 0008 20010db800000000`, words: 'behind its end' },
  { why: 'a cut key', hex: `${ONE} 00`, words: 'behind its end' },
  { why: 'a cut protocol', hex: `${ONE} 0001 0003 05 6832`, words: 'behind its end' },
])('a service with $why is malformed', ({ hex, words }) => {
  const read = () => textOf('SVCB', hex)
  expect(read).toThrow(MalformedMessage)
  expect(read).toThrow(words)
})

const shop = '04 73686f70 04 74657374 00'

describe('data of each type that can be asked for', () => {
  const rows: { type: DnsRecordType; hex: string; text: string }[] = [
    { type: 'A', hex: 'c0000201', text: '192.0.2.1' },
    { type: 'AAAA', hex: '20010db8000000000001000000000001', text: '2001:db8::1:0:0:1' },
    { type: 'AAAA', hex: '00000000000000000000ffffc0000201', text: '::ffff:192.0.2.1' },
    { type: 'CAA', hex: '80 05 6973737565 63612e74657374', text: '128 issue "ca.test"' },
    { type: 'CNAME', hex: shop, text: 'shop.test.' },
    { type: 'CNAME', hex: '03 612e62 00', text: 'a\\.b.' },
    { type: 'DNSKEY', hex: '0101 03 0d 00ff', text: '257 3 13 AP8=' },
    { type: 'DS', hex: '0001 0d 02 abcd', text: '1 13 2 ABCD' },
    { type: 'HTTPS', hex: '0001 00 0001 0003 02 6832', text: '1 . alpn="h2"' },
    { type: 'MX', hex: `000a ${shop}`, text: '10 shop.test.' },
    { type: 'NAPTR', hex: '0001 0002 01 75 00 02 2161 00', text: '1 2 "u" "" "!a" .' },
    { type: 'NS', hex: '00', text: '.' },
    { type: 'PTR', hex: shop, text: 'shop.test.' },
    {
      type: 'SOA',
      hex: `${shop} ${shop} 00000001 00000002 00000003 00000004 ffffffff`,
      text: 'shop.test. shop.test. 1 2 3 4 4294967295',
    },
    { type: 'SRV', hex: `0001 0002 01bb ${shop}`, text: '1 2 443 shop.test.' },
    { type: 'SVCB', hex: '0000 00', text: '0 .' },
    { type: 'TLSA', hex: '03 01 01 abcd', text: '3 1 1 ABCD' },
    { type: 'TXT', hex: '03 612262 02 c3bc 00', text: '"a\\"b" "\\195\\188" ""' },
  ]

  test.each(rows)('$type: $text', ({ type, hex, text }) => {
    expect(textOf(type, hex)).toBe(text)
  })

  test('none is missing', () => {
    const shown = new Set(rows.map(({ type }) => type))
    // A question only: no record has it.
    expect(DnsRecordType.options.filter((type) => !shown.has(type))).toEqual(['ANY'])
  })

  test('of an unknown type is as RFC 3597 has it', () => {
    const unknown = (hex: string) => zoneText(65_400, new MessageReader(Buffer.from(hex, 'hex')))
    expect(unknown('0a0b')).toBe('\\# 2 0A0B')
    expect(unknown('')).toBe('\\# 0')
  })
})
