import { performance } from 'node:perf_hooks'
import type { Clock } from '../base/clock.ts'
import type { Quality } from '../protocol/run.ts'

/** How often the event loop is asked whether it turns; a standstill is seen with this precision. */
const SAMPLE_EVERY_MS = 20
/** Shorter delays are everyday, and not worth remembering. */
const LAG_MS_MIN = 5
/** Standstills remembered; a run that saw more of them has seen the longest among the latest. */
const STANDSTILLS_MAX = 2_000

type Standstill = { endedAt: number; lagMs: number }

/** Watches how fit this process is to measure. */
export type QualityMonitor = {
  /** Begins a run; call what it gives when the run is over. */
  begin(): () => Quality
  /** The probe's wall clock minus the coordinator's, as of the last heartbeat. */
  setClockOffset(ms: number): void
  stop(): void
}

/**
 * States: watching → stopped. Lag is how much later than planned the event loop turned: what answered
 * meanwhile was noticed only then, and looks slower than it was.
 *
 * It samples by itself because `monitorEventLoopDelay` cannot be read for several runs that overlap:
 * its reset also forgets the delay that is under way.
 */
export function watchQuality(clock: Clock): QualityMonitor {
  let sampledAt = clock.monotonic()
  let standstills: Standstill[] = []
  let concurrentRuns = 0
  let clockOffsetMs: number | undefined

  /** Also called between two samples: a standstill that lasts until now would be seen too late. */
  function sample(): void {
    const now = clock.monotonic()
    const lagMs = now - sampledAt - SAMPLE_EVERY_MS
    sampledAt = now
    if (lagMs < LAG_MS_MIN) return
    standstills.push({ endedAt: now, lagMs })
    if (standstills.length > STANDSTILLS_MAX) standstills = standstills.slice(STANDSTILLS_MAX / 2)
  }
  const timer = setInterval(sample, SAMPLE_EVERY_MS)
  timer.unref()

  function longestSince(instant: number): number {
    sample()
    // Of one that was under way when the run began, only the rest is the run's.
    return standstills.reduce(
      (longest, { endedAt, lagMs }) => Math.max(longest, Math.min(lagMs, endedAt - instant)),
      0,
    )
  }

  return {
    begin() {
      const startedAt = clock.monotonic()
      const before = performance.eventLoopUtilization()
      let others = concurrentRuns++
      return () => {
        others = Math.max(others, --concurrentRuns)
        const { utilization } = performance.eventLoopUtilization(before)
        return {
          // No number when not even a turn of the loop has passed, which is as busy as can be.
          eventLoopUtilization: Number.isFinite(utilization) ? Math.min(1, utilization) : 1,
          eventLoopLagMs: Math.round(longestSince(startedAt)),
          concurrentRuns: others,
          ...(clockOffsetMs !== undefined && { clockOffsetMs }),
        }
      }
    },
    setClockOffset(ms) {
      clockOffsetMs = ms
    },
    stop() {
      clearInterval(timer)
    },
  }
}
