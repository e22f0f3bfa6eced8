import { expect, test } from 'vitest'
import {
  ageWords,
  axisTime,
  clockTime,
  countdownWords,
  fullTime,
  momentWords,
  zoneWords,
} from '../../../../src/dashboard/words/time-words.ts'
import { at } from '../../../support/builders.ts'

const MIN = 60_000

test.each([
  { ms: 3_900, expected: '3 s', why: 'seconds count down to whole ones' },
  { ms: 12 * MIN + 59_000, expected: '12 min', why: 'minutes alone are enough for an age' },
  { ms: 120 * MIN, expected: '2 h', why: 'no zero is said' },
  { ms: 125 * MIN, expected: '2 h 5 min', why: 'hours keep their minutes' },
  { ms: 50 * 60 * MIN, expected: '2 d', why: 'days alone from two on' },
  { ms: -500, expected: '0 s', why: 'a clock that is a little ahead makes nothing negative' },
])('an age of $ms ms is $expected: $why', ({ ms, expected }) => {
  expect(ageWords(ms)).toBe(expected)
})

test.each([
  { ms: 90_000, expected: '1 min 30 s' },
  { ms: 30 * MIN, expected: '30 min 0 s' },
  { ms: 8_001, expected: '9 s' },
  { ms: -1, expected: '0 s' },
])('$ms ms left are $expected', ({ ms, expected }) => {
  expect(countdownWords(ms)).toBe(expected)
})

const instant = at('2026-03-13T14:46:10Z')

test.each([
  { zone: 'UTC', time: '14:46:10', full: 'Fri 13 Mar 2026, 14:46:10 UTC', name: 'UTC (GMT+0)' },
  {
    zone: 'Europe/Berlin',
    time: '15:46:10',
    full: 'Fri 13 Mar 2026, 15:46:10 CET',
    name: 'Europe/Berlin (GMT+1)',
  },
  {
    zone: 'America/St_Johns',
    time: '12:16:10',
    full: 'Fri 13 Mar 2026, 12:16:10 GMT-2:30',
    name: 'America/St_Johns (GMT-2:30)',
  },
])('in $zone the time is told with its zone', ({ zone, time, full, name }) => {
  expect(clockTime(instant, zone)).toBe(time)
  expect(fullTime(instant, zone)).toBe(full)
  expect(zoneWords(instant, zone)).toBe(name)
})

test('a moment of another day carries its date, by the day of the zone', () => {
  const now = at('2026-03-13T23:30:00Z')
  expect(momentWords(instant, now, 'UTC')).toBe('14:46:10')
  expect(momentWords(instant, now, 'Asia/Kolkata')).toBe('13 Mar, 20:16:10')
})

test('the zone follows daylight saving', () => {
  expect(zoneWords(at('2026-07-01T12:00:00Z'), 'Europe/Berlin')).toBe('Europe/Berlin (GMT+2)')
})

test.each([
  { instant: '2026-03-13T14:46:10Z', stepMs: 60_000, expected: '14:46' },
  { instant: '2026-03-13T00:00:00Z', stepMs: 3_600_000, expected: '13 Mar' },
  { instant: '2026-03-13T12:00:00Z', stepMs: 86_400_000, expected: '13 Mar' },
])('on an axis: $expected', ({ instant, stepMs, expected }) => {
  expect(axisTime(Date.parse(instant), stepMs, 'UTC')).toBe(expected)
})
