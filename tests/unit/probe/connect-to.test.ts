import { expect, test } from 'vitest'
import { ConnectToVariable } from '../../../src/probe/connect-to.ts'

const rulesOf = (text: string | undefined) => ConnectToVariable.parse(text)

test.each([
  { text: undefined, why: 'the variable is not set' },
  { text: '', why: 'it is empty' },
  { text: ' , ,', why: 'it holds only commas' },
])('there are no rules when $why', ({ text }) => {
  const connectTo = rulesOf(text)
  expect(connectTo.rules).toEqual([])
  expect(connectTo.find('shop.test', 443)).toBeUndefined()
})

test.each([
  { ask: ['shop.test', 443], goes: { host: '127.0.0.1', port: 9_443 }, why: 'it is named' },
  {
    ask: ['SHOP.test', 443],
    goes: { host: '127.0.0.1', port: 9_443 },
    why: 'case does not matter',
  },
  { ask: ['shop.test', 80], goes: undefined, why: 'another port has no rule' },
  { ask: ['www.shop.test', 443], goes: undefined, why: 'another name has no rule' },
  { ask: ['::1', 53], goes: { host: 'fe80::1', port: 5_353 }, why: 'an IPv6 address' },
  { ask: ['[::1]', 53], goes: { host: 'fe80::1', port: 5_353 }, why: 'an IPv6 address as in URLs' },
] as const)('$ask goes to $goes: $why', ({ ask: [host, port], goes }) => {
  const connectTo = rulesOf('shop.test:443=127.0.0.1:9443, [::1]:53=[fe80::1]:5353')
  expect(connectTo.find(host, port)).toEqual(goes)
})

test.each([
  { text: 'shop.test=127.0.0.1:1', wrong: 'shop.test=127.0.0.1:1', why: 'a port is missing' },
  { text: 'shop.test:443', wrong: 'shop.test:443', why: 'it goes nowhere' },
  { text: 'a:1=b:2,shop.test:https=b:3', wrong: 'shop.test:https=b:3', why: 'a port is no number' },
  { text: '::1:53=b:3', wrong: '::1:53=b:3', why: 'IPv6 without brackets' },
])('names the rule that is wrong: $why', ({ text, wrong }) => {
  const { error } = ConnectToVariable.safeParse(text)
  expect(error?.issues.map(({ message }) => message)).toEqual([
    `"${wrong}": expected host:port=host:port`,
  ])
})

test('names every rule that is wrong, not only the first', () => {
  expect(ConnectToVariable.safeParse('x,a:1=b:2,y').error?.issues).toHaveLength(2)
})
