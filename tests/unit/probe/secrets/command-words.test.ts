import { expect, test } from 'vitest'
import { commandWords } from '../../../../src/probe/secrets/command-words.ts'
import { namesInCheck } from '../../../../src/probe/secrets/names-in-check.ts'

test.each([
  {
    why: 'words between spaces',
    text: ' vault read  -field=value secret/shop\n',
    words: ['vault', 'read', '-field=value', 'secret/shop'],
  },
  {
    why: 'a program alone',
    text: '/usr/local/bin/shop-password',
    words: ['/usr/local/bin/shop-password'],
  },
  {
    why: 'a JSON list, to the letter',
    text: '["sh", "-c", "echo \\"$A\\" | tr a b", ""]',
    words: ['sh', '-c', 'echo "$A" | tr a b', ''],
  },
])('$why', ({ text, words }) => {
  expect(commandWords(text)).toEqual({ words })
})

test.each([
  { why: 'a pipe', text: 'vault read x | head', says: 'no shell reads it' },
  { why: 'a variable', text: 'vault read $X', says: 'no shell reads it' },
  { why: 'quotes', text: "vault read 'a b'", says: 'no shell reads it' },
  { why: 'nothing', text: '  ', says: 'expected a program' },
  { why: 'no list', text: '["vault"', says: 'expected a JSON list of texts' },
  { why: 'a list of something else', text: '["vault", 1]', says: 'expected a JSON list of texts' },
  { why: 'an empty list', text: '[]', says: 'expected a JSON list of texts' },
  { why: 'no program', text: '["", "read"]', says: 'expected a JSON list of texts' },
  { why: 'a null character', text: '["a\\u0000b"]', says: 'expected a JSON list of texts' },
])('$why is refused with what was expected', ({ text, says }) => {
  expect(commandWords(text)).toEqual({ problem: expect.stringContaining(says) })
})

test('names of secrets are found wherever a definition may have them', () => {
  const check = {
    secrets: ['SHOP_PASSWORD'],
    request: {
      headers: { 'x-key': 'Bearer {{ API_KEY }}' },
      auth: { basic: { password: 'LOGIN' } },
    },
    url: 'https://shop.test/{{orderId}}',
    absent: undefined,
    list: [null, 1, true, { key: 'PROBE_KEY' }],
  }
  expect([...namesInCheck(check)].toSorted()).toEqual([
    'API_KEY',
    'LOGIN',
    'PROBE_KEY',
    'SHOP_PASSWORD',
  ])
})
