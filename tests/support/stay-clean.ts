import type { CheckDefinition } from '../../src/protocol/check.ts'
import { dueSlots } from '../../src/protocol/schedule.ts'
import { aCheck, aRun } from './builders.ts'
import type { TestCoordinator } from './coordinator.ts'
import type { MovableClock } from './movable-clock.ts'

const BATCH_RUNS = 200

/**
 * So much time goes by in which every slot of the checks passes. What is told before the clock moves
 * cannot be missing for a moment when it has.
 */
export async function stayClean(
  coordinator: TestCoordinator,
  clock: MovableClock,
  ms: number,
  checks: readonly Pick<CheckDefinition, 'id' | 'schedule' | 'regions'>[] = [aCheck('http')],
): Promise<void> {
  const now = clock.now()
  const regions = new Set(checks.flatMap((check) => check.regions))
  for (const regionId of regions) {
    const runs = checks
      .filter((check) => check.regions.includes(regionId))
      .flatMap((check) =>
        dueSlots(check, regionId, now - 60_000, now + ms).map((slotAt) =>
          aRun({ checkId: check.id, regionId, slotAt, startedAt: slotAt }),
        ),
      )
    for (let from = 0; from < runs.length; from += BATCH_RUNS)
      await coordinator.ingest(runs.slice(from, from + BATCH_RUNS), regionId)
  }
  clock.advance(ms)
}
