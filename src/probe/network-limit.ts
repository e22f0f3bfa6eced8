/** How busy this process was over a span of time. */
export type Load = {
  /** Share of the time that the event loop was busy, 0 to 1. */
  utilization: number
  /** Longest standstill of the event loop, in milliseconds. */
  lagMs: number
  /** Milliseconds that the measuring thread waited for a processor; absent where nobody counts. */
  cpuWaitMs?: number
  /** The span itself, in milliseconds. */
  spanMs: number
}

export type LimitBounds = { min: number; max: number }

/** Runs that are under way at once even when the probe is busy: it must not stop to measure. */
const NETWORK_RUNS_MIN = 4

/** Above any of these, what the probe measures is no longer the target's time. */
const OVERLOADED = { utilization: 0.9, lagMs: 100, cpuWaitShare: 0.3 }
/** Below all of these, it can take more. Between the two nothing changes, so that it does not swing. */
const COMFORTABLE = { utilization: 0.7, lagMs: 50, cpuWaitShare: 0.15 }

const DECREASE = 0.7
/** Of the whole range, for each look; so a probe is back at its most in half a minute. */
const INCREASE_SHARE = 1 / 20

export const networkLimitBounds = (max: number): LimitBounds => ({
  min: Math.min(NETWORK_RUNS_MIN, max),
  max,
})

/**
 * How many network checks may be under way at once, by how busy the last second was: fewer by a share
 * at once when that was too much, more by a step when it was little (as TCP shares a line, RFC 5681).
 */
export function nextLimit(current: number, load: Load, { min, max }: LimitBounds): number {
  const next = isAbove(load, OVERLOADED)
    ? Math.floor(current * DECREASE)
    : isAbove(load, COMFORTABLE)
      ? current
      : current + Math.max(1, Math.round((max - min) * INCREASE_SHARE))
  return Math.min(max, Math.max(min, next))
}

function isAbove(load: Load, line: typeof OVERLOADED): boolean {
  const waitShare = load.spanMs > 0 ? (load.cpuWaitMs ?? 0) / load.spanMs : 0
  return (
    load.utilization > line.utilization || load.lagMs > line.lagMs || waitShare > line.cpuWaitShare
  )
}
