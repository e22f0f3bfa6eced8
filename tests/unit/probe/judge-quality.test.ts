import { expect, test } from 'vitest'
import type { RunOutcome } from '../../../src/probe/checks/run-check.ts'
import { judgeQuality } from '../../../src/probe/judge-quality.ts'
import type { Assertion } from '../../../src/protocol/expectation.ts'

const outcome = (overrides: Partial<RunOutcome>): RunOutcome => ({
  verdict: 'passed',
  phases: [],
  steps: [],
  assertions: [],
  facts: {},
  log: [],
  artifacts: [],
  durationMs: 1_000,
  ...overrides,
})
const broken = (subject: string, level: Assertion['level'] = 'must'): Assertion => ({
  level,
  subject,
  expected: 'at most 800 ms',
  actual: '1000 ms',
  held: false,
})
const error = (type: 'timeout' | 'assertion' | 'connect.refused') => ({ type, message: type })

test.each([
  {
    why: 'a timeout while we stood still for half of it says nothing about the target',
    given: outcome({ verdict: 'failed', error: error('timeout') }),
    lagMs: 500,
    becomes: 'probe_fault',
  },
  {
    why: 'too slow, and a third of it was ours',
    given: outcome({
      verdict: 'failed',
      error: error('assertion'),
      assertions: [broken('total')],
    }),
    lagMs: 330,
    becomes: 'probe_fault',
  },
  {
    why: 'slower than it should be, and a third of it was ours',
    given: outcome({ verdict: 'degraded', assertions: [broken('firstByte', 'should')] }),
    lagMs: 330,
    becomes: 'probe_fault',
  },
  {
    why: 'a standstill that is a small part of the time explains nothing',
    given: outcome({ verdict: 'failed', error: error('timeout'), durationMs: 10_000 }),
    lagMs: 300,
    becomes: 'failed',
  },
  {
    why: 'a pause of everyday length explains nothing',
    given: outcome({ verdict: 'failed', error: error('timeout'), durationMs: 100 }),
    lagMs: 90,
    becomes: 'failed',
  },
  {
    why: 'a wrong answer stays wrong however busy we were',
    given: outcome({
      verdict: 'failed',
      error: error('assertion'),
      assertions: [broken('total'), broken('status')],
    }),
    lagMs: 900,
    becomes: 'failed',
  },
  {
    why: 'a refused connection stays refused',
    given: outcome({ verdict: 'failed', error: error('connect.refused') }),
    lagMs: 900,
    becomes: 'failed',
  },
  {
    why: 'what passed although we were busy passed',
    given: outcome({ verdict: 'passed' }),
    lagMs: 900,
    becomes: 'passed',
  },
] as const)('$why', ({ given, lagMs, becomes }) => {
  const quality = { eventLoopUtilization: 1, eventLoopLagMs: lagMs, concurrentRuns: 0 }
  const judged = judgeQuality(given, quality)
  expect(judged.verdict).toBe(becomes)
  if (becomes === 'probe_fault') {
    expect(judged.error?.type).toBe('probe.overload')
    expect(judged.error?.message).toContain(`${lagMs} ms`)
  } else {
    expect(judged).toBe(given)
  }
})
