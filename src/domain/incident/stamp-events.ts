import type { Actor, Incident, IncidentEvent } from '../../protocol/incident.ts'

export const SYSTEM: Actor = { kind: 'system' }

type Unstamped<Event> = Event extends unknown
  ? Omit<Event, 'sequence' | 'occurredAt' | 'recordedAt' | 'actor' | 'commandId'> & {
      occurredAt?: number
    }
  : never

/** An event without who, when and its place in the row; {@link stampEvents} adds those. */
export type Draft = Unstamped<IncidentEvent>

/** A clock that was set back must not make the record run backwards. */
export const recordedAfter = (
  incident: Pick<Incident, 'updatedAt'> | undefined,
  now: number,
): number => Math.max(now, incident?.updatedAt ?? now)

/** Makes events of drafts, in their order, after all that the incident has. */
export function stampEvents(
  incident: Pick<Incident, 'updatedAt' | 'lastSequence'> | undefined,
  drafts: readonly Draft[],
  { now, actor, commandId }: { now: number; actor: Actor; commandId?: string | undefined },
): IncidentEvent[] {
  const recordedAt = recordedAfter(incident, now)
  const first = (incident?.lastSequence ?? 0) + 1
  return drafts.map(
    (draft, index) =>
      ({
        occurredAt: recordedAt,
        ...draft,
        sequence: first + index,
        recordedAt,
        actor,
        ...(commandId !== undefined && { commandId }),
      }) as IncidentEvent,
  )
}
