import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ACCOUNT_LIMITS,
  attemptWaitMs,
  countAttempt,
} from '../../../../src/domain/access/pace-attempts.ts'

const NOW = 1_772_442_000_000

test.each([
  [0, 0],
  [4, 0],
  [5, 2],
  [6, 4],
  [7, 8],
  [13, 512],
  [14, 900],
  [1_000, 900],
])('after %i failures the next one waits %i s', (failures, waitS) => {
  const wait = attemptWaitMs({ failures, lastAt: NOW }, ACCOUNT_LIMITS, NOW)
  expect(wait).toBe(waitS * 1_000)
})

test('failures of another day are forgotten', () => {
  const { forgetMs } = ACCOUNT_LIMITS
  const attempts = { failures: 100, lastAt: NOW }
  expect(attemptWaitMs(attempts, ACCOUNT_LIMITS, NOW + forgetMs)).toBe(0)
  expect(countAttempt(attempts, ACCOUNT_LIMITS, NOW + forgetMs).failures).toBe(1)
})

test('however somebody tries, a day is for a hundred or so guesses', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 600_000 }), { maxLength: 400 }), (pauses) => {
      let attempts = { failures: 0, lastAt: NOW }
      let now = NOW
      let made = 0
      for (const pause of pauses) {
        now += pause
        if (now - NOW > ACCOUNT_LIMITS.forgetMs) break
        if (attemptWaitMs(attempts, ACCOUNT_LIMITS, now) > 0) continue
        attempts = countAttempt(attempts, ACCOUNT_LIMITS, now)
        made++
      }
      expect(made).toBeLessThanOrEqual(14 + (24 * 60) / 15 + 1)
    }),
  )
})
