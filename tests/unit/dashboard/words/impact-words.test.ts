import { expect, test } from 'vitest'
import {
  missingWords,
  shareWords,
  usersWords,
} from '../../../../src/dashboard/words/impact-words.ts'
import type { SweptNumber } from '../../../../src/protocol/sweep.ts'
import type { ImpactNumber } from '../../../../src/protocol/triage-card.ts'

const number = (answer?: SweptNumber): ImpactNumber => ({
  ...{ queryId: 'clients', source: 'loki', means: 'distinct client addresses, last 10 min' },
  ...(answer && { asked: { at: 0, answer } }),
})
const counted = (value: number, atLeast?: boolean) =>
  number({ kind: 'number', value, ...(atLeast !== undefined && { atLeast }) })

test.each([
  { got: usersWords(counted(2_391)), expected: '~2,400' },
  { got: usersWords(counted(12)), expected: '12' },
  { got: usersWords(counted(0)), expected: '0' },
  { got: usersWords(counted(10_000, true)), expected: 'at least ~10,000' },
  { got: usersWords(number()), expected: undefined },
  { got: shareWords(counted(0.0525)), expected: '5.2 %' },
  { got: shareWords(counted(0.999_9)), expected: '99.9 %' },
  { got: missingWords(number()), expected: 'not asked yet' },
  { got: missingWords(number({ kind: 'no_data', reason: 'empty' })), expected: 'no data: empty' },
  { got: missingWords(number({ kind: 'unknown', reason: '503' })), expected: 'not known: 503' },
])('$expected', ({ got, expected }) => {
  expect(got).toBe(expected)
})
