import { describe, expect, test } from 'vitest'
import { judgeQuality } from '../../../src/probe/judge-quality.ts'
import type { RunErrorType } from '../../../src/protocol/run.ts'

const judge = (eventLoopLagMs: number, durationMs = 1_000, cpuWaitMs = 0) =>
  judgeQuality(
    { eventLoopUtilization: 1, eventLoopLagMs, concurrentRuns: 0, cpuWaitMs },
    durationMs,
    'http',
  )

const broken = (type: RunErrorType) => ({ type, message: type })

test.each([
  { why: 'a time-out while we stood still for half of it', type: 'timeout', lagMs: 500 },
  { why: 'no connection in time, and a third of it was ours', type: 'connect.timeout', lagMs: 330 },
] as const)('$why says nothing about the target', ({ type, lagMs }) => {
  const judged = judge(lagMs)
  const excused = judged.excuseTimeout(broken(type), { wallMs: 1_000 })
  expect(excused.type).toBe('probe.overload')
  expect(excused.message).toContain(`${lagMs} ms`)
  expect(judged.quality.flagged).toContain(`${lagMs} ms`)
})

test.each(['total', 'firstByte', 'rttAvg', 'step go to checkout'])(
  '%s judges nothing while we stood still',
  (subject) => {
    expect(judge(500).excluded(subject, 0)).toContain('500 ms')
    expect(judge(0).excluded(subject, 0)).toBeUndefined()
  },
)

describe('times are flagged when they may be wrong by too much', () => {
  test.each([
    { why: '4 ms of a short run', lagMs: 4, cpuWaitMs: 0, durationMs: 20, isFlagged: false },
    {
      why: 'more than 4 ms of a short run',
      lagMs: 4.1,
      cpuWaitMs: 0,
      durationMs: 20,
      isFlagged: true,
    },
    { why: 'a wait for a processor', lagMs: 0, cpuWaitMs: 4.1, durationMs: 20, isFlagged: true },
    { why: '2 % of a long run', lagMs: 200, cpuWaitMs: 0, durationMs: 10_000, isFlagged: false },
    { why: 'more than 2 % of it', lagMs: 201, cpuWaitMs: 0, durationMs: 10_000, isFlagged: true },
    { why: 'nothing', lagMs: 0, cpuWaitMs: 0, durationMs: 0, isFlagged: false },
  ])('$why', ({ lagMs, cpuWaitMs, durationMs, isFlagged }) => {
    const judged = judge(lagMs, durationMs, cpuWaitMs)
    expect(judged.quality.flagged !== undefined).toBe(isFlagged)
    expect(judged.excluded('total', 0) !== undefined).toBe(isFlagged)
  })

  test('a flag alone excuses no time-out: that takes a standstill of a fifth, or waits of half its time', () => {
    expect(judge(199, 1_000).quality.flagged).toBeDefined()
    const excused = (lagMs: number, cpuWaitMs = 0) =>
      judge(lagMs, 1_000, cpuWaitMs).excuseTimeout(broken('timeout'), { wallMs: 1_000 }).type
    expect(excused(199)).toBe('timeout')
    expect(excused(200)).toBe('probe.overload')
    expect(excused(0, 499)).toBe('timeout')
    expect(excused(0, 500)).toBe('probe.overload')
  })

  test('the part is that of all that was waited for, not of the time that is published', () => {
    const judged = judge(50, 20)
    expect(judged.excuseTimeout(broken('dns.timeout'), { wallMs: 1_000 }).type).toBe('dns.timeout')
    expect(judged.excuseTimeout(broken('dns.timeout'), { wallMs: 200 }).type).toBe('probe.overload')
  })

  test('the reason says what there was of both', () => {
    expect(judge(310, 1_000, 290).quality.flagged).toBe(
      'this probe stood still for 310 ms and waited 290 ms for a processor during the run',
    )
    expect(judge(0.2, 100, 9).quality.flagged).toBe(
      'this probe waited 9 ms for a processor during the run',
    )
  })
})

test('a wrong answer stays wrong, and a refused connection refused, however busy we were', () => {
  const judged = judge(900)
  const excused = judged.excuseTimeout(broken('connect.refused'), { wallMs: 1_000 })
  expect(excused.type).toBe('connect.refused')
  expect(judged.excluded('status', 0)).toBeUndefined()
})

test('a journey is measured in a process of its own, which our standstill does not touch', () => {
  const quality = { eventLoopUtilization: 1, eventLoopLagMs: 900, concurrentRuns: 0 }
  expect(judgeQuality(quality, 1_000, 'journey').quality.flagged).toBeUndefined()
})

test.each([
  { why: 'over its limit by less than our delay', overMs: 90, isExcluded: true },
  { why: 'over its limit by more than our delay can explain', overMs: 4_200, isExcluded: false },
])('a time $why counts: not $isExcluded', ({ overMs, isExcluded }) => {
  expect(judge(0, 5_000, 110).excluded('total', overMs) !== undefined).toBe(isExcluded)
})

test.each(['tls.handshake', 'dialogue', 'auth.token'] as const)(
  'a deadline that passed in the phase of %s is a time-out like any other',
  (type) => {
    const judged = judge(4_000, 5_000)
    const wallMs = 5_000
    expect(judged.excuseTimeout(broken(type), { wallMs, isOverdue: true }).type).toBe(
      'probe.overload',
    )
    expect(judged.excuseTimeout(broken(type), { wallMs }).type).toBe(type)
  },
)
