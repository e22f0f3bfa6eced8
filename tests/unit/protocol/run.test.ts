import { expect, test } from 'vitest'
import { failingStep, Run, SlotEnd, Verdict } from '../../../src/protocol/run.ts'
import { aRun } from '../../support/builders.ts'

const step = (name: string, status: 'passed' | 'failed' | 'skipped') =>
  ({ name, status, startMs: 0, ms: 10 }) as const

test.each([
  { steps: [], fails: undefined, why: 'there are no steps' },
  { steps: [step('a', 'passed')], fails: undefined, why: 'all passed' },
  {
    steps: [step('a', 'passed'), step('b', 'failed'), step('c', 'skipped')],
    fails: 'b',
    why: 'one failed',
  },
  { steps: [step('a', 'failed'), step('b', 'failed')], fails: 'a', why: 'two failed' },
])('the failing step is $fails: $why', ({ steps, fails }) => {
  expect(failingStep({ steps })?.name).toBe(fails)
})

test('a slot ends in one of the verdicts, or without a run', () => {
  expect(SlotEnd.options).toEqual([...Verdict.options, 'missed', 'skipped'])
})

test.each([
  { bad: { durationMs: -1 }, why: 'a negative duration' },
  { bad: { attempt: 0 }, why: 'no attempt' },
  { bad: { slotAt: 1.5 }, why: 'half a millisecond' },
  { bad: { traceId: 'ABC' }, why: 'no trace id' },
  { bad: { verdict: 'up' as 'passed' }, why: 'a verdict nobody knows' },
  { bad: { log: ['x'.repeat(1_001)] }, why: 'a log line too long' },
  { bad: { facts: { answers: Array.from({ length: 101 }, () => 'a') } }, why: 'too many answers' },
])('a run is refused: $why', ({ bad }) => {
  expect(Run.safeParse(aRun()).success).toBe(true)
  expect(Run.safeParse(aRun(bad)).success).toBe(false)
})
