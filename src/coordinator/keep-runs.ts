import type { LiveEvent } from '../protocol/public-api.ts'
import { isOfSlot, type Run } from '../protocol/run.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { markAlertsDue } from './store/alerts.ts'
import { firstLine, storeRuns } from './store/runs.ts'
import type { Session } from './store/store.ts'

/**
 * Stores runs that are not there yet, and has their alerts looked at. Tell of them with
 * {@link tellOfRuns}, once the caller's transaction has committed.
 *
 * @returns the ids of those that were stored.
 */
export async function keepRuns(tx: Session, runs: Run[], now: number): Promise<Set<string>> {
  const ids = await storeRuns(tx, runs, now)
  const checkIds = new Set(runs.filter((run) => ids.has(run.runId)).map((run) => run.checkId))
  await markAlertsDue(tx, [...checkIds])
  return ids
}

/** Evaluates, shows and counts runs that were stored. */
export function tellOfRuns(
  { wake, feed, metrics }: CoordinatorParts,
  stored: readonly Run[],
  now: number,
): void {
  wake.evaluateAlerts()
  feed.publish(stored.filter(isOfSlot).map(toLiveEvent))
  metrics.runsIngested('stored', stored.length)
  for (const run of stored) {
    if (isOfSlot(run)) metrics.slotsEnded(run.verdict, 1)
    metrics.ingestDelay(Math.max(0, now - run.slotAt) / 1_000)
  }
}

function toLiveEvent(run: Run): LiveEvent {
  const message = firstLine(run.error?.message)
  return {
    type: 'slot',
    checkId: run.checkId,
    regionId: run.regionId,
    slot: {
      slotAt: run.slotAt,
      end: run.verdict,
      runId: run.runId,
      durationMs: run.durationMs,
      ...(run.error && { errorType: run.error.type }),
      ...(message !== null && { message }),
    },
  }
}
