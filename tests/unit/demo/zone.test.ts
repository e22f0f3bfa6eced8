import { type DecodedPacket, decode, encode, type Packet, type Question } from 'dns-packet'
import { expect, test } from 'vitest'
import { answerQuery } from '../../../src/demo/zone.ts'

/** Wider than `Question`: the library's types leave out ANY, which its code has. */
type Asked = { name?: string; type?: string; class?: string }

/** A query as it comes from the wire. */
const aQuery = (question: Asked, more: Partial<Packet> = {}): DecodedPacket =>
  decode(
    encode({
      type: 'query',
      questions: [{ name: 'shop.test', type: 'A', class: 'IN', ...question } as Question],
      ...more,
    }),
  )

const NO_ERROR = 0
const FORMAT_ERROR = 1
const NO_NAME = 3
const NOT_IMPLEMENTED = 4
const REFUSED = 5

const rcodeOf = (packet: Packet | undefined) => (packet?.flags ?? 0) & 0xf
const isAuthoritative = (packet: Packet | undefined) => Boolean((packet?.flags ?? 0) & (1 << 10))

test.each<{ question: Asked; data: unknown[]; why: string }>([
  { question: {}, data: ['127.0.0.1'], why: 'the shop has an address' },
  { question: { name: 'SHOP.test' }, data: ['127.0.0.1'], why: 'names have no case' },
  {
    question: { name: 'www.shop.test' },
    data: ['shop.test', '127.0.0.1'],
    why: 'an alias brings its target',
  },
  {
    question: { name: 'www.shop.test', type: 'CNAME' },
    data: ['shop.test'],
    why: 'unless the alias itself is wanted',
  },
  { question: { type: 'NS' }, data: ['ns.shop.test'], why: 'the zone has a name server' },
  {
    question: { type: 'MX' },
    data: [{ preference: 10, exchange: 'mail.shop.test' }],
    why: 'and a mail server',
  },
  { question: { type: 'TXT' }, data: [['v=spf1 -all']], why: 'and a text' },
  {
    question: { name: 'ns.shop.test' },
    data: ['127.0.0.1'],
    why: 'the name server has an address',
  },
])('$why', ({ question, data }) => {
  const answer = answerQuery(aQuery(question), false)

  expect(answer?.answers?.map((record) => 'data' in record && record.data)).toEqual(data)
  expect(isAuthoritative(answer)).toBe(true)
})

test.each<{ question: Asked; rcode: number; isOurs: boolean; why: string }>([
  { question: { type: 'AAAA' }, rcode: NO_ERROR, isOurs: true, why: 'no IPv6 address is no error' },
  {
    question: { name: 'no.shop.test' },
    rcode: NO_NAME,
    isOurs: true,
    why: 'a name below that is not there',
  },
  { question: { name: 'a.b.no.shop.test' }, rcode: NO_NAME, isOurs: true, why: 'far below' },
  {
    question: { name: 'example.com' },
    rcode: REFUSED,
    isOurs: false,
    why: 'another zone is not ours',
  },
  {
    question: { name: 'notshop.test' },
    rcode: REFUSED,
    isOurs: false,
    why: 'nor one that ends alike',
  },
  { question: { name: 'test' }, rcode: REFUSED, isOurs: false, why: 'nor the zone above' },
  { question: { type: 'ANY' }, rcode: REFUSED, isOurs: false, why: 'nobody gets everything' },
  { question: { type: 'AXFR' }, rcode: REFUSED, isOurs: false, why: 'nobody gets the zone' },
  { question: { class: 'CH' }, rcode: REFUSED, isOurs: false, why: 'only the Internet is served' },
])('$why: code $rcode', ({ question, rcode, isOurs }) => {
  const answer = answerQuery(aQuery(question), false)

  expect(rcodeOf(answer)).toBe(rcode)
  expect(answer?.answers).toEqual([])
  expect(isAuthoritative(answer)).toBe(isOurs)
  // Resolvers take from it how long to remember the denial (RFC 2308).
  expect(answer?.authorities?.map(({ type }) => type)).toEqual(isOurs ? ['SOA'] : [])
})

test('while the zone is gone, even its own name does not exist', () => {
  const answer = answerQuery(aQuery({}), true)
  expect(rcodeOf(answer)).toBe(NO_NAME)
  expect(answer?.authorities).toMatchObject([{ type: 'SOA', name: 'shop.test' }])
})

test('says back whether recursion was wanted, and never offers it', () => {
  const recursionDesired = 1 << 8
  const recursionAvailable = 1 << 7
  const wanted = answerQuery(aQuery({}, { flags: recursionDesired }), false)
  expect((wanted?.flags ?? 0) & recursionDesired).toBeTruthy()
  expect((wanted?.flags ?? 0) & recursionAvailable).toBe(0)
  expect((answerQuery(aQuery({}), false)?.flags ?? 0) & recursionDesired).toBe(0)
})

test('ignores answers, refuses what it cannot do, and what has not one question', () => {
  const two = { questions: [...(aQuery({}).questions ?? []), ...(aQuery({}).questions ?? [])] }
  expect(answerQuery(aQuery({}, { type: 'response' }), false)).toBeUndefined()
  expect(rcodeOf(answerQuery(aQuery({}, { flags: 5 << 11 }), false))).toBe(NOT_IMPLEMENTED)
  expect(rcodeOf(answerQuery(aQuery({}, { questions: [] }), false))).toBe(FORMAT_ERROR)
  expect(rcodeOf(answerQuery(aQuery({}, two), false))).toBe(FORMAT_ERROR)
})
