import { expect, test } from 'vitest'
import { queriesSentence, standingOfQuery } from '../../../../src/dashboard/words/query-words.ts'
import type { QueryStanding } from '../../../../src/protocol/public-api.ts'

type Answer = NonNullable<QueryStanding['last']>['answer']
const query = (answer?: Answer): QueryStanding => ({
  ...{ queryId: 'q', name: 'Errors', serviceId: 'orders', source: 'prometheus' },
  ...(answer && { last: { at: 0, answer } }),
})
const telemetry: Answer = { kind: 'unknown', isTelemetry: true, reason: 'telemetry problem: x' }
const unknown: Answer = { kind: 'unknown', reason: 'it answered 503: busy' }
const byZone: Answer = {
  ...{ kind: 'number', value: 0.38, isBad: true },
  table: {
    ...{ by: 'zone', isShare: true, silent: 0, more: 0, bad: 1 },
    rows: [
      { label: 'b', number: 0.38, isBad: true },
      { label: 'a', number: 0.001, isBad: false },
    ],
  },
}
const good: Answer = { kind: 'number', value: 0.2, isBad: false }

test.each([
  { answer: undefined, stands: { tone: 'quiet', words: 'not asked yet' } },
  { answer: good, stands: { tone: 'tone-passed', words: '0.2' } },
  { answer: { ...good, isBad: true }, stands: { tone: 'tone-failed', words: '0.2, which is bad' } },
  {
    answer: { ...good, value: 0.000_123_45, isBad: true },
    stands: { tone: 'tone-failed', words: '0.0001235, which is bad' },
  },
  { answer: byZone, stands: { tone: 'tone-failed', words: 'zone b: 38 %, which is bad' } },
  { answer: { kind: 'number' as const, value: 7 }, stands: { tone: 'quiet', words: '7' } },
  { answer: telemetry, stands: { tone: 'tone-degraded', words: 'telemetry problem: x' } },
  { answer: unknown, stands: { tone: 'tone-unknown', words: 'unknown: it answered 503: busy' } },
])('$stands.words is $stands.tone', ({ answer, stands }) => {
  expect(standingOfQuery(query(answer))).toMatchObject(stands)
})

test.each([
  { answers: [good, undefined], says: '2 queries, none in trouble.' },
  { answers: [good, telemetry], says: '1 of 2 queries has a telemetry problem.' },
  {
    answers: [unknown, telemetry, telemetry],
    says: '2 of 3 queries have a telemetry problem; 1 of 3 queries gives no number.',
  },
])('$says', ({ answers, says }) => {
  expect(queriesSentence(answers.map(query))).toBe(says)
})
