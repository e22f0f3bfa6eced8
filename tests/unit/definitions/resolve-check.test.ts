import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalHash } from '../../../src/definitions/canonical-hash.ts'
import { resolveCheck, type Surroundings } from '../../../src/definitions/resolve-check.ts'
import { CheckDefinition } from '../../../src/protocol/check.ts'
import { WrittenCheck } from '../../../src/protocol/check-file.ts'

const AROUND: Surroundings = {
  service: { id: 'shop', tier: 'core' },
  regions: [{ id: 'eu-west' }, { id: 'us-east' }, { id: 'ap-south' }],
  defaults: undefined,
  script: 'shop/buy.journey.ts',
  content: () => undefined,
}

const HTTP = { id: 'home', kind: 'http', url: 'https://shop.test/', every: '30s' }
const DNS = { id: 'names', kind: 'dns', name: 'shop.test', every: '30s' }
const TLS = { id: 'cert', kind: 'tls', host: 'shop.test', every: '1h' }
const API = {
  id: 'flow',
  kind: 'api',
  every: '30s',
  requests: [{ name: 'open', url: 'https://shop.test/' }],
}
const TCP = { id: 'queue', kind: 'tcp', host: 'shop.test', port: 5672, every: '30s' }
const ICMP = { id: 'ping', kind: 'icmp', host: 'shop.test', every: '30s' }
const WEBSOCKET = { id: 'live', kind: 'websocket', url: 'wss://shop.test/live', every: '30s' }
const GRPC = { id: 'stock', kind: 'grpc', host: 'shop.test', port: 443, every: '30s' }
const SMTP = { id: 'mail', kind: 'smtp', host: 'mail.test', every: '30s' }
const POSTGRES = { id: 'orders-db', kind: 'postgres', host: 'db.test', every: '30s' }
const HEARTBEAT = { id: 'backup', kind: 'heartbeat', token: 'BACKUP_TOKEN', cron: '0 3 * * *' }
const JOURNEY = { id: 'buy', kind: 'journey', script: './buy.journey.ts', every: '1m' }

const resolve = (written: object, around: Partial<Surroundings> = {}) =>
  resolveCheck(WrittenCheck.parse(written), { ...AROUND, ...around })

const equals = (subject: string, value: unknown) => ({
  level: 'must',
  subject,
  matcher: { equals: value },
})

const SERVING = equals('servingStatus', 'SERVING')
const ANSWERED = { level: 'must', subject: 'answerCount', matcher: { min: 1 } }

