import type { IncidentEvent } from '../../protocol/incident.ts'
import type { Escalation } from '../on-call/escalations-for.ts'

/** Time in which an attempt to reach them may fail and be told, before the page ends by itself. */
const GONE_THROUGH_MS = 5 * 60_000

/** The page that a person asked for: one step, once, by every way to whoever has the duty. */
export function askedPage(event: Extract<IncidentEvent, { type: 'page_asked' }>): {
  escalation: Escalation
  cause: string
} {
  const by = event.actor.kind === 'person' ? event.actor.name : 'somebody'
  const why = event.note === undefined ? '' : `: ${event.note}`
  return {
    escalation: {
      id: `asked:${event.sequence}`,
      as: 'page',
      isOnce: true,
      because: `${by} had ${event.who} called, by the runbook ${event.runbookId}`,
      ladder: {
        steps: [{ afterMs: 0, page: [event.duty] }],
        rounds: 1,
        acknowledgeWithinMs: GONE_THROUGH_MS,
        acknowledgementLastsMs: GONE_THROUGH_MS,
      },
    },
    cause: `${by} asked for ${event.who}${why}`,
  }
}
