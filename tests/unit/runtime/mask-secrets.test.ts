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
    why: 'in JSON in JSON',
    text: String.raw`{"body":"{\"p\":\"p&ss \\\"word\\\"\"}"}`,
    shown: String.raw`{"body":"{\"p\":\"[secret PASSWORD]\"}"}`,
  },
  {
    why: 'in JSON inside of HTML',
    text: String.raw`"p\u0026ss \"word\""`,
    shown: '"[secret PASSWORD]"',
  },
  { why: 'in the text of HTML', text: '<b>p&amp;ss "word"</b>', shown: '<b>[secret PASSWORD]</b>' },
  {
    why: 'in an attribute',
    text: 'value="p&amp;ss &quot;word&quot;"',
    shown: 'value="[secret PASSWORD]"',
  },
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

test.each(['', 'a', 'ab', 'user:', 'user1:'])(
  'in base64, behind "%s", no letter says more of it than where it began',
  (before) => {
    const secret = 'correct horse battery staple'
    const encoded = Buffer.from(`${before}${secret} and more`).toString('base64')

    const masked = createMask({ S: secret })(`Basic ${encoded}`)
    expect(masked).toContain('[secret S]')
    const left = masked.replace('Basic ', '').split('[secret S]')
    const readable = left.map((part) => Buffer.from(part, 'base64').toString('latin1')).join(' ')
    for (let i = 0; i + 3 <= secret.length; i++)
      expect(readable).not.toContain(secret.slice(i, i + 3))
  },
)

test('in a URL that is written in small letters', () => {
  expect(createMask({ S: 'p/ss?word' })('?p=p%2fss%3fword')).toBe('?p=[secret S]')
})

test('in HTML inside of JSON, and read as another character set', () => {
  const mask = createMask({ S: 'k&"ü-word' })
  expect(mask(String.raw`{"html":"<b>k&amp;\"ü-word</b>"}`)).toBe('{"html":"<b>[secret S]</b>"}')
  expect(mask('k&"Ã¼-word')).toBe('[secret S]')
})
