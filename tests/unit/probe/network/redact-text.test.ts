import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCredentialName } from '../../../../src/probe/network/credential-names.ts'
import {
  redactAssignments,
  redactJson,
  redactPairs,
  redactText,
  redactUrl,
} from '../../../../src/probe/network/redact-text.ts'

describe('names of credentials', () => {
  test.each([
    'authorization',
    'Proxy-Authorization',
    'Cookie',
    'set-cookie',
    'x-api-key',
    'apiKey',
    'APIKEY',
    'access_token',
    'refreshToken',
    'clientSecret',
    'password',
    'passwd',
    'userPassword',
    'sessionid',
    'SESSION_ID',
    'x-auth-user',
    'x-csrf',
    'privatekey',
    'Ocp-Apim-Subscription-Key',
    'pin',
  ])('%s is one', (name) => expect(isCredentialName(name)).toBe(true))

  test.each([
    'author',
    'keyboard',
    'monkey',
    'content-type',
    'www-authenticate',
    'spin',
    'path',
    '',
  ])('%s is none', (name) => expect(isCredentialName(name)).toBe(false))
})

describe('JSON', () => {
  test.each([
    {
      why: 'a field',
      text: '{"token":"abc","sku":"lamp"}',
      redacted: '{"token":"[redacted]","sku":"lamp"}',
    },
    { why: 'a number', text: '{ "pin": 1234 }', redacted: '{ "pin": "[redacted]" }' },
    {
      why: 'all below a field',
      text: '{"auth":{"user":"ada","roles":["a",1]},"b":1}',
      redacted: '{"auth":{"user":"[redacted]","roles":["[redacted]","[redacted]"]},"b":1}',
    },
    {
      why: 'nothing else, to the last space',
      text: '{\n  "price": 1.0,\n "big": 12345678901234567890 }',
      redacted: '{\n  "price": 1.0,\n "big": 12345678901234567890 }',
    },
    {
      why: 'a list of tokens',
      text: '{"tokens":["a","b"]}',
      redacted: '{"tokens":["[redacted]","[redacted]"]}',
    },
    {
      why: 'text that was cut off',
      text: '{"a":1,"secret":"abc',
      redacted: '{"a":1,"secret":"[redacted]"',
    },
    {
      why: 'quotes in a value',
      text: '{"token":"a\\"b","x":"token"}',
      redacted: '{"token":"[redacted]","x":"token"}',
    },
    {
      why: 'a password in a query of GraphQL',
      text: '{"query":"{ login(password: \\"abc\\") { id } }"}',
      redacted: '{"query":"{ login(password: \\"[redacted]\\") { id } }"}',
    },
  ])('$why', ({ text, redacted }) => expect(redactJson(text)).toBe(redacted))

  test('of any shape loses each secret and nothing else', () => {
    const secret = 'c4n4ry'
    const marked = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(marked)
      if (typeof value !== 'object' || value === null) return value
      return {
        ...Object.fromEntries(
          Object.entries(value).map(([k, v]) => [`f-${k.replace(/\W/g, '')}`, marked(v)]),
        ),
        accessToken: { deep: [secret] },
      }
    }
    fc.assert(
      fc.property(fc.object({ maxDepth: 4 }), fc.nat(), (object, cut) => {
        const text = JSON.stringify(marked(object))
        expect(redactJson(text)).not.toContain(secret)
        expect(() => JSON.parse(redactJson(text))).not.toThrow()
        // Cut off anywhere, what stands before the cut is redacted as well.
        expect(redactJson(text.slice(0, cut % text.length))).not.toContain(secret)
      }),
      { numRuns: 200 },
    )
  })

  test('nested a hundred thousand deep is no danger', () => {
    const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    expect(redactJson(text)).toBe(text)
  })

  test('that never ends a string takes no time', () => {
    const startedAt = performance.now()
    redactJson(`{"a":"${'\\"'.repeat(500_000)}`)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

test.each([
  { text: 'a=1&password=abc&token=', redacted: 'a=1&password=[redacted]&token=[redacted]' },
  { text: 'pass%77ord=abc', redacted: 'pass%77ord=[redacted]' },
  { text: '%zz=1', redacted: '%zz=1' },
])('a form: $text', ({ text, redacted }) => expect(redactPairs(text)).toBe(redacted))

test.each([
  { text: 'token=abc; next', redacted: 'token=[redacted]; next' },
  { text: 'password = "a b", x', redacted: 'password = "[redacted]", x' },
  {
    text: '\\"password\\":\\"a\\\\\\"b\\",\\"c\\":1',
    redacted: '\\"password\\":\\"[redacted]\\",\\"c\\":1',
  },
  { text: "password: 'abc'", redacted: "password: '[redacted]'" },
  { text: 'password: hunter2', redacted: 'password: [redacted]' },
  { text: 'user: ada\npassword:hunter2\nx: 1', redacted: 'user: ada\npassword:[redacted]\nx: 1' },
  { text: 'Authorization: Bearer abc.def', redacted: 'Authorization: [redacted]' },
  { text: 'title="token=abc"', redacted: 'title="token=[redacted]"' },
  { text: `${'a'.repeat(200)}-token=abc`, redacted: `${'a'.repeat(200)}-token=[redacted]` },
  { text: 'the session expired: log in', redacted: 'the session expired: log in' },
])('a text: $text', ({ text, redacted }) => expect(redactAssignments(text)).toBe(redacted))

test.each([
  {
    text: '<input name="csrf_token" value="abc">',
    redacted: '<input name="csrf_token" value="[redacted]">',
  },
  {
    text: '<input type=password value=hunter2 class=wide>',
    redacted: '<input type=password value=[redacted] class=wide>',
  },
  {
    text: "<INPUT VALUE='a>b' TYPE='Password'>",
    redacted: "<INPUT VALUE='[redacted]' TYPE='Password'>",
  },
  {
    text: '<meta content="abc" name="csrf-token"/><p>',
    redacted: '<meta content="[redacted]" name="csrf-token"/><p>',
  },
  {
    text: '<input id=otp value="123456',
    redacted: '<input id=otp value="[redacted]',
  },
  { text: '<input name="sku" value="lamp">', redacted: '<input name="sku" value="lamp">' },
  { text: 'a < b && value="lamp"', redacted: 'a < b && value="lamp"' },
])('a page: $text', ({ text, redacted }) => expect(redactText(text)).toBe(redacted))

describe('64 KiB that are made to be slow take no time', () => {
  const LENGTH = 64 * 1024
  const filled = (piece: string, start = '') =>
    start + piece.repeat(Math.ceil((LENGTH - start.length) / piece.length))
  const PIECES = [
    'a',
    ' ',
    'a ',
    'a=',
    '=',
    '"',
    "a='",
    '\\',
    '\\"',
    '<a ',
    '<a "',
    "<a '",
    'a\n',
    'token=',
    'token="',
    'token:\\"\\\\',
    `${'a'.repeat(64)}=${' '.repeat(4_000)}`,
    `${'a'.repeat(64)} `,
    `<a ${'a'.repeat(64)}=${' '.repeat(4_000)}`,
  ]
  const STARTS = ['', `${'a'.repeat(64)}=`, 'token=', 'token="', '<input ', '<input name=', '{"']
  const texts = [...PIECES].flatMap((piece) => STARTS.map((start) => ({ piece, start })))

  test.each([
    { name: 'redactText', redact: redactText },
    { name: 'redactJson', redact: redactJson },
    { name: 'redactPairs', redact: redactPairs },
  ])('$name', ({ redact }) => {
    for (const { piece, start } of texts) {
      const text = filled(piece, start)
      expect(
        processorMs(() => redact(text)),
        `${start} ${piece.slice(0, 80)}`,
      ).toBeLessThan(100)
    }
  })

  test('of any piece', () => {
    const piece = fc.string({
      unit: fc.constantFrom(...'a= "\'<>\\:&-'),
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(piece, piece, (start, repeated) => {
        const text = filled(repeated, start)
        expect(processorMs(() => redactText(text))).toBeLessThan(100)
      }),
      { numRuns: 50 },
    )
  })
})

/** What the calculation itself took, whatever else the machine does. */
function processorMs(work: () => void): number {
  const before = process.threadCpuUsage()
  work()
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1_000
}

test.each([
  {
    url: 'https://ada:l%40mp@shop.test/a?q=lamp&t=1#x',
    redacted: 'https://[redacted]@shop.test/a?q=[redacted]&t=[redacted]',
  },
  { url: 'http://shop.test:81/', redacted: 'http://shop.test:81/' },
])('an address: $url', ({ url, redacted }) => expect(redactUrl(new URL(url))).toBe(redacted))
