import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeDuration, formatDuration, parseDuration } from '../../../src/base/duration.ts'

test.each([
  { text: '500ms', ms: 500 },
  { text: '30s', ms: 30_000 },
  { text: '5m', ms: 300_000 },
  { text: '1.5h', ms: 5_400_000 },
  { text: '2d', ms: 172_800_000 },
  { text: '0s', ms: 0 },
  { text: '0.5ms', ms: 1 },
])('reads $text as $ms ms', ({ text, ms }) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '5', '5 m', 's', '-5s', '+5s', '1e3s', '5min', '5M', '5m ', '.5s', '1h30m', '٣s'])(
  '"%s" is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
  },
)

test.each([
  { ms: 0, text: '0ms' },
  { ms: 999, text: '999ms' },
  { ms: 1_500, text: '1500ms' },
  { ms: 60_000, text: '1m' },
  { ms: 90_000, text: '90s' },
  { ms: 86_400_000, text: '1d' },
])('writes $ms ms as $text', ({ ms, text }) => {
  expect(formatDuration(ms)).toBe(text)
})

test('what is written is read as the same', () => {
  fc.assert(
    fc.property(fc.nat(), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms)
    }),
  )
})

test.each([
  { ms: 0, text: '0 ms' },
  { ms: 840.4, text: '840 ms' },
  { ms: 999.6, text: '1.0 s' },
  { ms: 2_140, text: '2.1 s' },
  { ms: 9_949, text: '9.9 s' },
  { ms: 9_999, text: '10 s' },
  { ms: 59_499, text: '59 s' },
  { ms: 59_600, text: '1 min' },
  { ms: 250_000, text: '4 min 10 s' },
  { ms: 3_599_600, text: '1 h' },
  { ms: 11_100_000, text: '3 h 5 min' },
  { ms: 47 * 3_600_000, text: '47 h' },
  { ms: 49 * 3_600_000, text: '2 d 1 h' },
])('tells $ms ms as $text', ({ ms, text }) => {
  expect(describeDuration(ms)).toBe(text)
})

test('never shows an amount that belongs to the next unit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
      expect(describeDuration(ms)).not.toMatch(/\b(1000 ms|10\.0 s|60 s|60 min)\b/)
    }),
  )
})
