import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Assertion, Matcher } from '../../../src/protocol/expectation.ts'
import {
  judgeExpectations,
  type SubjectValue,
  subjectName,
  type TryPattern,
} from '../../../src/protocol/judge-expectations.ts'

const plainTrial: TryPattern = (pattern, text) =>
  new RegExp(pattern, 'u').test(text) ? 'matches' : 'differs'

function judgeOne(
  subject: string,
  value: SubjectValue | undefined,
  matcher: Matcher,
  tryPattern: TryPattern = plainTrial,
): Assertion {
  const observed = new Map(value === undefined ? [] : [[subject, value] as const])
  const [assertion] = judgeExpectations([{ level: 'must', subject, matcher }], observed, tryPattern)
  if (!assertion) throw new Error('one expectation gives one assertion')
  return assertion
}

describe('whether it holds', () => {
  test.each<{
    why: string
    subject: string
    value?: SubjectValue
    matcher: Matcher
    held: boolean
  }>([
    { why: 'the same status', subject: 'status', value: 200, matcher: { equals: 200 }, held: true },
    {
      why: 'the class of the status',
      subject: 'status',
      value: 204,
      matcher: { equals: '2xx' },
      held: true,
    },
    {
      why: 'another class',
      subject: 'status',
      value: 302,
      matcher: { equals: '2xx' },
      held: false,
    },
    {
      why: 'one of several',
      subject: 'status',
      value: 301,
      matcher: { oneOf: [200, '3xx'] },
      held: true,
    },
    {
      why: 'a class is a class only of a status',
      subject: 'issuer',
      value: '200',
      matcher: { equals: '2xx' },
      held: false,
    },
    {
      why: 'a header with the number',
      subject: 'header',
      value: '42',
      matcher: { equals: 42 },
      held: true,
    },
    {
      why: 'a header is a text: 042 is not 42',
      subject: 'header',
      value: '042',
      matcher: { equals: '42' },
      held: false,
    },
    {
      why: 'no number is not zero',
      subject: 'header',
      value: '',
      matcher: { equals: 0 },
      held: false,
    },
    { why: 'true', subject: 'trusted', value: true, matcher: { equals: true }, held: true },
    { why: 'not true', subject: 'trusted', value: false, matcher: { equals: true }, held: false },
    {
      why: 'a part of the text',
      subject: 'body',
      value: 'Featured lamps',
      matcher: { contains: 'lamp' },
      held: true,
    },
    {
      why: 'not in this case',
      subject: 'body',
      value: 'Featured lamps',
      matcher: { contains: 'Lamp' },
      held: false,
    },
    {
      why: 'a pattern',
      subject: 'body',
      value: 'Featured lamps',
      matcher: { matches: 'l.mp' },
      held: true,
    },
    { why: 'exactly the least', subject: 'daysLeft', value: 14, matcher: { min: 14 }, held: true },
    {
      why: 'less than the least',
      subject: 'daysLeft',
      value: 13,
      matcher: { min: 14 },
      held: false,
    },
    { why: 'exactly the most', subject: 'total', value: 800, matcher: { max: 800 }, held: true },
    {
      why: 'a little more than the most',
      subject: 'total',
      value: 800.01,
      matcher: { max: 800 },
      held: false,
    },
    {
      why: 'a text that is no number has no size',
      subject: 'header',
      value: 'x',
      matcher: { min: 0 },
      held: false,
    },
    {
      why: 'all keys must hold',
      subject: 'body',
      value: 'lamps',
      matcher: { contains: 'lamp', equals: 'x' },
      held: false,
    },
    {
      why: 'any element of a list',
      subject: 'answer',
      value: ['a', 'b'],
      matcher: { equals: 'b' },
      held: true,
    },
    {
      why: 'one element must satisfy every key',
      subject: 'answer',
      value: ['ab', 'c'],
      matcher: { contains: 'a', matches: 'c' },
      held: false,
    },
    {
      why: 'no element of an empty list',
      subject: 'answer',
      value: [],
      matcher: { contains: '' },
      held: false,
    },
    {
      why: 'what is missing is not equal to anything',
      subject: 'status',
      matcher: { equals: '–' },
      held: false,
    },
    { why: 'absent and missing', subject: 'header', matcher: { absent: true }, held: true },
    {
      why: 'absent, but an empty text is there',
      subject: 'header',
      value: '',
      matcher: { absent: true },
      held: false,
    },
    {
      why: 'not absent, and there',
      subject: 'header',
      value: '',
      matcher: { absent: false },
      held: true,
    },
    { why: 'not absent, but missing', subject: 'header', matcher: { absent: false }, held: false },
  ])('$why', ({ subject, value, matcher, held }) => {
    expect(judgeOne(subject, value, matcher).held).toBe(held)
  })
})

