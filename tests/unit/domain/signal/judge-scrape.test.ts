import { expect, test } from 'vitest'
import { type ScrapeCounts, scrapeProblem } from '../../../../src/domain/signal/judge-scrape.ts'

/** Eight targets that were scraped every 15 s for five minutes. */
const whole: ScrapeCounts = {
  ...{ targets: 8, missing: 0, attempts: 160, expected: 160, moments: 20, momentsExpected: 20 },
}

test.each([
  { why: 'everything was scraped', counts: {}, says: undefined },
  { why: 'a few scrapes are late', counts: { attempts: 150, moments: 19 }, says: undefined },
  {
    why: 'a deployment replaced every target: those that are new are not expected before',
    counts: { targets: 8, attempts: 158, expected: 160 },
    says: undefined,
  },
  {
    why: 'three targets do not answer',
    counts: { missing: 3 },
    says: '3 of 8 targets not scraped in the last 5 min',
  },
  { why: 'the only one does not', counts: { targets: 1, missing: 1 }, says: '1 of 1 target not' },
  { why: 'no target is known', counts: { targets: 0 }, says: 'no target is scraped' },
  {
    why: 'what scrapes was away for three minutes, longer than it remembers',
    counts: { moments: 8, attempts: 64, expected: 64 },
    says: 'nothing was scraped for 3 min in the last 5 min',
  },
  {
    why: 'what scrapes was away, and remembers the targets',
    counts: { attempts: 96 },
    says: '64 of 160 scrapes are lacking in the last 5 min',
  },
])('$why', ({ counts, says }) => {
  const problem = scrapeProblem({ ...whole, ...counts }, 300_000)
  if (says === undefined) expect(problem).toBeUndefined()
  else expect(problem).toContain(`telemetry problem: ${says}`)
})
