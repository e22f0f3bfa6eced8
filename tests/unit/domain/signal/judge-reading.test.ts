import { expect, test } from 'vitest'
import {
  type Held,
  judgeReading,
  type NumberRule,
  type Reading,
} from '../../../../src/domain/signal/judge-reading.ts'

const MINUTE = 60_000
const rule: NumberRule = { above: 0.05, forMs: 3 * MINUTE }

const number = (value: number): Reading => ({ kind: 'number', value })
const none: Reading = { kind: 'no_data', reason: 'the result is empty' }
const unknown: Reading = { kind: 'unknown', reason: 'it answered 503' }

/** Readings one minute apart, or `gap` where that is what stands there; tells what each meant. */
function play(readings: (Reading | 'gap')[], played = rule): string[] {
  let held: Held = {}
  let isFiring = false
  let now = 1_000 * MINUTE
  return readings.flatMap((reading) => {
    now += reading === 'gap' ? 30 * MINUTE : MINUTE
    if (reading === 'gap') return []
    const verdict = judgeReading(reading, played, { held, isFiring, freshMs: 2.2 * MINUTE, now })
    held = verdict.held
    if (verdict.kind !== 'unchanged') isFiring = verdict.kind === 'firing'
    return [isFiring ? 'firing' : 'quiet']
  })
}

const bad = number(0.1)
const good = number(0.01)

test.each([
  {
    why: 'bad for the whole hold-down, and not before',
    readings: [bad, bad, bad, bad, bad],
    says: ['quiet', 'quiet', 'quiet', 'firing', 'firing'],
  },
  {
    why: 'a good one in between begins it anew',
    readings: [bad, bad, bad, good, bad, bad],
    says: ['quiet', 'quiet', 'quiet', 'quiet', 'quiet', 'quiet'],
  },
  {
    why: 'no number in between neither ends nor counts',
    readings: [bad, bad, none, bad],
    says: ['quiet', 'quiet', 'quiet', 'firing'],
  },
  {
    why: 'what was not seen for long is not known to have lasted',
    readings: [bad, bad, 'gap' as const, bad, bad],
    says: ['quiet', 'quiet', 'quiet', 'quiet'],
  },
  {
    why: 'nothing is known: it stays what it was',
    readings: [bad, bad, bad, bad, none, unknown, none, unknown, none],
    says: ['quiet', 'quiet', 'quiet', ...Array.from({ length: 6 }, () => 'firing')],
  },
  {
    why: 'it is over after as long of good ones',
    readings: [bad, bad, bad, bad, good, good, good, good],
    says: ['quiet', 'quiet', 'quiet', 'firing', 'firing', 'firing', 'firing', 'quiet'],
  },
  {
    why: 'exactly the limit is not above it',
    readings: [number(0.05), number(0.05), number(0.05), number(0.05)],
    says: ['quiet', 'quiet', 'quiet', 'quiet'],
  },
])('$why', ({ readings, says }) => {
  expect(play(readings)).toEqual(says)
})

test.each([
  { why: 'at least so much is above', value: 10_000, bounds: { above: 100 }, says: 'firing' },
  { why: 'at least so much may be above', value: 50, bounds: { above: 100 }, says: 'quiet' },
  { why: 'at least so much may not be below', value: 5, bounds: { below: 10 }, says: 'quiet' },
  { why: 'at least so much is not below', value: 50, bounds: { below: 10 }, says: 'quiet' },
])('$why: $says', ({ value, bounds, says }) => {
  const reading: Reading = { kind: 'number', value, atLeast: true }
  expect(play([reading], { ...bounds, forMs: 0 })).toEqual([says])
})

test('says in words what it decides, and since when', () => {
  const before = judgeReading(bad, rule, {
    ...{ held: {}, isFiring: false, freshMs: 2 * MINUTE, now: 0 },
  })
  expect(before.reason).toBe('0.1, above 0.05 is bad for 0 ms of 3 min')
  const verdict = judgeReading(number(0.123456), rule, {
    held: { turning: { isBad: true, since: 0, lastAt: 3 * MINUTE } },
    ...{ isFiring: false, freshMs: 2 * MINUTE, now: 4 * MINUTE },
  })
  expect(verdict).toMatchObject({
    kind: 'firing',
    since: 0,
    reason: '0.1235, above 0.05 is bad for 4 min',
  })
})
