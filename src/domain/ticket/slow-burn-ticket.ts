import type { Incident } from '../../protocol/incident.ts'
import type { SlowBurnTicket } from '../../protocol/objective.ts'
import type { BurnDecision } from '../objective/evaluate-burn.ts'

export type SlowBurnStep = { do: 'open' | 'comment' | 'nothing'; reason: string }

/** What begins again within so long is the same work, and goes on in the same ticket. */
export const SAME_TICKET_MS = 7 * 24 * 3_600_000

/**
 * Decides about the ticket of an objective whose budget burns slowly: one for all that burns within a
 * week. What an incident tells of, or told of, is no ticket besides: its failures are known, and the slow
 * windows see them for hours after they have ended.
 *
 * @param ticket the last one that was asked for.
 * @param incident the newest of the service.
 * @param lastBadAt slot of the newest bad run, or a little before it.
 */
export function slowBurnTicket(input: {
  decision: Pick<BurnDecision, 'state' | 'window' | 'reason'>
  ticket: Pick<SlowBurnTicket, 'askedAt' | 'isOver'> | undefined
  incident: Pick<Incident, 'id' | 'recoveredAt' | 'restoredAt'> | undefined
  lastBadAt: number | undefined
  now: number
}): SlowBurnStep {
  const { decision, ticket, incident, lastBadAt, now } = input
  const { state, window, reason } = decision
  if (state === 'quiet' && ticket?.isOver === false)
    return { do: 'comment', reason: `The budget does not burn too fast any more: ${reason}` }
  if (window?.action !== 'ticket') return { do: 'nothing', reason }
  if (ticket?.isOver === false) return { do: 'nothing', reason: 'it has a ticket' }
  const overSince = incident?.recoveredAt ?? incident?.restoredAt
  if (incident && overSince === undefined)
    return { do: 'nothing', reason: `${incident.id} tells of it` }
  if (incident && (lastBadAt ?? 0) <= (overSince ?? 0))
    return { do: 'nothing', reason: `these failures are those of ${incident.id}, which are over` }
  return ticket && now - ticket.askedAt < SAME_TICKET_MS
    ? { do: 'comment', reason: `The budget burns again: ${reason}` }
    : { do: 'open', reason }
}
