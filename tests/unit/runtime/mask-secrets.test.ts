import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMask } from '../../../src/runtime/mask-secrets.ts'

const mask = createMask({ PASSWORD: 'p&ss "word"', PIN: '123', LONG: 'p&ss "word" and more' })

test.each([
  { why: 'as it is', text: 'typed p&ss "word"!', shown: 'typed [secret PASSWORD]!' },
  { why: 'in a URL', text: '?p=p%26ss%20%22word%22', shown: '?p=[secret PASSWORD]' },
  { why: 'in a form', text: 'p=p%26ss+%22word%22', shown: 'p=[secret PASSWORD]' },
  { why: 'in JSON', text: '{"p":"p&ss \\"word\\""}', shown: '{"p":"[secret PASSWORD]"}' },
  {
    why: 'every time',
    text: 'p&ss "word"p&ss "word"',
    shown: '[secret PASSWORD][secret PASSWORD]',
  },
  { why: 'the longer one first', text: 'p&ss "word" and more', shown: '[secret LONG]' },
  { why: 'too short to be one', text: 'pin 123', shown: 'pin 123' },
])('$why', ({ text, shown }) => {
  expect(mask(text)).toBe(shown)
})

test('no text keeps a secret of four characters or more', () => {
  const value = fc.string({ minLength: 4, maxLength: 12 }).filter((v) => !'[secret S]'.includes(v))
  fc.assert(
    fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
      const masked = createMask({ S: secret })(before + secret + after)
      expect(masked.replaceAll('[secret S]', '')).not.toContain(secret)
    }),
  )
})

test('half of a surrogate pair, as a target may give it, is no reason to stop', () => {
  const mask = createMask({ TOKEN: '\ud800abcd' })
  expect(mask('x \ud800abcd y')).toBe('x [secret TOKEN] y')
})
