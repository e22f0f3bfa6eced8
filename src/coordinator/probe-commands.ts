import type { Clock } from '../base/clock.ts'
import { COMMANDS_MAX, type RunNow } from '../protocol/probe-api.ts'
import type { CoordinatorMetrics } from './coordinator-metrics.ts'

/**
 * Commands on their way to probes, each region's by itself. They are worth nothing a few seconds later,
 * so they are in memory alone; a probe that does not listen here is not asked.
 *
 * A probe holds a request open (listening); it is answered as soon as there is a command, and comes
 * again at once. Of several probes of a region each command goes to one.
 */
export type ProbeCommands = {
  /** Whether a probe of the region listens, or did a moment ago and will be back. */
  isListening(regionId: string): boolean
  /** False when the command was dropped, because nobody listens or too many wait. */
  send(regionId: string, command: RunNow): boolean
  /**
   * What waits for the region, at most {@link COMMANDS_MAX}; when that is nothing, what comes first
   * before the signal aborts. Undefined when too many requests of the region are held already.
   */
  next(regionId: string, signal: AbortSignal): Promise<RunNow[]> | undefined
}

/** Between two requests of a probe, its queue still takes commands. */
const BACK_WITHIN_MS = 3_000

/** Requests held for one region: more probes than any region has. */
const HELD_MAX = 50

type Region = { queue: RunNow[]; held: Set<() => void>; heldUntil: number }

export function createProbeCommands({
  clock,
  metrics,
}: {
  clock: Clock
  metrics: Pick<CoordinatorMetrics, 'commanded'>
}): ProbeCommands {
  const regions = new Map<string, Region>()

  function regionOf(regionId: string): Region {
    const region = regions.get(regionId) ?? { queue: [], held: new Set(), heldUntil: -Infinity }
    regions.set(regionId, region)
    return region
  }

  const isListening = (regionId: string) => {
    const region = regions.get(regionId)
    if (!region) return false
    return region.held.size > 0 || clock.monotonic() - region.heldUntil < BACK_WITHIN_MS
  }

  function dropLate(region: Region): void {
    const now = clock.now()
    for (const { notAfter, reason } of region.queue)
      if (notAfter < now) metrics.commanded('dropped', reason, 1)
    region.queue = region.queue.filter(({ notAfter }) => notAfter >= now)
  }

  function takeAll(region: Region): RunNow[] {
    dropLate(region)
    const taken = region.queue.splice(0)
    for (const { reason } of taken) metrics.commanded('sent', reason, 1)
    return taken
  }

  async function wait(region: Region, signal: AbortSignal): Promise<RunNow[]> {
    dropLate(region)
    if (region.queue.length === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      region.held.add(resolve)
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
      region.held.delete(resolve)
    }
    region.heldUntil = clock.monotonic()
    // Whoever went away while waiting must not take what another one could.
    return signal.aborted ? [] : takeAll(region)
  }

  return {
    isListening,
    send(regionId, command) {
      const region = regionOf(regionId)
      dropLate(region)
      if (!isListening(regionId) || region.queue.length >= COMMANDS_MAX) {
        metrics.commanded('dropped', command.reason, 1)
        return false
      }
      region.queue.push(command)
      const [first] = region.held
      if (first) {
        region.held.delete(first)
        region.heldUntil = clock.monotonic()
        first()
      }
      return true
    },
    next(regionId, signal) {
      const region = regionOf(regionId)
      return region.held.size >= HELD_MAX ? undefined : wait(region, signal)
    },
  }
}
