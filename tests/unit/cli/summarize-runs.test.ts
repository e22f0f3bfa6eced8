import { expect, test } from 'vitest'
import { renderSummary, summarizeRuns } from '../../../src/cli/summarize-runs.ts'
import type { Run, Step } from '../../../src/protocol/run.ts'
import { aRun } from '../../support/builders.ts'

const step = (name: string, ms: number, status: Step['status'] = 'passed'): Step => ({
  name,
  status,
  startMs: 0,
  ms,
})

const passed = (ms: number): Run =>
  aRun({ verdict: 'passed', durationMs: ms, steps: [step('open', ms), step('buy', 2 * ms)] })

const failed = (message: string): Run =>
  aRun({
    verdict: 'failed',
    durationMs: 900,
    error: { type: 'journey.step', message },
    steps: [step('open', 50), step('buy', 900, 'failed')],
  })

test('times are those that some run took, of steps that did not fail', () => {
  const runs = [...[10, 20, 30, 40].map(passed), failed('no button')]
  expect(summarizeRuns(runs)).toMatchObject({
    runs: 5,
    verdicts: { passed: 4, failed: 1 },
    passRate: 0.8,
    total: { count: 5, p50Ms: 30, p95Ms: 900 },
    steps: [
      { name: 'open', count: 5, p50Ms: 30, p95Ms: 50 },
      { name: 'buy', count: 4, p50Ms: 40, p95Ms: 80 },
    ],
  })
})

test('failures are grouped by their first line, the most frequent first', () => {
  const runs = [failed('slow'), failed('no button\nat 1'), failed('no button\nat 2')]
  expect(summarizeRuns(runs).failures).toEqual([
    { message: 'no button', count: 2 },
    { message: 'slow', count: 1 },
  ])
})

test('a run that was only degraded counts as good, a probe fault does not', () => {
  const runs = [aRun({ verdict: 'degraded' }), aRun({ verdict: 'probe_fault' })]
  expect(summarizeRuns(runs)).toMatchObject({ passRate: 0.5 })
})

test('for people: one line a step, then why it failed, without what steers a terminal', () => {
  const text = renderSummary(summarizeRuns([passed(10), failed('no \u001b[2Jbutton')]))
  expect(text.split('\n')).toEqual([
    '2 runs: 1 passed, 1 failed; pass rate 50.0 %',
    '',
    '  open   p50 10 ms  p95 50 ms  (2)',
    '  buy    p50 20 ms  p95 20 ms  (1)',
    '  total  p50 10 ms  p95 900 ms  (2)',
    '',
    '  1 × no button',
    '',
  ])
})
