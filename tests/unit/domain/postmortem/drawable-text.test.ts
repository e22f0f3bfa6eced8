import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawableText } from '../../../../src/domain/postmortem/drawable-text.ts'

/** A font with printable ASCII, and é. */
const has = (code: number) => (code >= 0x20 && code < 0x7f) || code === 0xe9

test.each([
  { why: 'what the font has stays', text: 'café, 5 % < 6 %', drawn: 'café, 5 % < 6 %' },
  { why: 'letters that are composed are looked for as one', text: 'cafe\u0301', drawn: 'café' },
  { why: 'signs of ours say the same in letters', text: 'a → b ✓ ≤ 5', drawn: 'a -> b yes <= 5' },
  { why: 'with the sign that makes them colourful', text: '⚠️ full', drawn: '(warning) full' },
  { why: 'forms of letters are those letters', text: 'ﬁle Ｔ①', drawn: 'file T1' },
  { why: 'a script that the font lacks', text: '注意 it', drawn: '[U+6CE8 U+610F] it' },
  { why: 'a sign beyond the first 65,536', text: 'so 🦊!', drawn: 'so [U+1F98A]!' },
  { why: 'several that are one picture', text: '👩‍🚒', drawn: '[U+1F469 U+1F692]' },
  { why: 'lines stay lines', text: 'one\ntwo\t3', drawn: 'one\ntwo\t3' },
])('$why: $text', ({ text, drawn }) => {
  expect(drawableText(text, has)).toEqual({ text: drawn, hasNumbers: drawn.includes('U+') })
})

test('whatever was written, the font can draw what comes of it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const drawn = drawableText(text, has).text.replaceAll(/[\t\n\r]/g, '')
      expect([...drawn].filter((sign) => !has(sign.codePointAt(0) ?? 0))).toEqual([])
    }),
  )
})
