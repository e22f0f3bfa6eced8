import type { Clock } from '../base/clock.ts'

/** A pause of this process that makes what it did not hear worth nothing. */
const PAUSE_MS = 10_000

/**
 * Since when this coordinator has listened without a break. One that was itself stopped for a while
 * (SIGSTOP, a starved machine) heard nothing because it did not listen, and must not blame regions.
 */
export type Listening = {
  readonly since: number
  /** Called at least every second while the process runs. */
  beat(): void
}

export function startListening(clock: Clock): Listening {
  let since = clock.now()
  let lastBeat = clock.monotonic()
  return {
    get since() {
      return since
    },
    beat() {
      const now = clock.monotonic()
      if (now - lastBeat > PAUSE_MS) since = clock.now()
      lastBeat = now
    },
  }
}
