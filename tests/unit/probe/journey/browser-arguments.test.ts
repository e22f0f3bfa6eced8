import { expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { browserArguments } from '../../../../src/probe/journey/browser-arguments.ts'

test('rules of where connections go become Chromium’s, IPv6 in brackets', () => {
  const rules = connectTo([
    { from: { host: 'shop.test', port: 80 }, to: { host: '127.0.0.1', port: 9001 } },
    { from: { host: 'shop.test', port: 443 }, to: { host: '::1', port: 9443 } },
  ])
  expect(browserArguments(rules, { isRoot: false })).toContain(
    '--host-resolver-rules=MAP shop.test:80 127.0.0.1:9001, MAP shop.test:443 [::1]:9443',
  )
})

test.each([
  { isRoot: true, why: 'root cannot have a sandbox' },
  { isRoot: false, why: 'anybody else gets none of our flags for it' },
])('$why', ({ isRoot }) => {
  const args = browserArguments(connectTo([]), { isRoot })
  expect(args.includes('--no-sandbox')).toBe(isRoot)
  expect(args.join(' ')).not.toContain('host-resolver-rules')
})
