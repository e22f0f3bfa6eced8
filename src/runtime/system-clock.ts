import { performance } from 'node:perf_hooks'
import type { Clock } from '../base/clock.ts'

/** The machine's clocks. The only place where the wall clock is read. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}
