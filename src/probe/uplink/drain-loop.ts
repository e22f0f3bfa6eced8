import { messageOf } from '../../base/app-error.ts'
import { backoffMs } from '../../base/backoff.ts'
import { waitFor } from '../../runtime/deadline.ts'
import type { Lifecycle } from '../../runtime/lifecycle.ts'
import type { Logger } from '../../runtime/logger.ts'
import { createWakeUp } from '../../runtime/wake-up.ts'
import type { ProbeMetrics } from '../probe-metrics.ts'
import { CoordinatorError } from './coordinator-client.ts'

/** From a second apart to a quarter of a minute: a coordinator that is back is found soon. */
const BACKOFF = { firstMs: 500, maxMs: 15_000 }

export type DrainParts = {
  lifecycle: Lifecycle
  logger: Logger
  metrics: ProbeMetrics
  random: () => number
}

export type DrainLoop = {
  /** There is work, which can wait for its turn, or must not (`urgent`). Not heard while it backs off. */
  wake(how?: 'urgent'): void
}

export type DrainOptions = {
  /** For the log and metrics. */
  name: string
  /** Pieces begin at least so far apart, unless something urgent comes: what gathers goes together. */
  paceMs: number
}

/**
 * Works off what waits for the coordinator.
 *
 * States: working (piece after piece, at its pace) → idle, when nothing is left, until somebody wakes it →
 * working; working → backing off, when a piece fails, for longer each time and at least as long as the
 * coordinator asks for → working. Stops with the lifecycle, in any state.
 *
 * @param work does one piece; false when there was none. What it throws is retried for ever: whether a
 * piece is given up is its own decision.
 */
export function startDrainLoop(
  { name, paceMs }: DrainOptions,
  work: (signal: AbortSignal) => Promise<boolean>,
  { lifecycle, logger, metrics, random }: DrainParts,
): DrainLoop {
  const { signal } = lifecycle
  const worked = createWakeUp()
  const urgent = createWakeUp()
  let failures = 0

  async function workOrFail(): Promise<'worked' | 'idle' | { waitMs: number }> {
    try {
      const hasWorked = await work(signal)
      if (failures > 0) logger.info({ failures }, `${name}: the coordinator takes them again`)
      failures = 0
      return hasWorked ? 'worked' : 'idle'
    } catch (error) {
      if (signal.aborted) return 'idle'
      failures++
      const isOurs = error instanceof CoordinatorError
      metrics.uplinkFailed(name, reasonOf(error))
      // Once an outage, not once an attempt.
      if (failures === 1) logger.warn({ error: messageOf(error) }, `${name}: waiting to try again`)
      const wantedMs = isOurs ? (error.retryAfterMs ?? 0) : 0
      return { waitMs: Math.max(wantedMs, backoffMs(failures, BACKOFF, random())) }
    }
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      const result = await workOrFail()
      if (result === 'worked') {
        if (paceMs > 0) await urgent.wait(signal, paceMs)
      } else if (result === 'idle') await worked.wait(signal)
      else await waitFor(result.waitMs, signal)
    }
  }

  const running = loop()
  lifecycle.onStop(name, () => running)
  return {
    wake(how) {
      worked.wake()
      if (how === 'urgent') urgent.wake()
    },
  }
}

/** A bounded word for metrics. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof CoordinatorError)) return 'other'
  return error.status === undefined ? 'unreachable' : String(error.status)
}
