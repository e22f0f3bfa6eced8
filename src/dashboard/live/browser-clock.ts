import type { Clock } from '../../base/clock.ts'

/** The viewer's clock and chance: the only place of the dashboard that reads them. */
export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
}

export const browserRandom = (): number => Math.random()
