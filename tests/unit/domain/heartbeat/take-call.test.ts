import { describe, expect, test } from 'vitest'
import { runOfCall } from '../../../../src/domain/heartbeat/heartbeat-run.ts'
import {
  type HeartbeatState,
  newHeartbeat,
} from '../../../../src/domain/heartbeat/heartbeat-state.ts'
import { type JobCall, STARTS_MAX, takeCall } from '../../../../src/domain/heartbeat/take-call.ts'
import { aCheck, at } from '../../../support/builders.ts'

const noon = at('2026-03-13T12:00:00Z')

/** Calls one after the other; gives what came of the last one. */
function afterCalls(calls: (JobCall & { at: number })[]) {
  let state: HeartbeatState = newHeartbeat(noon)
  let taken = takeCall(state, { signal: 'start' }, noon)
  for (const { at: ms, ...call } of calls) {
    taken = takeCall(state, call, noon + ms)
    if (taken.kind !== 'repeated') state = taken.next
  }
  return { taken, state }
}

describe('an end belongs to', () => {
  test.each<{ name: string; calls: (JobCall & { at: number })[]; startedAt: number | undefined }>([
    { name: 'no start', calls: [{ signal: 'success', at: 5 }], startedAt: undefined },
    {
      name: 'the latest start without a name',
      calls: [
        { signal: 'start', at: 0 },
        { signal: 'start', at: 2_000 },
        { signal: 'exit', exitCode: 1, at: 5_000 },
      ],
      startedAt: noon + 2_000,
    },
    {
      name: 'the start of its name',
      calls: [
        { signal: 'start', run: 'a', at: 0 },
        { signal: 'start', run: 'b', at: 2_000 },
        { signal: 'fail', run: 'a', at: 5_000 },
      ],
      startedAt: noon,
    },
    {
      name: 'none of another name',
      calls: [
        { signal: 'start', run: 'a', at: 0 },
        { signal: 'success', run: 'b', at: 5_000 },
      ],
      startedAt: undefined,
    },
  ])('$name', ({ calls, startedAt }) => {
    const { taken } = afterCalls(calls)
    expect(taken.kind).toBe('ended')
    expect('startedAt' in taken ? taken.startedAt : undefined).toBe(startedAt)
  })
})

test.each<{ name: string; first: JobCall; again: JobCall; afterMs: number; is: string }>([
  {
    name: 'the same',
    first: { signal: 'fail' },
    again: { signal: 'fail' },
    afterMs: 999,
    is: 'repeated',
  },
  {
    name: 'the same later',
    first: { signal: 'fail' },
    again: { signal: 'fail' },
    afterMs: 1_000,
    is: 'ended',
  },
  {
    name: 'another',
    first: { signal: 'fail' },
    again: { signal: 'success' },
    afterMs: 0,
    is: 'ended',
  },
  {
    name: 'the same of one name',
    first: { signal: 'fail', run: 'a' },
    again: { signal: 'fail', run: 'a' },
    afterMs: 59_000,
    is: 'repeated',
  },
  {
    name: 'one of another name',
    first: { signal: 'fail', run: 'a' },
    again: { signal: 'fail', run: 'b' },
    afterMs: 0,
    is: 'ended',
  },
])('$name, $afterMs ms later: $is', ({ first, again, afterMs, is }) => {
  const { taken } = afterCalls([
    { ...first, at: 0 },
    { ...again, at: afterMs },
  ])
  expect(taken.kind).toBe(is)
})

test('starts that never end do not pile up', () => {
  const calls = Array.from({ length: 200 }, (_, i) => ({
    signal: 'start' as const,
    run: String(i),
    at: i,
  }))
  const { state } = afterCalls(calls)
  expect(state.starts).toHaveLength(STARTS_MAX)
  expect(state.starts.at(-1)?.run).toBe('199')
})

describe('the run of a call', () => {
  const job = aCheck('heartbeat', {
    expectations: [
      { level: 'must', subject: 'exitCode', matcher: { oneOf: [0, 3] } },
      { level: 'should', subject: 'total', matcher: { max: 1_000 } },
    ],
  })
  const heard = { runId: '5f0d7d3e-9a8f-4c62-9d5b-6a3d5c1b2a10', now: noon, log: [] }

  test.each<{ name: string; call: JobCall; startedAt?: number; verdict: string; error?: string }>([
    {
      name: 'good, in time',
      call: { signal: 'exit', exitCode: 3 },
      startedAt: noon - 900,
      verdict: 'passed',
    },
    {
      name: 'good, slow',
      call: { signal: 'success' },
      startedAt: noon - 1_100,
      verdict: 'degraded',
    },
    { name: 'good, of unknown duration', call: { signal: 'success' }, verdict: 'degraded' },
    {
      name: 'failed',
      call: { signal: 'fail' },
      verdict: 'failed',
      error: 'the job said it failed',
    },
    {
      name: 'a bad code',
      call: { signal: 'exit', exitCode: 2 },
      verdict: 'failed',
      error: 'the job said it failed: exit code 2, expected 0 or 3',
    },
  ])('$name: $verdict', ({ call, startedAt, verdict, error }) => {
    const run = runOfCall(job, call, { ...heard, startedAt })
    expect(run.verdict).toBe(verdict)
    expect(run.error?.message).toBe(error)
  })
})
