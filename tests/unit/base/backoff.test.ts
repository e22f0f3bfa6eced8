import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '../../../src/base/backoff.ts'

const LIMITS = { firstMs: 1_000, maxMs: 60_000 }

test.each([
  { attempt: 1, random: 0, ms: 500, why: 'never less than half of the first' },
  { attempt: 1, random: 0.9999, ms: 1_000, why: 'at most the first' },
  { attempt: 3, random: 0.9999, ms: 4_000, why: 'doubles' },
  { attempt: 7, random: 0.9999, ms: 59_994, why: 'up to the limit' },
  { attempt: 5_000, random: 0.5, ms: 30_250, why: 'and stays there for ever' },
])('attempt $attempt waits $ms ms: $why', ({ attempt, random, ms }) => {
  expect(backoffMs(attempt, LIMITS, random)).toBe(ms)
})

test('every wait lies between half of the first and the limit, and grows with chance', () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), random, random, (attempt, a, b) => {
      const [low = 0, high = 0] = [a, b]
        .sort((x, y) => x - y)
        .map((r) => backoffMs(attempt, LIMITS, r))
      expect(low).toBeGreaterThanOrEqual(LIMITS.firstMs / 2)
      expect(high).toBeLessThanOrEqual(LIMITS.maxMs)
      expect(low).toBeLessThanOrEqual(high)
    }),
  )
})
