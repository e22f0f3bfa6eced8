import { detectionTime } from '../domain/alerting/detection-time.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import type { DetectionContract } from '../protocol/detection.ts'
import type { CheckOverview } from '../protocol/public-api.ts'

/** How soon a fault of the check becomes an alert, by what its runs take at the moment. */
export function detectionContract(
  definition: CheckDefinition,
  { regions }: Pick<CheckOverview, 'regions'>,
  now: number,
): DetectionContract | undefined {
  const durations = regions.flatMap(({ durationMsP50 }) => durationMsP50 ?? [])
  return detectionTime(definition, {
    // The slowest region's: a quorum waits for it.
    typicalRunMs: durations.length > 0 ? Math.max(...durations) : undefined,
    now,
  })
}
