import { performance } from 'node:perf_hooks'
import type { Clock } from '../base/clock.ts'
import type { Quality } from '../protocol/run.ts'
import type { Load } from './network-limit.ts'
import { openProcessorWait } from './processor-wait.ts'

/**
 * How often the event loop is asked whether it turns, while runs are under way; a standstill is seen
 * with this precision. It takes 2 % of a processor, and nothing when no run is under way.
 */
const SAMPLE_EVERY_MS = 2
/** The same while none of them is timed here: then it is only told, and judges nothing. */
const SAMPLE_SELDOM_MS = 25
/** Shorter delays are those of the timer itself. */
const LAG_MS_MIN = 1
/** Standstills remembered; a run that saw more of them has seen the longest among the latest. */
const STANDSTILLS_MAX = 2_000

type Standstill = { endedAt: number; lagMs: number }

/** Watches how fit this process is to measure. */
export type QualityMonitor = {
  /**
   * Begins a run; call what it gives when the run is over.
   *
   * @param isTimedHere whether this process takes its times. Those of journeys are taken in their host.
   */
  begin(isTimedHere?: boolean): () => Quality
  /** The probe's wall clock minus the coordinator's, as of the last heartbeat. */
  setClockOffset(ms: number): void
  /** Begins to watch how busy the process is; each call gives the load since the last one. */
  watchLoad(): () => Load
  stop(): void
}

/**
 * States: watching (samples while runs are under way) → stopped. Lag is how much later than planned the
 * event loop turned: what answered meanwhile was noticed only then, and looks slower than it was.
 *
 * It samples by itself because `monitorEventLoopDelay` cannot be read for several runs that overlap:
 * its reset also forgets the delay that is under way.
 */
export function watchQuality(clock: Clock): QualityMonitor {
  const processorWait = openProcessorWait(process.pid)
  let sampledAt = clock.monotonic()
  let standstills: Standstill[] = []
  let concurrentRuns = 0
  let clockOffsetMs: number | undefined
  let timedHere = 0
  let timer: NodeJS.Timeout | undefined
  let sampleEveryMs = 0

  /** Also called between two samples: a standstill that lasts until now would be seen too late. */
  function sample(): void {
    const now = clock.monotonic()
    const lagMs = now - sampledAt - sampleEveryMs
    sampledAt = now
    if (lagMs < LAG_MS_MIN) return
    standstills.push({ endedAt: now, lagMs })
    if (standstills.length > STANDSTILLS_MAX) standstills = standstills.slice(STANDSTILLS_MAX / 2)
  }

  /** Samples as often as the runs under way need it. */
  function adjustSampling(): void {
    if (concurrentRuns === 0) {
      stopSampling()
      return
    }
    const everyMs = timedHere > 0 ? SAMPLE_EVERY_MS : SAMPLE_SELDOM_MS
    if (timer !== undefined && everyMs === sampleEveryMs) return
    // What stands still right now is seen by the pace that it began in.
    if (timer !== undefined) sample()
    stopSampling()
    sampledAt = clock.monotonic()
    sampleEveryMs = everyMs
    timer = setInterval(sample, everyMs)
    timer.unref()
  }

  function stopSampling(): void {
    clearInterval(timer)
    timer = undefined
  }

  function longestSince(instant: number): number {
    if (timer !== undefined) sample()
    // From the end: the latest are few, and those before the instant are never looked at.
    let longest = 0
    for (let index = standstills.length - 1; index >= 0; index--) {
      const { endedAt, lagMs } = standstills[index] as Standstill
      if (endedAt <= instant) break
      // Of one that was under way when the run began, only the rest is the run's.
      longest = Math.max(longest, Math.min(lagMs, endedAt - instant))
    }
    return longest
  }

  /** Utilisation, longest lag and wait for a processor, from now on until it is asked. */
  function watch() {
    const startedAt = clock.monotonic()
    const before = performance.eventLoopUtilization()
    const waitedMs = processorWait.totalMs()
    return () => {
      const { utilization } = performance.eventLoopUtilization(before)
      const totalMs = processorWait.totalMs()
      return {
        // No number when not even a turn of the loop has passed, which is as busy as can be.
        utilization: Number.isFinite(utilization) ? Math.min(1, utilization) : 1,
        lagMs: longestSince(startedAt),
        ...(totalMs !== undefined &&
          waitedMs !== undefined && { cpuWaitMs: Math.max(0, totalMs - waitedMs) }),
        spanMs: clock.monotonic() - startedAt,
      }
    }
  }

  return {
    begin(isTimedHere = true) {
      let others = concurrentRuns++
      if (isTimedHere) timedHere++
      adjustSampling()
      const end = watch()
      return () => {
        others = Math.max(others, --concurrentRuns)
        if (isTimedHere) timedHere--
        const { utilization, lagMs, cpuWaitMs } = end()
        adjustSampling()
        return {
          eventLoopUtilization: utilization,
          eventLoopLagMs: round(lagMs),
          concurrentRuns: others,
          ...(cpuWaitMs !== undefined && { cpuWaitMs: round(cpuWaitMs) }),
          ...(clockOffsetMs !== undefined && { clockOffsetMs }),
        }
      }
    },
    setClockOffset(ms) {
      clockOffsetMs = ms
    },
    watchLoad() {
      let measure = watch()
      return () => {
        const load = measure()
        measure = watch()
        return load
      }
    },
    stop() {
      stopSampling()
      processorWait.close()
    },
  }
}

const round = (ms: number): number => Math.round(ms * 10) / 10
