import { join } from 'node:path'
import { messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import type { Lifecycle } from '../../runtime/lifecycle.ts'
import type { Logger } from '../../runtime/logger.ts'
import { defineLoop, startLoop } from '../../runtime/loop.ts'
import { writeWhole } from './assignment-file.ts'
import type { CoordinatorClient } from './coordinator-client.ts'

/** Below the probe's data folder. */
export const ON_CALL_PLAN_FILE = 'on-call-plan.json'

/** How old a copy becomes while the coordinator answers. */
const RENEWED_AFTER_MS = 10 * 60_000
const LOOK_EVERY_MS = 60_000
const DEADLINE_MS = 15_000

type Parts = {
  client: CoordinatorClient
  clock: Clock
  lifecycle: Lifecycle
  logger: Logger
  folder: string
}

/**
 * Keeps who is on call on this probe's disk, for people who ask while the coordinator is away. The probe
 * itself makes no use of it. Not there: the last copy stays, and says how old it is.
 */
export function keepOnCallPlan(parts: Parts): void {
  const { client, clock, folder, lifecycle, logger } = parts
  let keptAt: number | undefined
  const loop = defineLoop<Parts>({
    name: 'keep-on-call-plan',
    everyMs: LOOK_EVERY_MS,
    deadlineMs: DEADLINE_MS,
    async run(_, signal) {
      if (keptAt !== undefined && clock.monotonic() - keptAt < RENEWED_AFTER_MS) return
      try {
        const plan = await client.onCallPlan(signal)
        await writeWhole(join(folder, ON_CALL_PLAN_FILE), JSON.stringify(plan))
        keptAt = clock.monotonic()
      } catch (error) {
        // That the coordinator is away the heartbeat says; an older one has no plan to give.
        logger.debug({ error: messageOf(error) }, 'who is on call could not be kept')
      }
    },
  })
  startLoop(loop, parts, { lifecycle, logger })
}
