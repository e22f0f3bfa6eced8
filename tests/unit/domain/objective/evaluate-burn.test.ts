import { expect, test } from 'vitest'
import { type BurnInput, evaluateBurn } from '../../../../src/domain/objective/evaluate-burn.ts'
import { lintObjective } from '../../../../src/domain/objective/lint-objective.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const objective = { target: 0.999, periodMs: 30 * DAY }

/** One run a minute in each of three regions; bad for `badForMs` up to `endedMs` ago. */
function input(given: {
  badForMs: number
  endedMs?: number
  badRegions?: string[]
  unknownShare?: number
  state?: BurnInput['state']
  silentForMs?: number
}): BurnInput {
  const { badForMs, endedMs = 0, badRegions = ['eu-west', 'us-east'], unknownShare = 0 } = given
  const { silentForMs = 0, state = 'quiet' } = given
  return {
    objective,
    regions: 3,
    state,
    spentShare: 0.1,
    tally(windowMs) {
      const seen = Math.max(0, windowMs - silentForMs)
      const runs = Math.floor((3 * seen * (1 - unknownShare)) / MINUTE)
      const overlap = Math.max(0, Math.min(windowMs, endedMs + badForMs) - endedMs)
      const bad = Math.min(runs, Math.round((overlap * badRegions.length) / MINUTE))
      const unknown = Math.round((3 * windowMs * unknownShare) / MINUTE)
      return { good: runs - bad, bad, unknown, badRegions: bad > 0 ? badRegions : [] }
    },
  }
}

test.each([
  { why: 'nothing fails', given: { badForMs: 0 }, state: 'quiet' },
  { why: 'two regions fail for five minutes', given: { badForMs: 5 * MINUTE }, state: 'burning' },
  {
    why: 'they failed for five minutes, forty minutes ago: the short windows are clean',
    given: { badForMs: 5 * MINUTE, endedMs: 40 * MINUTE },
    state: 'quiet',
  },
  {
    why: 'one region alone fails for long',
    given: { badForMs: 30 * MINUTE, badRegions: ['eu-west'] },
    state: 'quiet',
  },
  {
    why: 'a single minute fails: too few',
    given: { badForMs: MINUTE },
    state: 'quiet',
  },
  {
    why: 'too much is unknown',
    given: { badForMs: 0, unknownShare: 0.3 },
    state: 'blind',
  },
  {
    why: 'it burnt, and nothing was heard since',
    given: { badForMs: 0, state: 'burning', silentForMs: 30 * MINUTE },
    state: 'burning',
  },
  {
    why: 'nothing ever ran',
    given: { badForMs: 0, silentForMs: 4 * DAY },
    state: 'blind',
  },
  {
    why: 'it burnt, and passes now',
    given: { badForMs: 0, state: 'burning' },
    state: 'quiet',
  },
] as const)('$state: $why', ({ given, state }) => {
  const decision = evaluateBurn(
    input({
      ...given,
      badRegions: [...('badRegions' in given ? given.badRegions : ['eu-west', 'us-east'])],
    }),
  )
  expect(decision.state).toBe(state)
  expect(decision.reason).not.toBe('')
})

test('the reason tells counts, rates and how long the budget lasts', () => {
  const { reason, window, burn } = evaluateBurn(input({ badForMs: 6 * MINUTE }))
  expect(window?.action).toBe('page')
  expect(burn).toBeCloseTo(12 / 180 / 0.001, 6)
  expect(reason).toBe(
    '12 of 180 runs were bad within 1 h: the budget burns 67 times as fast as it may, over 14 in 1 h and 5 min; at this rate the budget of 30 d is gone in 9 h 43 min',
  )
})

test.each([
  { target: 0.999, days: 30, complaints: 0 },
  { target: 0.9306, days: 30, complaints: 0 },
  { target: 0.93, days: 30, complaints: 1 },
  { target: 0.83, days: 30, complaints: 2 },
  { target: 0.66, days: 30, complaints: 3 },
  { target: 0.7, days: 7, complaints: 1 },
])(
  'a target of $target over $days days has $complaints alerts that cannot fire',
  ({ target, days, complaints }) => {
    expect(lintObjective({ target, periodMs: days * DAY })).toHaveLength(complaints)
  },
)

/** A thousand requests in each five minutes, of which so many are bad. */
const traffic = (given: { bad: number; unknownSpans?: number; requests?: number }): BurnInput => ({
  objective: { ...objective, traffic: { good: 'good', total: 'all' } },
  regions: 0,
  state: 'quiet',
  spentShare: 0.1,
  tally(windowMs) {
    const { bad, unknownSpans = 0, requests = 1_000 } = given
    const spans = windowMs / (5 * MINUTE)
    const unknown = Math.min(spans, unknownSpans)
    const known = spans - unknown
    return { good: (requests - bad) * known, bad: bad * known, unknown, badRegions: [] }
  },
})

test.each([
  { why: 'one in a thousand is what is allowed', given: { bad: 1 }, state: 'quiet' },
  { why: 'a fiftieth of all fail', given: { bad: 20 }, state: 'burning' },
  {
    why: 'of a handful half fail: too few to be a trend',
    given: { bad: 0.01, requests: 0.02 },
    state: 'quiet',
  },
  {
    why: 'two of the last twelve spans are unknown',
    given: { bad: 0, unknownSpans: 2 },
    state: 'quiet',
  },
  {
    why: 'three of the last twelve spans are unknown, however many requests the others had',
    given: { bad: 0, unknownSpans: 3 },
    state: 'blind',
  },
  {
    why: 'it fails in what is known of a gap',
    given: { bad: 500, unknownSpans: 3 },
    state: 'burning',
  },
] as const)('of traffic: $state: $why', ({ given, state }) => {
  expect(evaluateBurn(traffic(given)).state).toBe(state)
})

test('of traffic the reason counts requests', () => {
  expect(evaluateBurn(traffic({ bad: 20 })).reason).toMatch(
    /^240 of 12000 requests were bad within 1 h: the budget burns 20 times/,
  )
  expect(evaluateBurn(traffic({ bad: 0, unknownSpans: 3 })).reason).toMatch(
    /^3 of 12 spans of five minutes within 1 h say nothing/,
  )
})
