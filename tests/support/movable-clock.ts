import { performance } from 'node:perf_hooks'
import type { Clock } from '../../src/base/clock.ts'

/** Wall-clock time that a test moves. Durations stay real: a test must not bend measured time. */
export type MovableClock = Clock & { set(instant: number): void; advance(ms: number): void }

/** Nothing becomes due while loops pause, unless the test moves the clock: they only keep it waiting. */
export const MOVED_LOOP_PACE = 0.1

export function movableClock(start: number): MovableClock {
  let now = start
  return {
    now: () => now,
    monotonic: () => performance.now(),
    set: (instant) => {
      now = instant
    },
    advance: (ms) => {
      now += ms
    },
  }
}
