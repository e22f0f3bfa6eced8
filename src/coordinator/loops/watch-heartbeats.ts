import { isHeartbeat } from '../../protocol/check.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { lookAtJob } from '../heartbeat-desk.ts'
import { heartbeatsToLookAt } from '../store/heartbeats.ts'

/** Notices jobs that do not call in time, or do not end. */
export const watchHeartbeats = defineLoop<CoordinatorParts>({
  name: 'watch-heartbeats',
  everyMs: 1_000,
  deadlineMs: 20_000,
  async run(parts, signal) {
    const { store, clock, fleet } = parts
    const jobs = new Map(fleet.checks.filter(isHeartbeat).map((job) => [job.id, job]))
    if (jobs.size === 0) return
    for (const checkId of await heartbeatsToLookAt(store, clock.now())) {
      signal.throwIfAborted()
      const job = jobs.get(checkId)
      // One that we do not know is another coordinator's, with newer definitions.
      if (job) await lookAtJob(parts, job)
    }
  },
})
