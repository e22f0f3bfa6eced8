import { setTimeout as wait } from 'node:timers/promises'

/** Waits, or stops waiting when the signal aborts; never throws for the abort. */
export async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal })
  } catch (error) {
    // An abort only ends the wait; whoever waits looks at the signal next.
    if (!signal.aborted) throw error
  }
}

/** The promise's value, or undefined when it takes longer than `ms`. The promise goes on. */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  const giveUp = new AbortController()
  try {
    return await Promise.race([promise, waitFor(ms, giveUp.signal).then(() => undefined)])
  } finally {
    giveUp.abort()
  }
}
