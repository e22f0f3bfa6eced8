import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  heartbeatFreshForMs,
  type WatchedJob,
} from '../../../../src/domain/heartbeat/due-heartbeat.ts'
import {
  type HeartbeatState,
  newHeartbeat,
} from '../../../../src/domain/heartbeat/heartbeat-state.ts'
import { judgeHeartbeat } from '../../../../src/domain/heartbeat/judge-heartbeat.ts'
import { takeCall } from '../../../../src/domain/heartbeat/take-call.ts'
import { type Absence, watchHeartbeat } from '../../../../src/domain/heartbeat/watch-heartbeat.ts'
import { aCheck, at } from '../../../support/builders.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const noon = at('2026-03-13T12:00:00Z')

const hourly: WatchedJob = aCheck('heartbeat', {
  schedule: { kind: 'interval', everyMs: HOUR_MS },
  graceMs: 5 * MINUTE_MS,
})
const nightly = (timeZone: string, expression = '30 2 * * *') =>
  aCheck('heartbeat', {
    schedule: { kind: 'cron', expression, timeZone },
    graceMs: 10 * MINUTE_MS,
  })

const heard = (instant: number): HeartbeatState => ({
  ...newHeartbeat(instant - HOUR_MS),
  lastEndAt: instant,
})
const started = (instant: number, run?: string): HeartbeatState => {
  const taken = takeCall(newHeartbeat(instant), { signal: 'start', run }, instant)
  return taken.kind === 'started' ? taken.next : newHeartbeat(instant)
}

describe('an interval', () => {
  test.each([
    { name: 'just called', state: heard(noon), after: 0, is: 'on_time' },
    {
      name: 'due, within grace',
      state: heard(noon),
      after: HOUR_MS + 5 * MINUTE_MS,
      is: 'on_time',
    },
    { name: 'after grace', state: heard(noon), after: HOUR_MS + 5 * MINUTE_MS + 1, is: 'late' },
    { name: 'never called, new', state: newHeartbeat(noon), after: HOUR_MS, is: 'on_time' },
    { name: 'never called, overdue', state: newHeartbeat(noon), after: 2 * HOUR_MS, is: 'late' },
    { name: 'started', state: started(noon), after: HOUR_MS, is: 'running' },
    { name: 'started and gone', state: started(noon), after: 2 * HOUR_MS, is: 'stuck' },
    { name: 'the clock was set back', state: heard(noon), after: -HOUR_MS, is: 'on_time' },
  ])('$name: $is', ({ state, after, is }) => {
    expect(judgeHeartbeat(hourly, state, noon + after).state).toBe(is)
  })

  test('an execution may take what is expected of it', () => {
    const total = { level: 'must' as const, subject: 'total', matcher: { max: MINUTE_MS } }
    const job = { ...hourly, expectations: [total] }
    expect(judgeHeartbeat(job, started(noon), noon + MINUTE_MS).state).toBe('running')
    expect(judgeHeartbeat(job, started(noon), noon + MINUTE_MS + 1).reason).toBe(
      'started at 2026-03-13T12:00:00Z and has not ended; it may take 1 min',
    )
  })
})

describe('cron, where clocks change', () => {
  test.each([
    // The clock in Berlin skips 02:30 on 29 March, and shows it twice on 25 October.
    { zone: 'Europe/Berlin', last: '2026-03-28T01:30:00Z', dueAt: '2026-03-29T01:30:00Z' },
    { zone: 'Europe/Berlin', last: '2026-03-29T01:30:05Z', dueAt: '2026-03-30T00:30:00Z' },
    { zone: 'Europe/Berlin', last: '2026-10-24T00:30:05Z', dueAt: '2026-10-25T00:30:00Z' },
    { zone: 'Europe/Berlin', last: '2026-10-25T00:30:05Z', dueAt: '2026-10-26T01:30:00Z' },
    { zone: 'America/New_York', last: '2026-03-07T07:30:05Z', dueAt: '2026-03-08T07:30:00Z' },
    { zone: 'America/New_York', last: '2026-03-08T07:30:05Z', dueAt: '2026-03-09T06:30:00Z' },
    { zone: 'America/New_York', last: '2026-10-31T06:30:05Z', dueAt: '2026-11-01T07:30:00Z' },
    { zone: 'America/New_York', last: '2026-11-01T07:30:05Z', dueAt: '2026-11-02T07:30:00Z' },
  ])('$zone after $last is due at $dueAt', ({ zone, last, dueAt }) => {
    const job = nightly(zone)
    const overdueAt = at(dueAt) + job.graceMs
    expect(judgeHeartbeat(job, heard(at(last)), overdueAt).state).toBe('on_time')
    expect(judgeHeartbeat(job, heard(at(last)), overdueAt + 1)).toMatchObject({
      state: 'late',
      since: overdueAt,
      reason: expect.stringContaining(`due at ${dueAt}, with 10 min grace`),
    })
  })

  test('a call a little early, by a clock that is ahead of ours, counts for its instant', () => {
    const job = nightly('UTC')
    const early = heard(at('2026-03-13T02:29:58Z'))
    expect(judgeHeartbeat(job, early, at('2026-03-13T02:41:00Z')).state).toBe('on_time')
    expect(judgeHeartbeat(job, early, at('2026-03-14T02:41:00Z')).state).toBe('late')
  })

  test('a vote of Friday is fresh until the call of Monday is overdue', () => {
    const job = nightly('UTC', '0 3 * * 1-5')
    const friday = at('2026-03-13T03:00:20Z')
    expect(friday + heartbeatFreshForMs(job, friday)).toBeGreaterThan(at('2026-03-16T03:10:00Z'))
  })
})

