import type { LiveEvent } from '../protocol/public-api.ts'

/**
 * Tells dashboards what changed, after it was committed. Events are hints: whoever misses some loads
 * its page again, so nothing is kept.
 */
export type LiveFeed = {
  publish(events: readonly LiveEvent[]): void
  /** Calls `listener` for each event until the returned function is called. */
  subscribe(listener: (event: LiveEvent) => void): () => void
  listeners(): number
}

export function createLiveFeed(): LiveFeed {
  const listeners = new Set<(event: LiveEvent) => void>()
  return {
    publish(events) {
      for (const event of events) for (const listener of listeners) listener(event)
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    listeners: () => listeners.size,
  }
}
