/**
 * The tests' own time, out of the instants that Playwright tells: it stands still while workers and
 * browsers are started and ended, and between tests. What is told late, with an instant that has passed
 * already, happens now.
 */
export type NetTimeline = {
  /** Time stands still from `instant` on; nests. It does so at the beginning. */
  stop(instant: number): void
  /** Undoes one `stop`. */
  go(instant: number): void
  /** Stands still from `instant` on whatever was open, with one `go` to undo it. */
  stopAll(instant: number): void
  /** Milliseconds of the tests' time at an instant; 0 before the first `go`. */
  at(instant: number): number
  /** Milliseconds for which it stood still, until an instant. */
  stoodMs(instant: number): number
}

/** Instants are epoch milliseconds throughout; `origin` is where it begins, and stands still. */
export function createNetTimeline(origin: number): NetTimeline {
  const stands: { from: number; to: number }[] = []
  let stoppedAt: number | undefined = origin
  let depth = 1
  let latest = origin

  const notBefore = (instant: number) => {
    latest = Math.max(latest, instant)
    return latest
  }

  const stood = (instant: number) => {
    const closed = stands.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to, instant) - from),
      0,
    )
    return closed + (stoppedAt === undefined ? 0 : Math.max(0, instant - stoppedAt))
  }

  return {
    stop(instant) {
      if (depth++ === 0) stoppedAt = notBefore(instant)
    },
    go(instant) {
      if (depth === 0 || --depth > 0) return
      const to = notBefore(instant)
      if (stoppedAt !== undefined) stands.push({ from: stoppedAt, to })
      stoppedAt = undefined
    },
    stopAll(instant) {
      if (depth === 0) stoppedAt = notBefore(instant)
      depth = 1
    },
    at: (instant) => Math.max(0, instant - origin - stood(instant)),
    stoodMs: stood,
  }
}
