import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalHash } from '../../../src/definitions/canonical-hash.ts'
import { resolveCheck, type Surroundings } from '../../../src/definitions/resolve-check.ts'
import { CheckDefinition } from '../../../src/protocol/check.ts'
import { WrittenCheck } from '../../../src/protocol/check-file.ts'

const AROUND: Surroundings = {
  service: { id: 'shop', tier: 'core' },
  regions: ['eu-west', 'us-east', 'ap-south'],
  defaults: undefined,
  script: 'shop/buy.journey.ts',
  content: () => undefined,
}

const HTTP = { id: 'home', kind: 'http', url: 'https://shop.test/', every: '30s' }
const DNS = { id: 'names', kind: 'dns', name: 'shop.test', every: '30s' }
const TLS = { id: 'cert', kind: 'tls', host: 'shop.test', every: '1h' }
const JOURNEY = { id: 'buy', kind: 'journey', script: './buy.journey.ts', every: '1m' }

const resolve = (written: object, around: Partial<Surroundings> = {}) =>
  resolveCheck(WrittenCheck.parse(written), { ...AROUND, ...around })

const equals = (subject: string, value: unknown) => ({
  level: 'must',
  subject,
  matcher: { equals: value },
})

describe('what a check is when it says no more than it must', () => {
  const base = {
    serviceId: 'shop',
    tier: 'core',
    regions: ['eu-west', 'us-east', 'ap-south'],
    alert: { failuresToFire: 3, regionsMin: 2, passesToResolve: 2 },
  }
  test.each([
    {
      written: HTTP,
      resolved: {
        ...base,
        name: 'home',
        method: 'GET',
        headers: {},
        redirectsMax: 5,
        timeoutMs: 10_000,
        expectations: [equals('status', '2xx')],
      },
    },
    {
      written: DNS,
      resolved: {
        ...base,
        name: 'names',
        questionName: 'shop.test',
        recordType: 'A',
        timeoutMs: 10_000,
        expectations: [
          equals('rcode', 'NOERROR'),
          { level: 'must', subject: 'answerCount', matcher: { min: 1 } },
        ],
      },
    },
    {
      written: TLS,
      resolved: {
        ...base,
        name: 'cert',
        host: 'shop.test',
        port: 443,
        timeoutMs: 10_000,
        expectations: [equals('trusted', true), equals('hostNameMatches', true)],
      },
    },
    {
      written: JOURNEY,
      resolved: {
        ...base,
        name: 'buy',
        script: 'shop/buy.journey.ts',
        secrets: [],
        ignoreHttpsErrors: false,
        timeoutMs: 30_000,
        expectations: [],
      },
    },
  ])('$written.kind', ({ written, resolved }) => {
    const check = resolve(written)

    expect(check).toMatchObject(resolved)
    expect(CheckDefinition.parse(check)).toEqual(check)
  })
})

test.each([
  {
    why: 'a timeout ends with its interval',
    written: { ...HTTP, every: '5s' },
    resolved: { timeoutMs: 5_000 },
  },
  {
    why: 'so does that of a journey',
    written: { ...JOURNEY, every: '20s' },
    resolved: { timeoutMs: 20_000 },
  },
  {
    why: 'cron has no interval that would end it',
    written: { ...HTTP, every: undefined, cron: ' 0 6 * * * ' },
    resolved: {
      timeoutMs: 10_000,
      schedule: { kind: 'cron', expression: '0 6 * * *', timeZone: 'UTC' },
    },
  },
  {
    why: 'a single region is its own quorum',
    written: { ...HTTP, regions: ['eu-west'] },
    resolved: { regions: ['eu-west'], alert: { regionsMin: 1 } },
  },
  {
    why: "regions stand in the fleet's order, whatever the check's",
    written: { ...HTTP, regions: ['ap-south', 'eu-west'] },
    resolved: { regions: ['eu-west', 'ap-south'], alert: { regionsMin: 2 } },
  },
  {
    why: 'a status of its own replaces the implied one',
    written: { ...HTTP, expect: { status: [200, '3xx'] } },
    resolved: {
      expectations: [{ level: 'must', subject: 'status', matcher: { oneOf: [200, '3xx'] } }],
    },
  },
  {
    why: 'what should hold comes beside what must',
    written: { ...HTTP, should: { total: { max: '800ms' } } },
    resolved: {
      expectations: [
        equals('status', '2xx'),
        { level: 'should', subject: 'total', matcher: { max: 800 } },
      ],
    },
  },
  {
    why: 'who says what the answer is says that there is one',
    written: { ...DNS, expect: { answer: '192.0.2.1' } },
    resolved: { expectations: [equals('rcode', 'NOERROR'), equals('answer', '192.0.2.1')] },
  },
  {
    why: 'trust that must not be is not also implied',
    written: { ...TLS, expect: { trusted: false } },
    resolved: { expectations: [equals('hostNameMatches', true), equals('trusted', false)] },
  },
])('$why', ({ written, resolved }) => {
  expect(resolve(written)).toMatchObject(resolved)
})

test.each([
  {
    why: 'the defaults of the file come before those of the product',
    written: { ...HTTP, every: undefined },
    defaults: { every: '1m', timeout: '3s', tier: 'minor', regions: ['us-east'] },
    resolved: {
      schedule: { kind: 'interval', everyMs: 60_000 },
      timeoutMs: 3_000,
      tier: 'minor',
      regions: ['us-east'],
    },
  },
  {
    why: 'the check comes before the defaults',
    written: { ...HTTP, timeout: '1s', tier: 'standard', regions: ['eu-west'] },
    defaults: { every: '1m', timeout: '3s', tier: 'minor', regions: ['us-east'] },
    resolved: {
      schedule: { kind: 'interval', everyMs: 30_000 },
      timeoutMs: 1_000,
      tier: 'standard',
      regions: ['eu-west'],
    },
  },
  {
    why: 'cron of a check replaces the interval of the defaults, and takes their zone',
    written: { ...HTTP, every: undefined, cron: '0 6 * * *' },
    defaults: { every: '1m', timeZone: 'Europe/Berlin' },
    resolved: { schedule: { kind: 'cron', expression: '0 6 * * *', timeZone: 'Europe/Berlin' } },
  },
  {
    why: 'an alert takes from the defaults what it does not say',
    written: { ...HTTP, alert: { failuresToFire: 1 } },
    defaults: { alert: { failuresToFire: 5, regionsMin: 3 } },
    resolved: { alert: { failuresToFire: 1, regionsMin: 3, passesToResolve: 2 } },
  },
] as const)('$why', ({ written, defaults, resolved }) => {
  const check = resolve(written, { defaults: defaults as unknown as Surroundings['defaults'] })

  expect(check).toMatchObject(resolved)
})

test('what is not written is not there', () => {
  expect(Object.keys(resolve(HTTP))).not.toContain('body')
  expect(Object.keys(resolve(TLS))).not.toContain('trustedRoots')
})

test('the hash does not depend on the order of keys, and depends on everything else', () => {
  const json = fc.jsonValue()
  fc.assert(
    fc.property(fc.dictionary(fc.string(), json), (value) => {
      const reordered = Object.fromEntries(Object.entries(value).toReversed())
      expect(canonicalHash(reordered)).toBe(canonicalHash(value))
      expect(canonicalHash({ ...value, more: [value] })).not.toBe(canonicalHash(value))
    }),
  )
  expect(canonicalHash([1, 2])).not.toBe(canonicalHash([2, 1]))
})