test.each([
  { why: 'nothing', kind: GRPC, expect: undefined, implied: SERVING },
  { why: 'OK', kind: GRPC, expect: { grpcStatus: 'OK' }, implied: SERVING },
  { why: 'OK or another', kind: GRPC, expect: { grpcStatus: ['OK', 'UNKNOWN'] }, implied: SERVING },
  {
    why: 'anything but one',
    kind: GRPC,
    expect: { grpcStatus: { not: { equals: 'UNKNOWN' } } },
    implied: SERVING,
  },
  {
    why: 'anything at all',
    kind: GRPC,
    expect: { grpcStatus: { absent: false } },
    implied: SERVING,
  },
  { why: 'not OK', kind: GRPC, expect: { grpcStatus: { not: { equals: 'OK' } } } },
  { why: 'an error', kind: GRPC, expect: { grpcStatus: 'UNIMPLEMENTED' } },
  { why: 'one of errors', kind: GRPC, expect: { grpcStatus: { matches: '^UN' } } },
  { why: 'its status', kind: GRPC, expect: { servingStatus: 'NOT_SERVING' } },
  { why: 'no error', kind: DNS, expect: { rcode: 'NOERROR' }, implied: ANSWERED },
  { why: 'servers that agree', kind: DNS, expect: { nameServersAgree: true }, implied: ANSWERED },
  {
    why: 'a code out of two',
    kind: DNS,
    expect: { rcode: ['NOERROR', 'NXDOMAIN'] },
    implied: ANSWERED,
  },
  { why: 'no such name', kind: DNS, expect: { rcode: 'NXDOMAIN' } },
  { why: 'an answer', kind: DNS, expect: { answer: '192.0.2.1' } },
  { why: 'no answer', kind: DNS, expect: { answerCount: 0 } },
  { why: 'a referral', kind: DNS, expect: { rcode: 'NOERROR', authority: { contains: 'NS' } } },
  { why: 'a serial', kind: DNS, expect: { serial: { min: 1 } } },
])(
  '$kind.kind implies what goes without saying when it expects $why',
  ({ kind, expect: written, implied }) => {
    const { expectations } = resolve({ ...kind, expect: written })
    const said = kind === GRPC ? SERVING : ANSWERED
    if (implied) expect(expectations).toContainEqual(said)
    else expect(expectations).not.toContainEqual(said)
  },
)

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
      written: API,
      resolved: {
        ...base,
        timeoutMs: 20_000,
        redirectsMax: 5,
        requests: [{ name: 'open', url: 'https://shop.test/', method: 'GET', headers: {} }],
        expectations: [{ ...equals('status', '2xx'), part: 'open' }],
      },
    },
    { written: TCP, resolved: { ...base, port: 5672, tls: false, expectations: [] } },
    {
      written: ICMP,
      resolved: {
        ...base,
        count: 3,
        size: 56,
        expectations: [{ level: 'must', subject: 'received', matcher: { min: 1 } }],
      },
    },
    {
      written: WEBSOCKET,
      resolved: { ...base, headers: {}, expectations: [equals('status', 101)] },
    },
    {
      written: GRPC,
      resolved: {
        ...base,
        tls: true,
        service: '',
        metadata: {},
        expectations: [equals('servingStatus', 'SERVING')],
      },
    },
    {
      written: SMTP,
      resolved: { ...base, port: 25, security: 'none', expectations: [equals('code', 220)] },
    },
    {
      written: POSTGRES,
      resolved: {
        ...base,
        port: 5432,
        security: 'disable',
        expectations: [equals('state', 'accepting')],
      },
    },
    {
      written: { ...POSTGRES, user: 'ada', password: 'DB_PASSWORD', write: { table: 'ops.probe' } },
      resolved: {
        ...base,
        port: 5432,
        security: 'verify',
        login: {
          user: 'ada',
          password: 'DB_PASSWORD',
          database: 'ada',
          query: 'SELECT 1',
          writeTable: 'ops.probe',
        },
        expectations: [equals('state', 'accepting')],
      },
    },
    {
      written: HEARTBEAT,
      resolved: {
        ...base,
        regions: ['coordinator'],
        graceMs: 60_000,
        token: 'BACKUP_TOKEN',
        alert: { failuresToFire: 1, regionsMin: 1, passesToResolve: 1 },
        expectations: [equals('exitCode', 0)],
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
        recycle: 'when-worn',
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
    why: 'network kinds repeat a failure of the network once',
    written: HTTP,
    retry: { on: 'network', times: 1 },
  },
  { why: 'a journey repeats nothing', written: JOURNEY, retry: undefined },
  { why: 'a heartbeat cannot', written: HEARTBEAT, retry: undefined },
  { why: 'never', written: { ...HTTP, retry: 'never' }, retry: undefined },
  { why: 'any failure', written: { ...HTTP, retry: 'any' }, retry: { on: 'any', times: 1 } },
  {
    why: 'twice',
    written: { ...JOURNEY, retry: { on: 'any', times: 2 } },
    retry: { on: 'any', times: 2 },
  },
])('retries: $why', ({ written, retry }) => {
  expect(resolve(written).retry).toEqual(retry)
})

test('retries of the defaults are those of network kinds, not of journeys', () => {
  const defaults = { retry: 'any' } as Surroundings['defaults']
  expect(resolve(HTTP, { defaults }).retry).toEqual({ on: 'any', times: 1 })
  expect(resolve(JOURNEY, { defaults }).retry).toBeUndefined()
})

test.each([
  { body: 'a=1', text: 'a=1', type: undefined, method: 'GET' },
  { body: { text: 'hi', type: 'text/plain' }, text: 'hi', type: 'text/plain', method: 'GET' },
  { body: { json: { sku: 7 } }, text: '{"sku":7}', type: 'application/json', method: 'GET' },
  {
    body: { form: { q: 'a b', n: 2, t: '{{TOKEN}}' } },
    text: 'q=a+b&n=2&t={{TOKEN}}',
    type: 'application/x-www-form-urlencoded',
    method: 'GET',
  },
  {
    body: { graphql: { query: '{ shop }', variables: { a: 1 } } },
    text: '{"query":"{ shop }","variables":{"a":1}}',
    type: 'application/json',
    method: 'POST',
  },
])('a body of $body', ({ body, text, type, method }) => {
  const check = resolve({ ...HTTP, body })
  expect(check).toMatchObject({ body: text, method, headers: type ? { 'content-type': type } : {} })
})

test('a header of its own wins over the type of the body', () => {
  const check = resolve({ ...HTTP, headers: { 'Content-Type': 'a/b' }, body: { json: {} } })
  expect(check).toMatchObject({ headers: { 'Content-Type': 'a/b' } })
})

test('the content of named files: text, and bytes that are none', () => {
  const named = (content: string) =>
    resolve(
      { ...HTTP, body: { file: './a' } },
      { content: ([key]) => (key === 'body' ? content : undefined) },
    )
  expect(named('hello')).toMatchObject({ body: 'hello' })
  expect(named('base64:AAEC')).toMatchObject({ bodyBase64: 'AAEC' })
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
