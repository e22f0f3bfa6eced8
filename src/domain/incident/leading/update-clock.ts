import { describeDuration } from '../../../base/duration.ts'
import type { Fleet } from '../../../protocol/config.ts'
import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import {
  OVERDUE_AFTER_MS,
  REMINDER_BEFORE_MS,
  type ReminderStage,
} from '../../../protocol/leading.ts'
import { isOpen } from '../moves.ts'
import { type Draft, recordedAfter } from '../stamp-events.ts'
import { toldOfUpdates } from './roles.ts'

/** Within so long after it is over the public hears the last of it. */
export const LAST_UPDATE_MS = 5 * 60_000

/** What changes how often people hear of an incident. */
const STARTS_THE_CLOCK: readonly IncidentEvent['type'][] = [
  'declared',
  'severity_raised',
  'relapsed',
  'recurred',
  'reopened',
]

/**
 * Promises the next update where one is owed and none is promised: from the declaration on as often as
 * the severity asks, and once more when it is over and the public still reads that it is not. A
 * promise that a person made stays, unless the incident becomes worse.
 *
 * @param events those that were just recorded.
 */
export function promiseUpdate(
  incident: Incident,
  events: readonly IncidentEvent[],
  cadence: NonNullable<Fleet['updateEveryMs']>,
  now: number,
): Draft[] {
  const at = recordedAfter(incident, now)
  const promised = incident.updates?.nextAt
  if (isOpen(incident)) {
    const everyMs = cadence[incident.severity]
    if (incident.declared === undefined || everyMs === undefined) return []
    const isNews = events.some(({ type }) => STARTS_THE_CLOCK.includes(type))
    if (!isNews || (promised !== undefined && promised <= at + everyMs)) return []
    const reason = `at ${incident.severity} people hear of it every ${describeDuration(everyMs)}`
    return [{ type: 'update_promised', nextAt: at + everyMs, reason }]
  }
  const { published } = incident
  if (published === undefined || published.status === 'resolved' || promised !== undefined)
    return []
  const reason = `it is over, and the public still reads "${published.status}"`
  return [{ type: 'update_promised', nextAt: at + LAST_UPDATE_MS, reason }]
}

const STAGES: readonly ReminderStage[] = ['soon', 'due', 'overdue']
const OFFSET_MS: { readonly [S in ReminderStage]: number } = {
  soon: -REMINDER_BEFORE_MS,
  due: 0,
  overdue: OVERDUE_AFTER_MS,
}

/** The reminder that is due: only the last one, where several became due while nobody looked. */
export function remindOfUpdate(incident: Incident, now: number): Draft[] {
  const { updates } = incident
  if (!updates) return []
  const { nextAt, stage: given } = updates
  const stage = STAGES.findLast((one) => now >= nextAt + OFFSET_MS[one])
  if (stage === undefined || STAGES.indexOf(stage) <= rankOf(given)) return []
  const to = toldOfUpdates(incident, stage !== 'soon')
  return [{ type: 'update_reminded', stage, nextAt, to }]
}

/** When {@link remindOfUpdate} next has something to say. */
export function nextReminderAt({ updates }: Pick<Incident, 'updates'>): number | undefined {
  if (!updates) return undefined
  const stage = STAGES[rankOf(updates.stage) + 1]
  return stage === undefined ? undefined : updates.nextAt + OFFSET_MS[stage]
}

const rankOf = (stage: ReminderStage | undefined): number =>
  stage === undefined ? -1 : STAGES.indexOf(stage)
