import { expect, test } from 'vitest'
import {
  burnRate,
  errorBudget,
  exhaustionWords,
} from '../../../../src/domain/objective/error-budget.ts'

const DAY = 86_400_000
const unknown = 0

test.each([
  { tally: { good: 9_990, bad: 10, unknown }, target: 0.999, spent: 1, ratio: 0.999 },
  { tally: { good: 9_996, bad: 4, unknown }, target: 0.999, spent: 0.4, ratio: 0.9996 },
  { tally: { good: 98, bad: 2, unknown }, target: 0.99, spent: 2, ratio: 0.98 },
  { tally: { good: 100, bad: 0, unknown: 900 }, target: 0.99, spent: 0, ratio: 1 },
])('$tally of $target: $spent of the budget is spent', ({ tally, target, spent, ratio }) => {
  const budget = errorBudget({ target }, tally)
  expect(budget.spentShare).toBeCloseTo(spent, 9)
  expect(budget.goodRatio).toBeCloseTo(ratio, 9)
})

test('without a run nothing is known, which is neither zero nor all', () => {
  const none = { good: 0, bad: 0, unknown: 50 }
  expect(errorBudget({ target: 0.99 }, none)).toMatchObject({
    spentShare: undefined,
    goodRatio: undefined,
  })
  expect(burnRate({ target: 0.99 }, none)).toBeUndefined()
})

test.each([
  { spent: 0.05, burn: 1_000, words: 'at this rate the budget of 30 d is gone in 41 min 2 s' },
  { spent: 0.5, burn: 2, words: 'at this rate the budget of 30 d is gone in 7 d 12 h' },
  { spent: 0.5, burn: 1, words: 'the budget of 30 d lasts' },
  { spent: 1.2, burn: 0, words: 'the budget of 30 d is spent' },
])('$words', ({ spent, burn, words }) => {
  expect(exhaustionWords({ periodMs: 30 * DAY }, spent, burn)).toBe(words)
})
