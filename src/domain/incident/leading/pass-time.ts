import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import { SYSTEM, stampEvents } from '../stamp-events.ts'
import { missProgress, progressDueAt } from './progress.ts'
import { nextReminderAt, remindOfUpdate } from './update-clock.ts'

/** What time alone brings about while people lead an incident; no events when nothing is due. */
export const passTime = (incident: Incident, now: number): IncidentEvent[] =>
  stampEvents(incident, [...remindOfUpdate(incident, now), ...missProgress(incident, now)], {
    now,
    actor: SYSTEM,
  })

/** When {@link passTime} next gives something; undefined while nothing will be due. */
export function leadDueAt(incident: Incident): number | undefined {
  const due = [nextReminderAt(incident), progressDueAt(incident)].filter((at) => at !== undefined)
  return due.length === 0 ? undefined : Math.min(...due)
}
