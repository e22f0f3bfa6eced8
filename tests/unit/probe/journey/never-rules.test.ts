import { expect, test } from 'vitest'
import { isForbidden, parseNeverRule } from '../../../../src/probe/journey/host/never-rules.ts'

const SHOP = 'https://shop.test'

test.each([
  { rule: `POST ${SHOP}/orders`, request: `POST ${SHOP}/orders`, is: true, why: 'the same' },
  { rule: `post ${SHOP}/orders`, request: `POST ${SHOP}/orders`, is: true, why: 'small letters' },
  { rule: `POST ${SHOP}/orders`, request: `GET ${SHOP}/orders`, is: false, why: 'other method' },
  { rule: `* ${SHOP}/orders`, request: `PUT ${SHOP}/orders`, is: true, why: 'any method' },
  { rule: `POST ${SHOP}/orders`, request: `POST ${SHOP}/orders?a=/b`, is: true, why: 'a query' },
  { rule: `POST ${SHOP}/orders`, request: `POST ${SHOP}/orders#x`, is: true, why: 'a fragment' },
  { rule: `POST ${SHOP}/orders`, request: `POST ${SHOP}/orders/1`, is: false, why: 'below it' },
  { rule: 'POST **/orders', request: `POST ${SHOP}/api/v1/orders`, is: true, why: 'any folder' },
  { rule: 'POST **/orders', request: `POST ${SHOP}/reorders`, is: false, why: 'a whole name' },
  { rule: `POST ${SHOP}/*/orders`, request: `POST ${SHOP}/a/orders`, is: true, why: 'one folder' },
  { rule: `POST ${SHOP}/*/orders`, request: `POST ${SHOP}/a/b/orders`, is: false, why: 'two' },
  { rule: 'POST /orders', request: `POST ${SHOP}/orders`, is: true, why: 'any origin' },
  { rule: 'POST /orders', request: 'POST http://a.test:81/orders', is: true, why: 'any port' },
  { rule: 'POST /orders', request: `POST ${SHOP}/x/orders`, is: false, why: 'from the root' },
  { rule: 'POST **/{orders,pay}', request: `POST ${SHOP}/pay`, is: true, why: 'one of both' },
  { rule: 'POST **/{orders,pay}', request: `POST ${SHOP}/payment`, is: false, why: 'neither' },
  { rule: 'GET **/a?b=1', request: `GET ${SHOP}/a?b=1`, is: true, why: 'a query in the rule' },
  { rule: 'GET **/a?b=1', request: `GET ${SHOP}/a?b=2`, is: false, why: 'another query' },
  { rule: 'GET **/a.b', request: `GET ${SHOP}/aXb`, is: false, why: 'a dot is a dot' },
])('$rule and $request, $why: $is', ({ rule, request, is }) => {
  const [method = '', url = ''] = request.split(' ')
  const parsed = parseNeverRule(rule)
  expect(isForbidden([parsed], { method, url })).toBe(is)

  // Chromium's own pattern only selects; it must never leave out what the rule forbids.
  const selected = new RegExp(
    `^${parsed.chromiumPattern.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`,
  )
  if (is) expect(url.replace(/#.*/, '')).toMatch(selected)
})

test.each(['POST', '', 'POST a b', '/orders', 'P0ST **/orders'])('"%s" is no rule', (rule) => {
  expect(() => parseNeverRule(rule)).toThrow(TypeError)
})
