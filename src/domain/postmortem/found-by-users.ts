import { describeDuration } from '../../base/duration.ts'
import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import { layerOf } from '../../protocol/layer-of.ts'
import type { NewActionItem } from '../../protocol/postmortem.ts'
import { holderOf } from '../incident/leading/roles.ts'

/** Reports so long before the first bad evidence are still of it: who waits for a page waits a while. */
export const REPORTED_BEFORE_MS = 15 * 60_000

/** Time for a check that finds it next time. */
const DUE_WITHIN_MS = 14 * 86_400_000

/** Users are the last by whom we should find out; that they were the first is a gap. */
export type FoundByUsers = {
  /** One sentence for what went badly. */
  words: string
  item: Omit<typeof NewActionItem._output, 'by'>
}

/**
 * Whether users told of an incident before anything that watches did, and what is to be done about it;
 * undefined where something that watches was first.
 *
 * @param events of the incident, the oldest first.
 * @param firstReportAt when the first user reported it; undefined where nobody did.
 */
export function foundByUsers(
  incident: Incident,
  events: readonly IncidentEvent[],
  { firstReportAt, now }: { firstReportAt: number | undefined; now: number },
): FoundByUsers | undefined {
  const found = events.find(
    (event) => event.type === 'finding_joined' && layerOf(event.finding) !== 'users',
  )?.recordedAt
  if (firstReportAt === undefined || (found !== undefined && found <= firstReportAt))
    return undefined
  const words =
    found === undefined
      ? 'Users told of it, and nothing that watches ever found it.'
      : `Users told of it ${describeDuration(found - firstReportAt)} before anything that watches found it.`
  return {
    words,
    item: {
      title: `Find it before users tell us: a check for “${incident.title}”`.slice(0, 300),
      owner: holderOf(incident, 'incident_commander') ?? incident.acknowledged?.by ?? 'nobody yet',
      dueAt: now + DUE_WITHIN_MS,
      priority: 'P2',
      type: 'detect',
    },
  }
}
