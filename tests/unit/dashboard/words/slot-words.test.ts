import { expect, test } from 'vitest'
import {
  barWords,
  slotSentence,
  slotStretches,
} from '../../../../src/dashboard/words/slot-words.ts'
import { at } from '../../../support/builders.ts'
import { aBar, aSlot } from '../../../support/dashboard-builders.ts'

const slotAt = at('2026-03-13T14:46:10Z')

test.each([
  {
    slot: aSlot({ slotAt, end: 'failed', durationMs: 2_100, message: 'HTTP 502' }),
    expected: 'failed at 14:46:10, 2.1 s: HTTP 502',
  },
  { slot: { slotAt, end: 'missed' as const }, expected: 'missed at 14:46:10' },
  { slot: { slotAt }, expected: 'awaited at 14:46:10' },
  {
    slot: aSlot({ slotAt, end: 'probe_fault', durationMs: 0 }),
    expected: 'probe fault at 14:46:10, 0 ms',
  },
])('a slot reads: $expected', ({ slot, expected }) => {
  expect(slotSentence(slot, 'UTC')).toBe(expected)
})

test('a bar is said with its counts, and what does not occur is left out', () => {
  const bar = aBar('passed', 'failed', 'failed', 'probe_fault', undefined)
  expect(barWords(bar)).toBe('the last 5 slots: 1 passed, 2 failed, 1 probe fault, 1 awaited')
  expect(barWords(aBar('passed'))).toBe('the last 1 slot: 1 passed')
  expect(barWords([])).toBe('no slot yet')
})

test('neighbours that ended alike make one row, and each change another', () => {
  const bar = aBar('passed', 'passed', 'failed', 'passed')
  const withMessage = bar.with(2, { ...aSlot({ end: 'failed', message: 'HTTP 502' }), slotAt: 7 })
  expect(slotStretches(withMessage)).toEqual([
    { state: 'passed', from: bar[0]?.slotAt, until: bar[1]?.slotAt, slots: 2 },
    { state: 'failed', from: 7, until: 7, slots: 1, message: 'HTTP 502' },
    { state: 'passed', from: bar[3]?.slotAt, until: bar[3]?.slotAt, slots: 1 },
  ])
  expect(slotStretches([])).toEqual([])
})
