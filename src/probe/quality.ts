import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Clock } from '../base/clock.ts'
import type { Quality } from '../protocol/run.ts'

/** How often the longest delay so far is noted; runs see the delays of the notes that they overlap. */
const NOTE_EVERY_MS = 100
/** The longest run that is judged by all of its notes: ten minutes. */
const NOTES_MAX = 6_000
/** Of the timer that measures: a delay below it cannot be seen. */
const RESOLUTION_MS = 10

type Note = { at: number; lagMs: number }

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
 */
export function watchQuality(clock: Clock): QualityMonitor {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  let notes: Note[] = []
  let concurrentRuns = 0
  let clockOffsetMs: number | undefined

  function note(): void {
    const lagMs = delays.count === 0 ? 0 : Math.max(0, delays.max / 1e6 - RESOLUTION_MS)
    delays.reset()
    notes.push({ at: clock.monotonic(), lagMs })
    if (notes.length > NOTES_MAX) notes = notes.slice(NOTES_MAX / 2)
  }
  const timer = setInterval(note, NOTE_EVERY_MS)
  timer.unref()

  /** A delay that is not over yet has not been measured by anybody else. */
  const pendingLagMs = () =>
    Math.max(0, clock.monotonic() - (notes.at(-1)?.at ?? Infinity) - NOTE_EVERY_MS)

  function lagSince(instant: number): number {
    note()
    const seen = notes.filter(({ at }) => at >= instant).map(({ lagMs }) => lagMs)
    return Math.max(0, ...seen)
  }

  return {
    begin() {
      const startedAt = clock.monotonic()
      const before = performance.eventLoopUtilization()
      concurrentRuns++
      let others = concurrentRuns - 1
      return () => {
        concurrentRuns--
        others = Math.max(others, concurrentRuns)
        const pending = pendingLagMs()
        const { utilization } = performance.eventLoopUtilization(before)
        return {
          // Nothing ran between the two: as short as a run that never left the loop.
          eventLoopUtilization: Number.isFinite(utilization) ? Math.min(1, utilization) : 1,
          eventLoopLagMs: Math.round(Math.max(pending, lagSince(startedAt))),
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
      delays.disable()
    },
  }
}
