import { expect, test } from 'vitest'
import {
  Expectation,
  PATTERN_LENGTH_MAX,
  resolveExpectations,
} from '../../../src/protocol/expectation.ts'
import { DnsExpectations } from '../../../src/protocol/kinds/dns.ts'
import { HttpExpectations } from '../../../src/protocol/kinds/http.ts'
import { JourneyExpectations } from '../../../src/protocol/kinds/journey.ts'
import { TlsExpectations } from '../../../src/protocol/kinds/tls.ts'

test.each([
  { written: { status: 200 }, subject: 'status', matcher: { equals: 200 }, why: 'a bare value' },
  {
    written: { status: [200, '3xx'] },
    subject: 'status',
    matcher: { oneOf: [200, '3xx'] },
    why: 'a list',
  },
  {
    written: { body: { contains: 'Lamp' } },
    subject: 'body',
    matcher: { contains: 'Lamp' },
    why: 'a mapping',
  },
  {
    written: { body: { absent: true } },
    subject: 'body',
    matcher: { absent: true },
    why: 'absence',
  },
  {
    written: { total: { max: '800ms' } },
    subject: 'total',
    matcher: { max: 800 },
    why: 'a duration',
  },
  {
    written: { total: { min: '1s', max: '1m' } },
    subject: 'total',
    matcher: { min: 1_000, max: 60_000 },
    why: 'two durations',
  },
  {
    written: { bodyBytes: { min: 100 } },
    subject: 'bodyBytes',
    matcher: { min: 100 },
    why: 'a number',
  },
  {
    written: { body: { matches: '^\\d+$' } },
    subject: 'body',
    matcher: { matches: '^\\d+$' },
    why: 'a pattern',
  },
])('$why goes on the wire: $matcher', ({ written, subject, matcher }) => {
  const resolved = resolveExpectations('must', HttpExpectations.parse(written))
  expect(resolved).toEqual([{ level: 'must', subject, matcher }])
  expect(resolved.map((expectation) => Expectation.parse(expectation))).toEqual(resolved)
})

test('each header becomes one expectation, by its name in lower case', () => {
  const written = { headers: { 'Content-Type': { contains: 'html' }, 'X-Cache': ['HIT', 'MISS'] } }
  expect(resolveExpectations('should', HttpExpectations.parse(written))).toEqual([
    { level: 'should', subject: 'header', key: 'content-type', matcher: { contains: 'html' } },
    { level: 'should', subject: 'header', key: 'x-cache', matcher: { oneOf: ['HIT', 'MISS'] } },
  ])
})

test('nothing written expects nothing', () => {
  expect(resolveExpectations('must', undefined)).toEqual([])
  expect(resolveExpectations('must', { status: undefined })).toEqual([])
})

test.each([
  { schema: HttpExpectations, written: { statuss: 200 }, why: 'a key that is not known' },
  { schema: HttpExpectations, written: { status: 99 }, why: 'no status is so small' },
  { schema: HttpExpectations, written: { status: '6xx' }, why: 'no such class' },
  { schema: HttpExpectations, written: { status: [] }, why: 'a list of nothing' },
  { schema: HttpExpectations, written: { body: { matches: '(' } }, why: 'no regular expression' },
  {
    schema: HttpExpectations,
    written: { body: { matches: 'x'.repeat(PATTERN_LENGTH_MAX + 1) } },
    why: 'a pattern too long',
  },
  { schema: HttpExpectations, written: { body: { contain: 'x' } }, why: 'a misspelled comparison' },
  {
    schema: HttpExpectations,
    written: { total: { max: 800 } },
    why: 'a duration without its unit',
  },
  { schema: HttpExpectations, written: { total: '800ms' }, why: 'a duration that is no limit' },
  { schema: TlsExpectations, written: { daysLeft: '14' }, why: 'text where a number belongs' },
  { schema: DnsExpectations, written: { status: 200 }, why: 'a subject of another kind' },
  { schema: JourneyExpectations, written: { body: 'x' }, why: 'a journey has no body' },
])('refuses $why', ({ schema, written }) => {
  expect(schema.safeParse(written).success).toBe(false)
})
