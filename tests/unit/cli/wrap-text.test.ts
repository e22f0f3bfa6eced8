import { expect, test } from 'vitest'
import { wrapText } from '../../../src/cli/wrap-text.ts'

test.each([
  {
    why: 'prose breaks between words',
    text: 'one two\nthree four',
    width: 9,
    lines: ['one two', 'three', 'four'],
  },
  {
    why: 'a long word stands alone',
    text: 'a https://shop.test/ b',
    width: 9,
    lines: ['a', 'https://shop.test/', 'b'],
  },
  {
    why: 'paragraphs stay apart',
    text: '\none two\n\nthree',
    width: 5,
    lines: ['', 'one', 'two', '', 'three'],
  },
  {
    why: 'a list goes on below its second column',
    text: 'Words:\n  A   one two\n  BB  three four\n  none',
    width: 12,
    lines: ['Words:', '  A   one', '      two', '  BB  three', '      four', '  none'],
  },
  { why: 'the last line break stays', text: 'one two\n', width: 4, lines: ['one', 'two', ''] },
])('$why', ({ text, width, lines }) => {
  expect(wrapText(text, width)).toBe(lines.join('\n'))
})