describe('how it reads', () => {
  test.each<{
    subject: string
    value?: SubjectValue
    matcher: Matcher
    expected: string
    actual: string
  }>([
    { subject: 'status', value: 502, matcher: { equals: '2xx' }, expected: '2xx', actual: '502' },
    {
      subject: 'status',
      value: 502,
      matcher: { oneOf: [200, 301] },
      expected: '200 or 301',
      actual: '502',
    },
    {
      subject: 'total',
      value: 812.3456,
      matcher: { max: 800 },
      expected: 'at most 800 ms',
      actual: '812.3 ms',
    },
    {
      subject: 'total',
      value: 812,
      matcher: { max: 800 },
      expected: 'at most 800 ms',
      actual: '812 ms',
    },
    {
      subject: 'ttl',
      value: 5,
      matcher: { min: 60, max: 90 },
      expected: 'at least 60 and at most 90',
      actual: '5',
    },
    {
      subject: 'body',
      value: 'sold\n out',
      matcher: { contains: 'Lamp' },
      expected: 'containing "Lamp"',
      actual: '"sold out" (9 characters)',
    },
    {
      subject: 'body',
      value: '',
      matcher: { matches: 'L+' },
      expected: 'matching /L+/',
      actual: 'an empty body',
    },
    {
      subject: 'answer',
      value: ['a', 'b'],
      matcher: { equals: 'c' },
      expected: 'c',
      actual: 'a, b',
    },
    { subject: 'answer', value: [], matcher: { equals: 'c' }, expected: 'c', actual: '–' },
    { subject: 'protocol', matcher: { equals: 'TLSv1.3' }, expected: 'TLSv1.3', actual: '–' },
    {
      subject: 'protocol',
      value: 'TLSv1.2',
      matcher: { absent: true },
      expected: 'none',
      actual: 'TLSv1.2',
    },
  ])(
    '$subject: expected $expected, got $actual',
    ({ subject, value, matcher, expected, actual }) => {
      expect(judgeOne(subject, value, matcher)).toMatchObject({ expected, actual, held: false })
    },
  )

  test('a header is named with its key', () => {
    const expectation = {
      level: 'should',
      subject: 'header',
      key: 'x-a',
      matcher: { equals: 1 },
    } as const
    const [assertion] = judgeExpectations([expectation], new Map([['header x-a', '1']]), plainTrial)
    expect(assertion).toEqual({
      level: 'should',
      subject: 'header x-a',
      expected: '1',
      actual: '1',
      held: true,
    })
  })

  test('a long body is shown by its beginning', () => {
    const { actual } = judgeOne('body', 'lamp '.repeat(1_000), { equals: 'x' })
    expect(actual.length).toBeLessThan(160)
    expect(actual).toMatch(/^"lamp lamp .*…" \(5000 characters\)$/)
  })

  test('a pattern that takes too long says so', () => {
    const slow: TryPattern = () => 'took_too_long'
    expect(judgeOne('body', 'x', { matches: '(a+)+$' }, slow)).toMatchObject({
      actual: 'pattern took longer than 100 ms',
      held: false,
    })
  })

  test('a slow pattern is not even tried where something else is broken already', () => {
    const never: TryPattern = () => {
      throw new Error('must not be tried')
    }
    expect(judgeOne('body', 'x', { contains: 'y', matches: 'x' }, never).held).toBe(false)
  })
})

