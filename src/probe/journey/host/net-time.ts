import type { Clock } from '../../../base/clock.ts'

/** The journey's own time: stands still while evidence is collected. Milliseconds since its start. */
export type NetTime = {
  now(): number
  /** The same with everything, evidence too. */
  grossNow(): number
  /** Runs `body` outside the measured time. */
  outside<T>(body: () => Promise<T>): Promise<T>
}

export function startNetTime(clock: Clock): NetTime {
  const startedAt = clock.monotonic()
  let outsideMs = 0
  let leftAt: number | undefined
  let nested = 0
  return {
    grossNow: () => clock.monotonic() - startedAt,
    now: () => (leftAt ?? clock.monotonic()) - startedAt - outsideMs,
    async outside(body) {
      if (nested++ === 0) leftAt = clock.monotonic()
      try {
        return await body()
      } finally {
        if (--nested === 0 && leftAt !== undefined) {
          outsideMs += clock.monotonic() - leftAt
          leftAt = undefined
        }
      }
    },
  }
}
