import { expect, test } from 'vitest'
import { judgeQuality } from '../../../src/probe/judge-quality.ts'
import type { RunErrorType } from '../../../src/protocol/run.ts'

const judge = (eventLoopLagMs: number, durationMs = 1_000) =>
  judgeQuality({ eventLoopUtilization: 1, eventLoopLagMs, concurrentRuns: 0 }, durationMs, 'http')

const broken = (type: RunErrorType) => ({ type, message: type })

test.each([
  { why: 'a time-out while we stood still for half of it', type: 'timeout', lagMs: 500 },
  { why: 'no connection in time, and a third of it was ours', type: 'connect.timeout', lagMs: 330 },
] as const)('$why says nothing about the target', ({ type, lagMs }) => {
  const judged = judge(lagMs)
  expect(judged.isTimeUnknown(broken(type))?.type).toBe('probe.overload')
  expect(judged.isTimeUnknown(broken(type))?.message).toContain(`${lagMs} ms`)
  expect(judged.quality.flagged).toContain(`${lagMs} ms`)
})

test.each(['total', 'firstByte', 'rttAvg'])('%s judges nothing while we stood still', (subject) => {
  expect(judge(500).excluded(subject)).toContain('500 ms')
  expect(judge(0).excluded(subject)).toBeUndefined()
})

test.each([
  { why: 'a small part of the time explains nothing', lagMs: 300, durationMs: 10_000 },
  { why: 'a pause of everyday length explains nothing', lagMs: 90, durationMs: 100 },
])('a standstill that is $why', ({ lagMs, durationMs }) => {
  const judged = judge(lagMs, durationMs)
  expect(judged.isTimeUnknown(broken('timeout'))?.type).toBe('timeout')
  expect(judged.quality.flagged).toBeUndefined()
})

test('a wrong answer stays wrong, and a refused connection refused, however busy we were', () => {
  const judged = judge(900)
  expect(judged.isTimeUnknown(broken('connect.refused'))?.type).toBe('connect.refused')
  expect(judged.excluded('status')).toBeUndefined()
  expect(judged.isTimeUnknown(undefined)).toBeUndefined()
})

test('a journey is measured in a process of its own, which our standstill does not touch', () => {
  const quality = { eventLoopUtilization: 1, eventLoopLagMs: 900, concurrentRuns: 0 }
  expect(judgeQuality(quality, 1_000, 'journey').quality.flagged).toBeUndefined()
})
