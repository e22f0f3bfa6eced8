import { describe, expect, test } from 'vitest'
import { Expectation, resolveExpectations } from '../../../src/protocol/expectation.ts'
import { DnsExpectations } from '../../../src/protocol/kinds/dns.ts'
import { HttpExpectations } from '../../../src/protocol/kinds/http.ts'
import { TlsExpectations } from '../../../src/protocol/kinds/tls.ts'

const http = (written: object) => resolveExpectations('must', HttpExpectations.parse(written))
const dns = (written: object) => resolveExpectations('must', DnsExpectations.parse(written))
const tls = (written: object) => resolveExpectations('must', TlsExpectations.parse(written))

describe('what is written goes on the wire', () => {
  test.each([
    {
      why: 'a range of statuses',
      resolved: () => http({ status: ['200-204', '3xx'] }),
      wire: { subject: 'status', matcher: { oneOf: ['200-204', '3xx'] } },
    },
    {
      why: 'several texts that must all be there, and one that must not',
      resolved: () => http({ body: { contains: ['Lamps', 'Cart'], not: { contains: 'Fatal' } } }),
      wire: {
        subject: 'body',
        matcher: { contains: ['Lamps', 'Cart'], not: { contains: 'Fatal' } },
      },
    },
    {
      why: 'a path into JSON',
      resolved: () => http({ json: { '$.items[*].price': { all: { min: 1 } } } }),
      wire: {
        subject: 'json',
        key: '$.items[*].price',
        matcher: { min: 1, quantifier: 'all' },
      },
    },
    {
      why: 'a selector, with a bare value',
      resolved: () => http({ select: { h1: 'Lamps' } }),
      wire: { subject: 'select', key: 'h1', matcher: { equals: 'Lamps' } },
    },
    {
      why: 'a header by its lower-case name',
      resolved: () => http({ headers: { 'X-Cache': { not: { equals: 'MISS' } } } }),
      wire: { subject: 'header', key: 'x-cache', matcher: { not: { equals: 'MISS' } } },
    },
    {
      why: 'exactly these answers',
      resolved: () => dns({ answer: { exact: ['192.0.2.1', { matches: '^192' }] } }),
      wire: {
        subject: 'answer',
        matcher: { exact: [{ equals: '192.0.2.1' }, { matches: '^192' }] },
      },
    },
    {
      why: 'none of the answers, from a list',
      resolved: () => dns({ answer: { none: ['10.0.0.1', '10.0.0.2'] } }),
      wire: {
        subject: 'answer',
        matcher: { oneOf: ['10.0.0.1', '10.0.0.2'], quantifier: 'none' },
      },
    },
    {
      why: 'how many there are',
      resolved: () => dns({ answer: { count: { min: 2 } } }),
      wire: { subject: 'answer', matcher: { count: { min: 2 } } },
    },
    {
      why: 'a lowest protocol, as those that are at least it',
      resolved: () => tls({ protocol: { min: 'TLSv1.2' } }),
      wire: { subject: 'protocol', matcher: { oneOf: ['TLSv1.2', 'TLSv1.3'] } },
    },
    {
      why: 'a flag',
      resolved: () => dns({ authoritative: true }),
      wire: { subject: 'authoritative', matcher: { equals: true } },
    },
  ])('$why', ({ resolved, wire }) => {
    const [expectation, ...others] = resolved()
    expect(others).toEqual([])
    expect(expectation).toEqual({ level: 'must', ...wire })
    expect(Expectation.parse(expectation)).toEqual(expectation)
  })

  test('of one request, with its name', () => {
    expect(resolveExpectations('should', { status: 200 }, 'sign in')).toEqual([
      { level: 'should', subject: 'status', part: 'sign in', matcher: { equals: 200 } },
    ])
  })
})

describe('what cannot be meant is refused', () => {
  test.each([
    { why: 'a range that is none', written: { status: '200-' } },
    { why: 'nothing after not', written: { body: { not: {} } } },
    { why: 'a pattern that is none, inside', written: { body: { not: { matches: '(' } } } },
    { why: 'a lower limit above the upper', written: { json: { '$.a': { min: 2, max: 1 } } } },
    { why: 'two ways to say how many', written: { json: { '$.a': { any: 1, all: 2 } } } },
    {
      why: 'conditions beside a way to say how many',
      written: { json: { '$.a': { equals: 1, all: 2 } } },
    },
    { why: 'a mapping that is empty', written: { json: { '$.a': {} } } },
    { why: 'an empty list', written: { body: { contains: [] } } },
  ])('$why', ({ written }) => {
    expect(HttpExpectations.safeParse(written).success).toBe(false)
  })

  test('a protocol that nobody speaks', () => {
    expect(TlsExpectations.safeParse({ protocol: { min: 'SSLv3' } }).success).toBe(false)
  })
})
