import type { IncidentEvent, IncidentEventType } from '../../protocol/incident.ts'
import type { TimelineEntry } from '../../protocol/postmortem.ts'
import { eventLine } from '../incident/event-line.ts'

/** What happens many times an hour, or says to people of today what nobody reads afterwards. */
const LEFT_OUT: readonly IncidentEventType[] = [
  'evidence_added',
  'finding_counted',
  'finding_narrowed',
  'update_reminded',
  'update_promised',
  'corrected',
  'postmortem_moved',
]

/** The record as a timeline, the oldest first; people may leave entries out and change none. */
export function timelineOf(
  events: readonly IncidentEvent[],
  hidden: readonly number[],
): TimelineEntry[] {
  const corrected = new Map(
    events.flatMap((event) => (event.type === 'corrected' ? [[event.target, event] as const] : [])),
  )
  return events
    .filter(({ type }) => !LEFT_OUT.includes(type))
    .map((event) => {
      const correction = corrected.get(event.sequence)
      return {
        sequence: event.sequence,
        at: correction?.happenedAt ?? event.occurredAt,
        text: correction?.text ?? eventLine(event),
        ...(event.actor.kind === 'person' && { by: event.actor.name }),
        isHidden: hidden.includes(event.sequence),
      }
    })
    .toSorted((a, b) => a.at - b.at || a.sequence - b.sequence)
}
