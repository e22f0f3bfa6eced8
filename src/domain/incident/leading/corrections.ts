import type { IncidentEvent } from '../../../protocol/incident.ts'

/** What of an event holds instead of what it says. */
export type Corrected = {
  text?: string
  occurredAt?: number
  by: string
  at: number
  reason: string
}

/** The words of a person in an event, wherever it has them. */
export function textOf(event: IncidentEvent): string | undefined {
  if (event.type === 'noted') return event.text
  if (event.type === 'data_at_risk') return event.what
  if (event.type === 'next_action_set') return event.text
  if (event.type === 'step_done') return event.result
  if ('note' in event && event.note !== undefined) return event.note
  return 'reason' in event ? event.reason : undefined
}

/** What corrections have made of earlier events, by their sequence. The last word holds, for each part. */
export function correctionsOf(events: readonly IncidentEvent[]): Map<number, Corrected> {
  const corrected = new Map<number, Corrected>()
  for (const event of events) {
    if (event.type !== 'corrected') continue
    const before = corrected.get(event.target)
    corrected.set(event.target, {
      ...before,
      ...(event.text !== undefined && { text: event.text }),
      ...(event.happenedAt !== undefined && { occurredAt: event.happenedAt }),
      by: event.actor.kind === 'person' ? event.actor.name : 'Firewatch',
      at: event.recordedAt,
      reason: event.reason,
    })
  }
  return corrected
}
