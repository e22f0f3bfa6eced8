import { neededServices } from '../../base/dependency-graph.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { Change } from '../../protocol/signal.ts'
import {
  CHANGES_AFTER_MS,
  CHANGES_BEFORE_MS,
  CHANGES_SHOWN_MAX,
  type TriageCard,
} from '../../protocol/triage-card.ts'

/** Changes looked at for one incident. */
const CHANGES_LOOKED_AT = 100

type Services = Pick<Fleet, 'services'>

/** Which changes may have to do with an impact on these services that began then. */
export function changesAskedFor(
  affected: readonly string[],
  fleet: Services,
  impactStartedAt: number,
): { services: string[]; since: number; until: number; limit: number } {
  return {
    services: [...new Set([...affected, ...affected.flatMap((id) => neededBy(id, fleet))])],
    since: Math.max(0, impactStartedAt - CHANGES_BEFORE_MS),
    until: impactStartedAt + CHANGES_AFTER_MS,
    limit: CHANGES_LOOKED_AT,
  }
}

/**
 * Tells of the changes around the beginning of an impact. Undefined where nobody tells of changes:
 * then that there was none says nothing.
 *
 * @param changes newest first, as {@link changesAskedFor} asks for them.
 */
export function whatChanged(
  affected: readonly string[],
  { services, changeSecret }: Services & Pick<Fleet, 'changeSecret'>,
  changes: readonly Change[],
): TriageCard['changes'] {
  if (changeSecret === undefined && changes.length === 0) return undefined
  return {
    list: changes.slice(0, CHANGES_SHOWN_MAX).map((change) => ({
      ...change,
      serviceName: services.find(({ id }) => id === change.serviceId)?.name ?? change.serviceId,
      isOfNeeded: !affected.includes(change.serviceId),
    })),
    more: Math.max(0, changes.length - CHANGES_SHOWN_MAX),
  }
}

const neededBy = (id: string, { services }: Services): string[] => [
  ...neededServices(services, id).keys(),
]
