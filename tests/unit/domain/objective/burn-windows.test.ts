import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  BURN_WINDOWS,
  burnDetectionMs,
  burnRateOf,
  burnResetMs,
} from '../../../../src/domain/objective/burn-windows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test('the published table of recommended windows: budget, burn rate, long and short window', () => {
  const table = BURN_WINDOWS.map((window) => ({
    action: window.action,
    budget: window.budgetShare,
    long: window.longMs / HOUR,
    short: window.shortMs / MINUTE,
    in30d: round(burnRateOf(window, 30 * DAY)),
    in28d: round(burnRateOf(window, 28 * DAY)),
    in7d: round(burnRateOf(window, 7 * DAY)),
  }))
  expect(table).toEqual([
    { action: 'page', budget: 0.02, long: 1, short: 5, in30d: 14.4, in28d: 13.44, in7d: 3.36 },
    { action: 'page', budget: 0.05, long: 6, short: 30, in30d: 6, in28d: 5.6, in7d: 1.4 },
    { action: 'ticket', budget: 0.1, long: 24, short: 120, in30d: 3, in28d: 2.8, in7d: 0.7 },
    { action: 'ticket', budget: 0.1, long: 72, short: 360, in30d: 1, in28d: 0.933, in7d: 0.233 },
  ])
})

const round = (value: number) => Number(value.toFixed(3))

test.each([
  { target: 0.999, seconds: [52, 130, 259, 259] },
  { target: 0.995, seconds: [259, 648, 1_296, 1_296] },
  { target: 0.99, seconds: [518, 1_296, 2_592, 2_592] },
])('a total outage is detected at $target after $seconds s', ({ target, seconds }) => {
  const found = BURN_WINDOWS.map((window) =>
    Math.round((burnDetectionMs(window, { target, periodMs: 30 * DAY }, 1) ?? 0) / 1_000),
  )
  expect(found).toEqual(seconds)
})

test.each([
  { burn: 1, badRatio: 0.001, exhausted: 30 * DAY },
  { burn: 2, badRatio: 0.002, exhausted: 15 * DAY },
  { burn: 10, badRatio: 0.01, exhausted: 3 * DAY },
  { burn: 1_000, badRatio: 1, exhausted: 43.2 * MINUTE },
])(
  'a burn rate of $burn at 99.9 % ends the budget in $exhausted ms',
  ({ burn, badRatio, exhausted }) => {
    expect(badRatio / (1 - 0.999)).toBeCloseTo(burn, 6)
    expect((30 * DAY) / burn).toBe(exhausted)
  },
)

test('the short window ends the page within minutes of the outage', () => {
  const objective = { target: 0.999, periodMs: 30 * DAY }
  const resets = BURN_WINDOWS.map((window) => burnResetMs(window, objective, 1) ?? 0)
  expect(resets.map((ms) => round(ms / MINUTE))).toEqual([4.928, 29.82, 119.64, 359.64])
})

test('a simulated failure is detected and forgotten when the formulas say', () => {
  const stepMs = 10_000
  fc.assert(
    fc.property(
      fc.constantFrom(...BURN_WINDOWS.slice(0, 2)),
      fc.constantFrom(0.99, 0.995, 0.999),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      (window, target, badRatio) => {
        const objective = { target, periodMs: 30 * DAY }
        const limit = burnRateOf(window, objective.periodMs) * (1 - target)
        const expected = burnDetectionMs(window, objective, badRatio)
        fc.pre(expected !== undefined && expected < window.longMs - stepMs)
        if (expected === undefined) return
        // Evenly bad from instant 0 on; everything before was good.
        const ratio = (nowMs: number, windowMs: number) =>
          (Math.min(nowMs, windowMs) * badRatio) / windowMs
        let firedAt = 0
        while (ratio(firedAt, window.longMs) <= limit || ratio(firedAt, window.shortMs) <= limit)
          firedAt += stepMs
        expect(Math.abs(firedAt - expected)).toBeLessThanOrEqual(stepMs)
      },
    ),
  )
})
