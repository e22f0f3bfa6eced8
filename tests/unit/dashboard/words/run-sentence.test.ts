import { expect, test } from 'vitest'
import { runSentence } from '../../../../src/dashboard/words/run-sentence.ts'
import { waterfallRows } from '../../../../src/dashboard/words/waterfall-rows.ts'
import { aRun } from '../../../support/builders.ts'

test.each([
  { run: aRun(), expected: 'shop-home passed in eu-west in 120 ms' },
  {
    run: aRun({ verdict: 'degraded' }),
    expected: 'shop-home passed, degraded, in eu-west in 120 ms',
  },
  {
    run: aRun({
      verdict: 'failed',
      durationMs: 2_100,
      error: { type: 'journey.step', message: 'HTTP 502\nand more' },
      steps: [
        { name: 'open', status: 'passed', startMs: 0, ms: 5 },
        { name: 'pay', status: 'failed', startMs: 5, ms: 5 },
      ],
    }),
    expected: 'shop-home failed in eu-west after 2.1 s, step “pay”: HTTP 502',
  },
  {
    run: aRun({
      verdict: 'probe_fault',
      error: { type: 'probe.browser_missing', message: 'no Chromium' },
    }),
    expected: 'shop-home could not be measured in eu-west: no Chromium',
  },
])('$expected', ({ run, expected }) => {
  expect(runSentence(run)).toBe(expected)
})

test('phases follow each other, and time in the queue is told apart', () => {
  const { rows, wholeMs } = waterfallRows(
    aRun({
      phases: [
        { name: 'queue', ms: 2 },
        { name: 'dns', ms: 10 },
        { name: 'firstByte', ms: 30 },
      ],
    }),
  )
  expect(rows).toEqual([
    { name: 'waiting in the probe', status: 'waiting', startMs: 0, ms: 2 },
    { name: 'name resolution', status: 'measured', startMs: 2, ms: 10 },
    { name: 'first byte', status: 'measured', startMs: 12, ms: 30 },
  ])
  expect(wholeMs).toBe(42)
})

test('steps are drawn where they were, with the gaps between them', () => {
  const { rows, wholeMs } = waterfallRows(
    aRun({
      phases: [{ name: 'dns', ms: 1 }],
      steps: [
        { name: 'open', status: 'passed', startMs: 0, ms: 80 },
        { name: 'pay', status: 'failed', startMs: 100, ms: 40, error: 'HTTP 502' },
      ],
    }),
  )
  expect(rows.map((row) => [row.name, row.status, row.startMs])).toEqual([
    ['open', 'passed', 0],
    ['pay', 'failed', 100],
  ])
  expect(rows[1]?.error).toBe('HTTP 502')
  expect(wholeMs).toBe(140)
})
