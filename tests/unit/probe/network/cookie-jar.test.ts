import { describe, expect, test } from 'vitest'
import { createCookieJar } from '../../../../src/probe/network/cookie-jar.ts'

const NOW = Date.parse('2026-03-13T14:46:00Z')
const from = 'https://www.shop.test/account/login'

/** What goes along to an address after one answer. */
function sent(setCookie: string | string[], to: string, answered = from): string | undefined {
  const jar = createCookieJar(() => NOW)
  jar.take(new URL(answered), [setCookie].flat())
  return jar.headerFor(new URL(to))
}

test.each([
  { why: 'the same host', cookie: 'a=1', to: 'https://www.shop.test/account/', goes: true },
  { why: 'another port', cookie: 'a=1', to: 'https://www.shop.test:8443/account/x', goes: true },
  { why: 'another path', cookie: 'a=1', to: 'https://www.shop.test/', goes: false },
  {
    why: 'a path that begins alike',
    cookie: 'a=1',
    to: 'https://www.shop.test/accounts',
    goes: false,
  },
  { why: 'the path it names', cookie: 'a=1; Path=/', to: 'https://www.shop.test/x', goes: true },
  { why: 'another host', cookie: 'a=1; Path=/', to: 'https://shop.test/', goes: false },
  { why: 'a host below', cookie: 'a=1; Path=/', to: 'https://m.www.shop.test/', goes: false },
  {
    why: 'the domain it names',
    cookie: 'a=1; Path=/; Domain=.Shop.test',
    to: 'https://api.shop.test/',
    goes: true,
  },
  {
    why: 'a domain that ends alike',
    cookie: 'a=1; Path=/; Domain=shop.test',
    to: 'https://workshop.test/',
    goes: false,
  },
  {
    why: 'a domain that is not its own',
    cookie: 'a=1; Path=/; Domain=other.test',
    to: 'https://other.test/',
    goes: false,
  },
  {
    why: 'a whole top level',
    cookie: 'a=1; Path=/; Domain=test',
    to: 'https://other.test/',
    goes: false,
  },
  {
    why: 'plain HTTP, when secure',
    cookie: 'a=1; Path=/; Secure',
    to: 'http://www.shop.test/',
    goes: false,
  },
  {
    why: 'HTTPS, when secure',
    cookie: 'a=1; Path=/; secure',
    to: 'https://www.shop.test/',
    goes: true,
  },
  {
    why: 'a life that is over',
    cookie: 'a=1; Path=/; Max-Age=0',
    to: 'https://www.shop.test/',
    goes: false,
  },
  {
    why: 'an end that was before',
    cookie: 'a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    to: 'https://www.shop.test/',
    goes: false,
  },
  {
    why: 'an age that stands above an end',
    cookie: 'a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60',
    to: 'https://www.shop.test/',
    goes: true,
  },
  {
    why: '__Host- as it must be',
    cookie: '__Host-a=1; Path=/; Secure',
    to: 'https://www.shop.test/',
    goes: true,
  },
  {
    why: '__Host- with a domain',
    cookie: '__Host-a=1; Path=/; Secure; Domain=shop.test',
    to: 'https://www.shop.test/',
    goes: false,
  },
  {
    why: '__Secure- that is not',
    cookie: '__Secure-a=1; Path=/',
    to: 'https://www.shop.test/',
    goes: false,
  },
  { why: 'no name', cookie: '=1; Path=/', to: 'https://www.shop.test/', goes: false },
  {
    why: 'too long',
    cookie: `a=${'x'.repeat(5_000)}; Path=/`,
    to: 'https://www.shop.test/',
    goes: false,
  },
])('$why: goes along is $goes', ({ cookie, to, goes }) => {
  expect(sent(cookie, to) !== undefined).toBe(goes)
})

test('a secure cookie is not taken over plain HTTP', () => {
  expect(sent('a=1; Path=/; Secure', 'https://www.shop.test/', 'http://www.shop.test/')).toBe(
    undefined,
  )
})

test('an address is a site of its own, and no domain', () => {
  expect(sent('a=1; Path=/; Domain=0.0.1', 'http://127.0.0.1/', 'http://127.0.0.1/')).toBe(
    undefined,
  )
  expect(sent('a=1; Path=/', 'http://127.0.0.1/', 'http://127.0.0.1/')).toBe('a=1')
})

describe('several', () => {
  test('the more exact path goes first, a later value replaces an earlier', () => {
    expect(
      sent(['a=1; Path=/', 'b=2; Path=/account', 'a=3; Path=/'], 'https://www.shop.test/account'),
    ).toBe('b=2; a=3')
  })

  test('no more are kept than a hundred, the newest ones', () => {
    const many = Array.from({ length: 150 }, (_, i) => `c${i}=1; Path=/`)
    const pairs = sent(many, 'https://www.shop.test/')?.split('; ')
    expect(pairs).toHaveLength(100)
    expect(pairs?.at(-1)).toBe('c149=1')
  })

  test('the header has a bound', () => {
    const many = Array.from({ length: 50 }, (_, i) => `c${i}=${'x'.repeat(3_000)}; Path=/`)
    expect(sent(many, 'https://www.shop.test/')?.length).toBeLessThanOrEqual(16 * 1024)
  })

  test('one that ends during the run goes along no longer', () => {
    let now = NOW
    const jar = createCookieJar(() => now)
    const url = new URL('https://www.shop.test/')
    jar.take(url, ['a=1; Max-Age=10'])
    now += 9_000
    expect(jar.headerFor(url)).toBe('a=1')
    now += 2_000
    expect(jar.headerFor(url)).toBe(undefined)
  })
})
