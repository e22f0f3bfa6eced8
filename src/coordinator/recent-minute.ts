import type { Clock } from '../base/clock.ts'

/** Counts what happened within the last minute. */
export type RecentMinute = { add(): void; count(): number }

const MINUTE_MS = 60_000

export function createRecentMinute({ monotonic }: Pick<Clock, 'monotonic'>): RecentMinute {
  // Whoever adds looks at the count first and stops at a limit, so this stays short.
  let times: number[] = []
  const forget = () => {
    const since = monotonic() - MINUTE_MS
    times = times.filter((at) => at > since)
  }
  return {
    add() {
      forget()
      times.push(monotonic())
    },
    count() {
      forget()
      return times.length
    },
  }
}
