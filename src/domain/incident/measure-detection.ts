import type { CheckDefinition } from '../../protocol/check.ts'
import type { MeasuredDetection } from '../../protocol/detection.ts'
import type { Finding, IncidentEvent } from '../../protocol/incident.ts'
import { detectionTime, looksApartMs } from '../alerting/detection-time.ts'

/**
 * How long it took from the first bad evidence to an incident, and what its check had promised. What
 * joins later does not change it. Undefined, never zero, where nothing was found: a person declared it,
 * or it began as a part of another.
 *
 * @param events oldest first.
 */
export function measureDetection(
  events: readonly IncidentEvent[],
  checks: readonly CheckDefinition[],
): MeasuredDetection | undefined {
  const first = events[1]
  if (first?.type !== 'finding_joined') return undefined
  return detectionOf(
    first.finding,
    first.recordedAt,
    checks.find(({ id }) => id === first.finding.checkId),
  )
}

/** The same of a finding that opens an incident at `now`. */
export function detectionOf(
  { since, scope }: Pick<Finding, 'since' | 'scope'>,
  now: number,
  check: CheckDefinition | undefined,
): MeasuredDetection {
  const isEverywhere = scope === 'global'
  const contract = check && detectionTime(check, { now: since })
  const uncertainMs = check && contract && looksApartMs(check, isEverywhere)
  return {
    tookMs: Math.max(0, now - since),
    ...(uncertainMs !== undefined && { uncertainMs }),
    ...(contract && {
      promisedMs: (isEverywhere ? contract.everywhere : contract.oneRegion).worstMs,
    }),
  }
}
