import { expect, test } from 'vitest'
import {
  basisWords,
  objectivesSentence,
  promiseWords,
  shareWords,
  spentWords,
  tallyWords,
} from '../../../../src/dashboard/words/objective-words.ts'
import type { Objective, ObjectiveStatus } from '../../../../src/protocol/objective.ts'

const DAY = 86_400_000
const objective: Objective = {
  id: 'storefront/availability',
  serviceId: 'storefront',
  name: 'availability',
  target: 0.999,
  periodMs: 28 * DAY,
  checks: ['shop-home'],
}
const requests: Objective = {
  ...objective,
  checks: [],
  traffic: { good: 'orders-good', total: 'orders-all' },
}
const entry = (state: ObjectiveStatus['state'], spentShare: number | null = 0) => ({
  objective,
  status: { state, spentShare } as ObjectiveStatus,
})

test.each([
  { entries: [], says: 'No objective is defined.' },
  { entries: [entry('quiet')], says: 'The objective is kept' },
  { entries: [entry('quiet'), { objective }], says: 'All 2 objectives are kept' },
  {
    entries: [entry('quiet'), entry('burning')],
    says: '1 of 2 objectives burns its budget too fast',
  },
  { entries: [entry('quiet', 1.2), entry('blind')], says: '1 of 2 objectives is missed' },
  {
    entries: [entry('blind')],
    says: '1 of 1 objective cannot be told: too much is unknown',
  },
])('$says', ({ entries, says }) => {
  expect(objectivesSentence(entries)).toBe(says)
})

test('a promise in words', () => {
  expect(promiseWords(objective)).toBe('99.9 % of runs pass, over 28 d')
  expect(promiseWords({ ...objective, target: 0.9995, latencyMs: 2_000 })).toBe(
    '99.95 % of runs pass within 2.0 s, over 28 d',
  )
})

test.each([
  { share: 0.999, words: '99.9 %' },
  { share: 0.99999999, words: '99.9999 %' },
  { share: 1, words: '100 %' },
])('a share of $share is $words', ({ share, words }) => {
  expect(shareWords(share)).toBe(words)
})

test.each([
  { spentShare: null, words: '–' },
  { spentShare: 0.4567, words: '45.6 % of the budget spent' },
  { spentShare: 1, words: '100 % of the budget spent' },
  { spentShare: 2.34, words: 'missed: 2.3 times the budget spent' },
])('$words', ({ spentShare, words }) => {
  expect(spentWords({ spentShare })).toBe(words)
})

test('counts stand beside every share', () => {
  const words = (tally: ObjectiveStatus['period']) => tallyWords(tally, objective)
  expect(words({ good: 40_308, bad: 12, unknown: 0 })).toBe('12 of 40,320 runs bad')
  expect(words({ good: 1, bad: 0, unknown: 1 })).toBe('0 of 1 run bad, 1 slot unknown')
  expect(basisWords(objective)).toBe('runs of probes')
})

test('of traffic requests are counted, and what is unknown is time', () => {
  const words = (tally: ObjectiveStatus['period']) => tallyWords(tally, requests)
  expect(words({ good: 42_310, bad: 45, unknown: 0 })).toBe('42,310 of 42,355 requests good')
  expect(words({ good: 0, bad: 1, unknown: 13 })).toBe('0 of 1 request good, 1 h 5 min unknown')
  expect(promiseWords(requests)).toBe('99.9 % of requests are good, over 28 d')
  expect(basisWords(requests)).toBe('requests of users, as orders-good and orders-all count them')
})
