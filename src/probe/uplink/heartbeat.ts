import type { z } from 'zod'
import { messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { AssignmentEnvelope, Heartbeat } from '../../protocol/probe-api.ts'
import type { Lifecycle } from '../../runtime/lifecycle.ts'
import type { Logger } from '../../runtime/logger.ts'
import { defineLoop, startLoop } from '../../runtime/loop.ts'
import type { ProbeMetrics } from '../probe-metrics.ts'
import type { CoordinatorClient } from './coordinator-client.ts'
import { reasonOf } from './drain-loop.ts'

/** One heartbeat, and one assignment if there is another; each has its own deadline. */
const PASS_MS_MAX = 25_000

export type HeartbeatParts = {
  client: CoordinatorClient
  clock: Clock
  lifecycle: Lifecycle
  logger: Logger
  metrics: ProbeMetrics
  regionId: string
  everyMs: number
  /** What the probe says about itself now. */
  status(): Omit<Heartbeat, 'sentAt'>
  /** Our wall clock minus the coordinator's. */
  onClockOffset(ms: number): void
  onAssignment(envelope: z.infer<typeof AssignmentEnvelope>): Promise<void>
}

/**
 * Says that the probe lives, every few seconds, and learns two things from the answer: how far the
 * clocks are apart, and whether the assignment is another one.
 *
 * States: reached ↔ away. Each change is logged once; an assignment that could not be fetched is
 * fetched with the next heartbeat.
 */
export function startHeartbeat(parts: HeartbeatParts): void {
  const { lifecycle, logger, metrics } = parts
  let isAway: boolean | undefined

  const heartbeat = defineLoop<HeartbeatParts>({
    name: 'heartbeat',
    everyMs: parts.everyMs,
    deadlineMs: PASS_MS_MAX,
    async run(_, signal) {
      try {
        await beat(parts, signal)
        if (isAway !== false) logger.info('the coordinator answers')
        isAway = false
      } catch (error) {
        // The probe goes on measuring; the next heartbeat tries again.
        if (lifecycle.signal.aborted) return
        metrics.uplinkFailed('heartbeat', reasonOf(error))
        if (isAway !== true)
          logger.warn({ error: messageOf(error) }, 'no contact with the coordinator')
        isAway = true
      }
    },
  })
  startLoop(heartbeat, parts, { lifecycle, logger })
}

async function beat(parts: HeartbeatParts, signal: AbortSignal): Promise<void> {
  const { client, clock, regionId } = parts
  const status = parts.status()
  const sentAt = clock.now()
  const startedAt = clock.monotonic()
  const answer = await client.heartbeat({ ...status, sentAt }, signal)
  // The answer was written about half-way between question and answer.
  const halfWay = sentAt + (clock.monotonic() - startedAt) / 2
  parts.onClockOffset(Math.round(halfWay - answer.now))

  if (answer.assignmentHash !== status.assignmentHash)
    await parts.onAssignment(await client.assignment(regionId, signal))
}