/** Looks every minute, as the loop does, and gives what was told. */
function watch(
  job: WatchedJob,
  state: HeartbeatState,
  { from, until, absence }: { from: number; until: number; absence?: Absence },
) {
  const told: number[] = []
  let current = state
  for (let now = from; now <= until; now += MINUTE_MS) {
    const decision = watchHeartbeat({ job, state: current, absence, now })
    if (decision.late) told.push(now)
    current = decision.next
  }
  return { told, state: current }
}

describe('what is told', () => {
  test('that a call is missing once, and again each time that one would have been due', () => {
    const { told } = watch(hourly, heard(noon), { from: noon, until: noon + 4 * HOUR_MS })
    const first = noon + HOUR_MS + 6 * MINUTE_MS
    expect(told).toEqual([first, first + HOUR_MS, first + 2 * HOUR_MS])
  })

  test('that an execution does not end, which is the same miss as the next call', () => {
    const { told } = watch(hourly, started(noon), { from: noon, until: noon + 2 * HOUR_MS })
    expect(told).toEqual([noon + HOUR_MS + 6 * MINUTE_MS])
  })

  test.each([
    { name: 'over the due instant', from: 55, until: 70, excused: true },
    { name: 'shortly before it', from: 56, until: 57, excused: true },
    { name: 'long before it', from: 10, until: 40, excused: false },
    { name: 'after the miss', from: 66, until: 70, excused: false },
  ])('an absence of ours $name: excused $excused', ({ from, until, excused }) => {
    const absence = { from: noon + from * MINUTE_MS, until: noon + until * MINUTE_MS }
    const seen = { from: absence.until, until: noon + 80 * MINUTE_MS, absence }
    const { told, state } = watch(hourly, heard(noon), seen)
    expect(told.length).toBe(excused ? 0 : 1)
    const later = watch(hourly, state, { ...seen, from: seen.until, until: noon + 3 * HOUR_MS })
    expect(later.told.length).toBeGreaterThan(0)
  })

  test('whatever is called and however the clock jumps, one miss is told once', () => {
    const step = fc.oneof(
      fc.record({ pass: fc.integer({ min: -30, max: 120 }) }),
      fc.record({ call: fc.constantFrom('start', 'success', 'fail') }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = noon
        let state = newHeartbeat(now)
        let newest = now
        let toldAt: number | undefined
        let starts = 0
        for (const one of steps) {
          if ('pass' in one) now += one.pass * MINUTE_MS
          else {
            const taken = takeCall(state, { signal: one.call } as never, now)
            if (taken.kind !== 'repeated') {
              state = taken.next
              toldAt = undefined
              starts = one.call === 'start' ? starts + 1 : 0
              newest = Math.max(newest, now)
            }
          }
          const { next, late } = watchHeartbeat({ job: hourly, state, absence: undefined, now })
          state = next
          if (!late) continue
          // Each execution may be told once, and a missing call once an hour.
          if (toldAt !== undefined && now - toldAt < HOUR_MS) expect(starts--).toBeGreaterThan(0)
          toldAt = now
        }
      }),
    )
  })

  test('who is called before each is overdue is never late', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 }), { maxLength: 40 }), (pauses) => {
        let now = noon
        let state = newHeartbeat(now)
        for (const minutes of pauses) {
          const { told, state: watched } = watch(hourly, state, {
            from: now,
            until: now + minutes * MINUTE_MS,
          })
          expect(told).toEqual([])
          now += minutes * MINUTE_MS
          const taken = takeCall(watched, { signal: 'success', exitCode: 0 }, now)
          state = taken.kind === 'ended' ? taken.next : watched
        }
      }),
    )
  })
})
