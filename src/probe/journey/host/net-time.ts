import type { Clock } from '../../../base/clock.ts'

/** The journey's own time: stands still while evidence is collected. Milliseconds since its start. */
export type NetTime = {
  now(): number
  /** The same with everything, evidence too. */
  grossNow(): number
  /** Runs `body` outside the measured time. */
  outside<T>(body: () => Promise<T>): Promise<T>
}

export function startNetTime(
  clock: Clock,
  /** Told when the time stops and when it goes on, with how long it has stood still so far. */
  onPause: (pause: { isPaused: boolean; pausedMs: number }) => void = () => undefined,
): NetTime {
  const startedAt = clock.monotonic()
  let outsideMs = 0
  let leftAt: number | undefined
  let nested = 0
  return {
    grossNow: () => clock.monotonic() - startedAt,
    now: () => (leftAt ?? clock.monotonic()) - startedAt - outsideMs,
    async outside(body) {
      if (nested++ === 0) {
        leftAt = clock.monotonic()
        onPause({ isPaused: true, pausedMs: outsideMs })
      }
      try {
        return await body()
      } finally {
        if (--nested === 0 && leftAt !== undefined) {
          outsideMs += clock.monotonic() - leftAt
          leftAt = undefined
          onPause({ isPaused: false, pausedMs: outsideMs })
        }
      }
    },
  }
}
