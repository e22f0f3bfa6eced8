import { type BackoffLimits, backoffMs } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { LiveEvent } from '../../protocol/public-api.ts'
import { EVENTS_HEARTBEAT_MS } from '../../protocol/public-paths.ts'
import { createValueStore, type ValueStore } from './value-store.ts'

/**
 * The one stream of live events of a page.
 *
 * - `connecting`: from the start until the first event.
 * - `live`: events come. Entered with each event, left when the stream breaks or nothing comes for
 *   {@link SILENCE_MS_MAX}: a half-open connection tells nothing, not even that it is dead.
 * - `lost`: it tries again and again, and with each try lets the page load by itself, so that a page
 *   whose stream a proxy forbids is at least as fresh as its last try.
 */
export type ConnectionStatus = {
  state: 'connecting' | 'live' | 'lost'
  /** Viewer's clock, when the coordinator was last heard; absent before. */
  heardAt?: number
}

export type Connection = {
  status: ValueStore<ConnectionStatus>
  /** Calls `listener` with events that came together. */
  onEvents(listener: (events: readonly LiveEvent[]) => void): () => void
  /** Calls `listener` when events may have been missed: load everything again. */
  onMissed(listener: () => void): () => void
  /** Whoever follows loads everything again. */
  refresh(): void
  /** The coordinator answered a request. */
  heard(): void
  start(): void
}

/** Two heartbeats may be late; the third makes it a cut. */
const SILENCE_MS_MAX = 2 * EVENTS_HEARTBEAT_MS + 2_000
const LOOK_EVERY_MS = 1_000
const RETRY: BackoffLimits = { firstMs: 1_000, maxMs: 10_000 }

/** Events are applied together so often, not one by one: each would draw the page again. */
const BATCH_MS = 200

/** More than this within a batch is a flood: loading the page again is cheaper. */
const BATCH_EVENTS_MAX = 2_000

export type OpenStream = (handlers: {
  onEvent(event: LiveEvent): void
  onBroken(): void
}) => () => void

export function createConnection(
  openStream: OpenStream,
  { clock, random }: { clock: Clock; random: () => number },
): Connection {
  const status = createValueStore<ConnectionStatus>({ state: 'connecting' })
  const eventListeners = new Set<(events: readonly LiveEvent[]) => void>()
  const missedListeners = new Set<() => void>()
  let close: (() => void) | undefined
  let openedAt = clock.now()
  let retryAt: number | undefined
  let attempts = 0
  let waiting: LiveEvent[] = []

  const tellMissed = () => {
    for (const listener of [...missedListeners]) listener()
  }

  function flush(): void {
    const events = waiting
    waiting = []
    if (events.length > BATCH_EVENTS_MAX) tellMissed()
    else for (const listener of [...eventListeners]) listener(events)
  }

  function onEvent(event: LiveEvent): void {
    const wasLost = status.get().state === 'lost'
    attempts = 0
    status.set({ state: 'live', heardAt: clock.now() })
    if (wasLost) tellMissed()
    if (waiting.length === 0) setTimeout(flush, BATCH_MS)
    if (waiting.length <= BATCH_EVENTS_MAX) waiting.push(event)
  }

  function lose(): void {
    close?.()
    close = undefined
    attempts++
    retryAt = clock.now() + backoffMs(attempts, RETRY, random())
    status.set({ ...status.get(), state: 'lost' })
  }

  function open(): void {
    retryAt = undefined
    openedAt = clock.now()
    close = openStream({ onEvent, onBroken: lose })
  }

  /** Wall-clock time on purpose: after the machine slept, everything is old. */
  function look(): void {
    const now = clock.now()
    if (retryAt !== undefined) {
      if (now < retryAt) return
      open()
      tellMissed()
    } else {
      const { state, heardAt = 0 } = status.get()
      const quietSince = state === 'live' ? heardAt : openedAt
      if (now - quietSince > SILENCE_MS_MAX) lose()
    }
  }

  return {
    status,
    onEvents(listener) {
      eventListeners.add(listener)
      return () => eventListeners.delete(listener)
    },
    onMissed(listener) {
      missedListeners.add(listener)
      return () => missedListeners.delete(listener)
    },
    refresh: tellMissed,
    heard: () => status.set({ ...status.get(), heardAt: clock.now() }),
    start() {
      open()
      setInterval(look, LOOK_EVERY_MS)
    },
  }
}