describe('lists of values', () => {
  const answers = ['192.0.2.1', '192.0.2.2', '198.51.100.7']
  test.each<{ why: string; value: SubjectValue | undefined; matcher: Matcher; held: boolean }>([
    { why: 'one of them', value: answers, matcher: { equals: '192.0.2.2' }, held: true },
    { why: 'none of them is it', value: answers, matcher: { equals: '10.0.0.1' }, held: false },
    {
      why: 'all of them, and one is not',
      value: answers,
      matcher: { quantifier: 'all', matches: '^192' },
      held: false,
    },
    {
      why: 'all of them are',
      value: answers,
      matcher: { quantifier: 'all', matches: '^19' },
      held: true,
    },
    {
      why: 'all of nothing holds nothing',
      value: [],
      matcher: { quantifier: 'all', matches: '.' },
      held: false,
    },
    {
      why: 'none may be, and one is',
      value: answers,
      matcher: { quantifier: 'none', contains: '100' },
      held: false,
    },
    {
      why: 'none is',
      value: answers,
      matcher: { quantifier: 'none', matches: '^10' },
      held: true,
    },
    {
      why: 'none of nothing is fine',
      value: [],
      matcher: { quantifier: 'none', matches: '.' },
      held: true,
    },
    {
      why: 'none of what was never observed is not',
      value: undefined,
      matcher: { quantifier: 'none', matches: '.' },
      held: false,
    },
    {
      why: 'exactly these, in another order',
      value: answers,
      matcher: {
        exact: [{ equals: '198.51.100.7' }, { equals: '192.0.2.2' }, { equals: '192.0.2.1' }],
      },
      held: true,
    },
    {
      why: 'patterns that overlap are given to values one to one',
      value: answers,
      matcher: { exact: [{ matches: '^1' }, { matches: '^192' }, { equals: '192.0.2.1' }] },
      held: true,
    },
    {
      why: 'one pattern cannot stand for two values',
      value: ['192.0.2.1', '10.0.0.1'],
      matcher: { exact: [{ equals: '192.0.2.1' }, { matches: '^192' }] },
      held: false,
    },
    {
      why: 'one more than exactly these',
      value: answers,
      matcher: { exact: [{ equals: '192.0.2.1' }] },
      held: false,
    },
    { why: 'exactly none', value: [], matcher: { exact: [] }, held: true },
    { why: 'enough of them', value: answers, matcher: { count: { min: 3 } }, held: true },
    { why: 'too many of them', value: answers, matcher: { count: { max: 2 } }, held: false },
    {
      why: 'one of them must not be there, and is',
      value: answers,
      matcher: { not: { equals: '192.0.2.1' } },
      held: false,
    },
    {
      why: 'one of two things that must not be there is',
      value: 'a Fatal error',
      matcher: { not: { contains: ['Warning', 'Fatal'] } },
      held: false,
    },
    {
      why: 'neither of two things that must not be there is',
      value: 'all is well',
      matcher: { contains: ['all', 'well'], not: { contains: 'Fatal', matches: 'err' } },
      held: true,
    },
    {
      why: 'one of several texts is missing',
      value: 'all is well',
      matcher: { contains: ['all', 'good'] },
      held: false,
    },
  ])('$why', ({ value, matcher, held }) => {
    expect(judgeOne('answer', value, matcher).held).toBe(held)
  })

  test('a pattern that took too long holds nothing, not even that it must not match', () => {
    const slow = judgeOne('body', 'text', { not: { matches: 'x' } }, () => 'took_too_long')
    expect(slow).toMatchObject({ held: false, actual: 'pattern took longer than 100 ms' })
  })

  test.each([
    [{ quantifier: 'all', min: 1 }, 'all at least 1'],
    [{ exact: [{ equals: 'a' }, { matches: '^b' }] }, 'exactly a, matching /^b/'],
    [{ exact: [] }, 'no value'],
    [{ count: { min: 2 } }, 'at least 2 of them'],
    [{ contains: ['a', 'b'] }, 'containing "a" and "b"'],
    [
      { contains: 'a', not: { contains: ['b', 'c'] } },
      'containing "a" and not containing "b" or "c"',
    ],
  ] satisfies [Matcher, string][])('%o reads: %s', (matcher, words) => {
    expect(judgeOne('answer', ['x'], matcher).expected).toBe(words)
  })
})

test.each([
  { status: 204, expected: '200-204', held: true },
  { status: 205, expected: '200-204', held: false },
  { status: 199, expected: '200-204', held: false },
])('$status in the range $expected: $held', ({ status, expected, held }) => {
  expect(judgeOne('status', status, { oneOf: [expected] }).held).toBe(held)
})

test('every expectation gets one assertion in its place, whatever was observed', () => {
  const value = fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.array(fc.string()))
  const scalar = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean())
  const matcher = fc.record(
    {
      equals: scalar,
      oneOf: fc.array(scalar),
      contains: fc.string(),
      min: fc.double(),
      max: fc.double(),
      absent: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(value, matcher)), (cases) => {
      const expectations = cases.map(([, written], i) => ({
        level: 'must' as const,
        subject: `s${i}`,
        matcher: written,
      }))
      const observed = new Map<string, SubjectValue>(cases.map(([seen], i) => [`s${i}`, seen]))
      const assertions = judgeExpectations(expectations, observed, plainTrial)
      expect(assertions.map(({ subject }) => subject)).toEqual(cases.map((_, i) => `s${i}`))
      // What is above its limit never holds.
      for (const [i, [seen, written]] of cases.entries()) {
        if (written.max !== undefined && typeof seen === 'number' && seen > written.max)
          expect(assertions[i]?.held && written.absent !== true).toBe(false)
      }
    }),
  )
})

test('what is shown of a long text takes no time, however often it is looked at', () => {
  const body = ' a\n'.repeat(700_000)
  const before = process.threadCpuUsage()
  for (let count = 0; count < 10; count++)
    expect(judgeOne('body', body, { equals: 'b' }).actual).toMatch(
      /^"a a .*…" \(2100000 characters\)$/,
    )
  const { user, system } = process.threadCpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(100)
})

test.each([
  { subject: 'step', key: 'go to checkout', actual: '900 ms' },
  { subject: 'lcp', key: undefined, actual: '900 ms' },
  { subject: 'json', key: 'total', actual: '900' },
])('$subject $key is told as $actual', ({ subject, key, actual }) => {
  const name = subjectName(subject, key)
  const expectation = { level: 'must' as const, subject, matcher: { max: 800 } }
  const written = key === undefined ? expectation : { ...expectation, key }
  const [assertion] = judgeExpectations([written], new Map([[name, 900]]), plainTrial)
  expect(assertion).toMatchObject({ subject: name, actual, held: false })
})
