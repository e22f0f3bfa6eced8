import { expect, test } from 'vitest'
import {
  bytesWords,
  count,
  joinNames,
  joinSome,
  percentWords,
  shortTime,
} from '../../../../src/dashboard/words/quantity.ts'

test.each([
  { got: count(1, 'check'), expected: '1 check' },
  { got: count(0, 'check'), expected: '0 checks' },
  { got: count(1_200, 'run'), expected: '1,200 runs' },
  { got: joinNames([]), expected: '' },
  { got: joinNames(['a']), expected: 'a' },
  { got: joinNames(['a', 'b', 'c']), expected: 'a, b and c' },
  { got: joinSome(['a', 'b', 'c', 'd']), expected: 'a, b, c and d' },
  { got: joinSome(['a', 'b', 'c', 'd', 'e']), expected: 'a, b, c and 2 more' },
  { got: bytesWords(640), expected: '640 B' },
  { got: bytesWords(2_400), expected: '2.4 kB' },
  { got: bytesWords(1_300_000), expected: '1.3 MB' },
  { got: percentWords(1, 3), expected: '33.3 %' },
  { got: percentWords(999_999, 1_000_000), expected: '99.9 %' },
  { got: percentWords(0, 0), expected: '–' },
])('$expected', ({ got, expected }) => {
  expect(got).toBe(expected)
})

test.each([
  { ms: 0.04, expected: '0.0 ms' },
  { ms: 9.94, expected: '9.9 ms' },
  { ms: 9.96, expected: '10 ms' },
  { ms: 1_240, expected: '1.2 s' },
])('a short time keeps a digit: $expected', ({ ms, expected }) => {
  expect(shortTime(ms)).toBe(expected)
})
