import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wordDiff } from '../../../../src/dashboard/words/word-diff.ts'

/** `[-removed-]`, `{+added+}`, and the rest as it is. */
const shown = (before: string, after: string) =>
  wordDiff(before, after)
    .map(({ kind, text }) =>
      kind === 'same' ? text : kind === 'removed' ? `[-${text}-]` : `{+${text}+}`,
    )
    .join('')

test.each([
  {
    why: 'nothing changed',
    before: 'It was the disk.',
    after: 'It was the disk.',
    diff: 'It was the disk.',
  },
  { why: 'the first words', before: '', after: 'It was', diff: '{+It was+}' },
  { why: 'all of it is gone', before: 'It was', after: '', diff: '[-It was-]' },
  {
    why: 'one word in the middle',
    before: 'It was the disk of db-1.',
    after: 'It was the network of db-1.',
    diff: 'It was the [-disk-]{+network+} of db-1.',
  },
  {
    why: 'words in two places',
    before: 'a b c d e f',
    after: 'a X c d Y f',
    diff: 'a [-b-]{+X+} c d [-e-]{+Y+} f',
  },
  {
    why: 'a sentence written anew',
    before: 'Yes. It was the disk.',
    after: 'Yes. Nobody had looked.',
    diff: 'Yes. [-It was the disk.-]{+Nobody had looked.+}',
  },
  {
    why: 'a sentence more at the end',
    before: 'We told them.',
    after: 'We told them. And often.',
    diff: 'We told them.{+ And often.+}',
  },
  {
    why: 'a line in between',
    before: 'one\ntwo\n',
    after: 'one\nnew\ntwo\n',
    diff: 'one\n{+new\n+}two\n',
  },
])('$why', ({ before, after, diff }) => {
  expect(shown(before, after)).toBe(diff)
})

test('what is the same and removed is the one text, what is the same and added the other', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c ', 'd\n', ' ', '  e'), { maxLength: 30 })
    .map((words) => words.join(' '))
  fc.assert(
    fc.property(text, text, (before, after) => {
      const parts = wordDiff(before, after)
      const without = (kind: string) =>
        parts.flatMap((part) => (part.kind === kind ? [] : [part.text])).join('')
      expect(without('added')).toBe(before)
      expect(without('removed')).toBe(after)
    }),
  )
})

test('texts that differ in too much to compare are told whole, and soon', () => {
  const words = (prefix: string) =>
    Array.from({ length: 4_000 }, (_, index) => `${prefix}${index}`).join(' ')
  const parts = wordDiff(`begin ${words('a')} end`, `begin ${words('b')} end`)
  expect(parts.map(({ kind }) => kind)).toEqual(['same', 'removed', 'added', 'same'])
})
