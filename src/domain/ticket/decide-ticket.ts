import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import { OPEN_STATES } from '../../protocol/incident.ts'
import type { Severity } from '../../protocol/severity.ts'

/** Incidents of these become tickets where nothing else is written. */
export const USUAL_TICKET_SEVERITIES: readonly Severity[] = ['SEV-3']

/** What is to be done about the ticket of an incident, with the reason in words. */
export type TicketStep = {
  do: 'open' | 'comment' | 'close'
  text: string
  /** Of the event that it follows from: a ticket hears of them in their order. */
  sequence: number
}

/**
 * Decides about the ticket of an incident after events of it. A ticket is work for the next business
 * day: it pages nobody, and takes nothing away from paging when the severity is raised.
 *
 * - Open and of a severity that becomes a ticket, or declined because a ticket is enough: one is opened,
 *   once for the incident, whatever becomes of it later.
 * - Worse, restored or back again: the ticket hears of it. Restored is not resolved, so it stays open.
 * - Resolved, or nobody needs it any more: the ticket is closed, with the reason.
 *
 * @param isAsked whether a ticket was asked for already, opened or not.
 */
export function decideTicket(input: {
  incident: Incident
  events: readonly IncidentEvent[]
  severities: readonly Severity[]
  isAsked: boolean
}): TicketStep[] {
  const { incident, events, isAsked } = input
  if (!isAsked) {
    const reason = whyOpened(input)
    return reason === undefined
      ? []
      : [{ do: 'open', text: reason, sequence: incident.lastSequence }]
  }
  return events.flatMap((event) => {
    const told = toldOf(event)
    if (!told) return []
    return [{ do: told.do, text: `${incident.id} ${told.text}`, sequence: event.sequence }]
  })
}

function whyOpened({
  incident,
  events,
  severities,
}: Parameters<typeof decideTicket>[0]): string | undefined {
  const declined = events.find((event) => event.type === 'declined')
  if (declined)
    // Whoever names a ticket has one.
    return declined.as === 'ticket' && declined.ticket === undefined
      ? `declined because a ticket is enough: ${declined.reason}`
      : undefined
  const isOpen = OPEN_STATES.some((state) => state === incident.state)
  return isOpen && severities.includes(incident.severity)
    ? `${incident.severity} is work for the next business day`
    : undefined
}

function toldOf(event: IncidentEvent): Omit<TicketStep, 'sequence'> | undefined {
  switch (event.type) {
    case 'severity_raised':
      return {
        do: 'comment',
        text: `was raised from ${event.from} to ${event.to}: ${event.reason}`,
      }
    case 'restored':
      return {
        do: 'comment',
        text: `is restored: ${event.reason}. Its cause is not known to be fixed.`,
      }
    case 'recurred':
      return { do: 'comment', text: `came back after it was restored: ${event.reason}` }
    case 'reopened':
      return { do: 'comment', text: `was reopened: ${event.reason}` }
    case 'resolved':
      return {
        do: 'close',
        text: `is resolved, ${event.as === 'cause_fixed' ? 'its cause is fixed' : 'the risk is accepted'}: ${event.reason}`,
      }
    case 'declined':
      return event.as === 'false_alarm'
        ? { do: 'close', text: `was declined as a false alarm: ${event.reason}` }
        : { do: 'comment', text: `was declined because a ticket is enough: ${event.reason}` }
    case 'stood_down':
      return { do: 'close', text: `was stood down: ${event.reason}` }
    case 'merged':
      return { do: 'close', text: `became a part of ${event.into}: ${event.reason}` }
    default:
      return undefined
  }
}
