import type { Clock } from '../base/clock.ts'

/** A pause of this process that makes what it did not hear worth nothing. */
const PAUSE_MS = 10_000

/**
 * Since when this coordinator has listened without a break. One that was itself stopped for a while
 * (SIGSTOP, a starved machine) heard nothing because it did not listen, and must not blame regions.
 */
export type Listening = {
  readonly since: number
  /** When it last listened before that; undefined when it never did. */
  readonly lastBefore: number | undefined
  /** Called at least every second while the process runs. */
  beat(): void
}

/** @param lastBefore when a coordinator last worked on the same store. */
export function startListening(clock: Clock, lastBefore?: number): Listening {
  let since = clock.now()
  let heardBefore = lastBefore
  let lastBeatAt = since
  let lastBeat = clock.monotonic()
  return {
    get since() {
      return since
    },
    get lastBefore() {
      return heardBefore
    },
    beat() {
      const now = clock.monotonic()
      if (now - lastBeat > PAUSE_MS) {
        since = clock.now()
        heardBefore = lastBeatAt
      }
      lastBeat = now
      lastBeatAt = clock.now()
    },
  }
}
