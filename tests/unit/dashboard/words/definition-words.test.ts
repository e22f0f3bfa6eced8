import { expect, test } from 'vitest'
import { optionWords, targetWords } from '../../../../src/dashboard/words/definition-words.ts'
import { expectationWords } from '../../../../src/dashboard/words/matcher-words.ts'
import { DURATION_SUBJECTS, type Expectation } from '../../../../src/protocol/expectation.ts'
import { aCheck } from '../../../support/builders.ts'

test.each([
  { check: aCheck('http'), expected: 'GET http://127.0.0.1/' },
  { check: aCheck('api'), expected: '1 request, one after the other' },
  {
    check: aCheck('dns'),
    expected: "A records of shop.test, asked at the system's name server",
  },
  {
    check: aCheck('dns', { server: '192.0.2.53', recordType: 'MX' }),
    expected: 'MX records of shop.test, asked at 192.0.2.53',
  },
  { check: aCheck('tls'), expected: 'TLS with 127.0.0.1:443' },
  {
    check: aCheck('tls', { host: '::1', port: 25, startTls: 'smtp' }),
    expected: 'TLS with [::1]:25, after smtp turned to it',
  },
  {
    check: aCheck('tcp', { tls: true, dialogue: [{ send: 'PING' }, { expect: 'PONG' }] }),
    expected: 'a connection to 127.0.0.1:80 over TLS, then a dialogue of 2 turns',
  },
  { check: aCheck('icmp'), expected: '3 echo requests of 56 bytes to 127.0.0.1' },
  { check: aCheck('websocket'), expected: 'a WebSocket to ws://127.0.0.1/' },
  { check: aCheck('grpc'), expected: 'gRPC health of the whole server at 127.0.0.1:443' },
  {
    check: aCheck('smtp', { security: 'starttls' }),
    expected: 'an SMTP greeting of 127.0.0.1:25, then STARTTLS',
  },
  {
    check: aCheck('postgres'),
    expected: 'whether PostgreSQL accepts connections at 127.0.0.1:5432',
  },
  {
    check: aCheck('postgres', {
      security: 'verify',
      login: { user: 'ada', database: 'shop', query: 'SELECT 1', writeTable: 'writes' },
    }),
    expected:
      'a query of PostgreSQL at 127.0.0.1:5432 over TLS with a certificate that is trusted, and a write that is rolled back',
  },
  { check: aCheck('heartbeat'), expected: 'a job that reports by itself, at most 1 min late' },
  {
    check: aCheck('journey'),
    expected: 'the journey storefront/homepage.journey.ts from http://127.0.0.1/, in a browser',
  },
])('a check of kind $check.kind: $expected', ({ check, expected }) => {
  expect(targetWords(check)).toBe(expected)
})

test('options are told by name, secrets by their names only, certificates by their number', () => {
  const check = aCheck('http', {
    retry: { on: 'network', times: 2 },
    headers: { accept: 'text/html' },
    auth: { basic: { username: 'ada', password: 'SHOP_PASSWORD' } },
    trustedRoots: '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n',
    compression: false,
    secrets: [],
  })
  expect(optionWords(check)).toEqual([
    ['time limit', '5.0 s'],
    ['repeated at once', 'after a failure of the network, 2 times at most'],
    ['headers', 'accept: text/html'],
    ['redirects followed at most', '5'],
    ['signs in with', 'basic: username: ada, password: SHOP_PASSWORD'],
    ['trusts besides the system', '1 certificate'],
    ['compression', 'no'],
  ])
})

const expects = (overrides: Partial<Expectation>): Expectation => ({
  level: 'must',
  subject: 'body',
  matcher: {},
  ...overrides,
})

test.each([
  { given: expects({ subject: 'status', matcher: { equals: 200 } }), expected: 'status is 200' },
  {
    given: expects({ subject: 'total', matcher: { max: 800 } }),
    expected: 'total at most 800 ms',
  },
  {
    given: expects({ subject: 'daysLeft', matcher: { min: 14 } }),
    expected: 'daysLeft at least 14',
  },
  {
    given: expects({ subject: 'ttl', matcher: { min: 1, max: 60 } }),
    expected: 'ttl from 1 to 60',
  },
  {
    given: expects({ subject: 'header', key: 'server', matcher: { absent: true } }),
    expected: 'header server is absent',
  },
  { given: expects({ matcher: { absent: false } }), expected: 'body is there' },
  {
    given: expects({ matcher: { contains: ['a', 'b'], matches: '^x' } }),
    expected: 'body contains “a” and “b”, matches /^x/',
  },
  {
    given: expects({ matcher: { not: { contains: 'error' } } }),
    expected: 'body not: contains “error”',
  },
  {
    given: expects({ subject: 'answer', matcher: { quantifier: 'all', oneOf: ['a', 'b'] } }),
    expected: 'answer each is one of a, b',
  },
  {
    given: expects({ subject: 'answer', matcher: { exact: [{ equals: 'a' }, { matches: 'b' }] } }),
    expected: 'answer are exactly, in any order: is a; matches /b/',
  },
  {
    given: expects({ subject: 'json', key: '$.items', matcher: { count: { min: 3 } } }),
    expected: 'json $.items how many: at least 3',
  },
  {
    given: expects({ subject: 'trusted', matcher: { equals: true } }),
    expected: 'trusted is true',
  },
])('$expected', ({ given, expected }) => {
  expect(expectationWords(given)).toBe(expected)
})

test.each([...DURATION_SUBJECTS])('%s is told as a duration', (subject) => {
  expect(expectationWords(expects({ subject, matcher: { max: 1_500 } }))).toBe(
    `${subject} at most 1.5 s`,
  )
})
