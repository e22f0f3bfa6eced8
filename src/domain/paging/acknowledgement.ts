import { describeDuration } from '../../base/duration.ts'
import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import { isAcknowledged } from '../incident/commands/acknowledge.ts'
import { SYSTEM, stampEvents } from '../incident/stamp-events.ts'
import { wantsPeople } from './decide-pages.ts'

export type AcknowledgementDecision =
  /** Look again then. */
  { kind: 'holds'; until: number } | { kind: 'expired'; events: IncidentEvent[] }

/**
 * Whether an acknowledgement still holds. It is the promise to say more: who says nothing about the
 * incident for so long may have fallen asleep, and it is paged again.
 *
 * @param lastWordAt when a person last did or said anything about the incident.
 */
export function expireAcknowledgement(
  incident: Incident,
  { lastsMs, lastWordAt, now }: { lastsMs: number; lastWordAt: number; now: number },
): AcknowledgementDecision {
  const { acknowledged } = incident
  const until = Math.max(lastWordAt, acknowledged?.at ?? 0) + lastsMs
  if (!acknowledged || !isAcknowledged(incident) || !wantsPeople(incident) || now < until)
    return { kind: 'holds', until: Math.max(until, now + 1_000) }
  return {
    kind: 'expired',
    events: expired(
      incident,
      `${acknowledged.by} had it, and nobody said anything for ${describeDuration(lastsMs)}`,
      now,
    ),
  }
}

/** Ends an acknowledgement; whoever is on call is paged again. Nothing where nobody has it. */
export function expired(incident: Incident, reason: string, now: number): IncidentEvent[] {
  if (!incident.acknowledged || !wantsPeople(incident)) return []
  return stampEvents(incident, [{ type: 'acknowledgement_expired', reason }], {
    now,
    actor: SYSTEM,
  })
}
