import { expect, test } from 'vitest'
import { isDue } from '../../../../src/domain/signal/is-due.ts'

test.each([
  { why: 'it was never looked at', dueAt: undefined, due: true },
  { why: 'it is time', dueAt: 1_000, due: true },
  { why: 'it is late', dueAt: 1, due: true },
  { why: 'it is soon', dueAt: 1_001, due: false },
  { why: 'it was looked at this moment', dueAt: 1_060, due: false },
  { why: 'the clock was set back since', dueAt: 1_061, due: true },
])('$why: $due', ({ dueAt, due }) => {
  expect(isDue(dueAt, 60, 1_000)).toBe(due)
})
