import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'

const POLL_MS = 20
/** For what takes whole seconds of busy processes: looking often would keep them from it. */
export const SELDOM_MS = 500

/**
 * Waits until `probe` gives something truthy, and returns that. Tests never sleep: they wait for
 * what they need, with a deadline.
 *
 * @throws when `withinMs` passes first; the message has `what` and the last error of `probe`.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { withinMs = 20_000, everyMs = POLL_MS }: { withinMs?: number; everyMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + withinMs
  let lastError: unknown
  do {
    try {
      const value = await probe()
      if (value) return value as NonNullable<Exclude<T, false>>
      lastError = undefined
    } catch (error) {
      lastError = error
    }
    await wait(everyMs)
  } while (performance.now() < deadline)
  throw new Error(`not within ${withinMs} ms: ${what}`, { cause: lastError })
}
