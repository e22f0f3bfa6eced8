import { expect, test } from 'vitest'
import { endWords, ruleWords } from '../../../../src/dashboard/words/rule-words.ts'
import { scopeWords } from '../../../../src/dashboard/words/scope-words.ts'

const RULE = { failuresToFire: 3, regionsMin: 2, passesToResolve: 2 }
const WINDOW = { withinMs: 600_000, forMs: 180_000, samplesMin: 20 }

test.each([
  { rule: {}, name: 'regions', words: '2 regions fail at once' },
  { rule: { regionsMin: 1 }, name: 'regions', words: '1 region fails' },
  {
    rule: { networks: { eu: 'acme' } },
    name: 'regions',
    words: '2 independent networks fail at once',
  },
  { rule: {}, name: 'failuresToFire', words: 'one region fails 3 times in a row' },
  {
    rule: { failures: { count: 3, of: 5 } },
    name: 'failures',
    words: '3 of the last 5 runs of a region failed',
  },
  {
    rule: { ratio: { above: 0.005, ...WINDOW } },
    name: 'ratio',
    words:
      'more than 0.5 % of the runs failed, within 10m and of at least 20 runs, for 3m without a break',
  },
  {
    rule: {
      latency: {
        above: { kind: 'baseline' as const, times: 5 },
        percentile: 0.95,
        ...WINDOW,
        forMs: 0,
        severity: 'SEV-3' as const,
      },
    },
    name: 'latency',
    words:
      'p95 is above 5 times what is usual at this hour of the week, within 10m and of at least 20 runs',
  },
])('$name: $words', ({ rule, name, words }) => {
  const found = ruleWords({ ...RULE, ...rule }).find((condition) => condition.name === name)
  expect(found?.words).toBe(words)
})

test('how it ends', () => {
  const flapping = { changes: 6, withinMs: 3_600_000, quietForMs: 900_000 }
  expect(endWords({ ...RULE, flapping })).toBe(
    'each region passes 2 times in a row, and nothing that fired is so any more; with 6 beginnings and ends within 1h, only after 15m without trouble',
  )
})

test.each([
  { scope: {}, words: 'everything' },
  { scope: { services: ['db'], checks: ['home'] }, words: 'service db and home' },
  { scope: { regions: ['eu'] }, words: 'everything, where it is about eu alone' },
])('$words', ({ scope, words }) => {
  expect(scopeWords(scope)).toBe(words)
})
