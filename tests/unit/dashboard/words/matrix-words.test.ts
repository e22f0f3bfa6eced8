import { expect, test } from 'vitest'
import { cellWords } from '../../../../src/dashboard/words/matrix-words.ts'
import { at } from '../../../support/builders.ts'

const matrix = { since: at('2026-03-13T12:00:00Z'), bucketMs: 60_000 }
const cell = (ends: ('passed' | 'failed' | null)[], slots: number, failed: number) =>
  cellWords({ regionId: 'eu-west', ends, slots, failed }, matrix, 'UTC')

test.each([
  { got: cell([null, null], 0, 0), expected: 'nothing ran' },
  { got: cell(['passed', 'passed'], 12, 0), expected: '12 of 12 did not fail' },
  {
    got: cell(['passed', 'failed', 'passed', 'failed', 'passed'], 30, 9),
    expected: '9 of 30 failed, 12:01:00 to 12:04:00',
  },
])('$expected', ({ got, expected }) => {
  expect(got).toBe(expected)
})
