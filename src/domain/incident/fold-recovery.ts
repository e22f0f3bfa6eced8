import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import type { Mitigation } from '../../protocol/mitigation.ts'
import { doneBy } from './done-by.ts'

type EventOf<T extends IncidentEvent['type']> = Extract<IncidentEvent, { type: T }>

export type RecoveryEvent = EventOf<
  | 'gate_restarted'
  | 'gate_ticked'
  | 'gate_overridden'
  | 'watch_started'
  | 'watch_ended'
  | 'mitigation_applied'
  | 'mitigation_undone'
  | 'mitigation_measured'
  | 'postmortem_moved'
>

/** The part of the fold that is about what was done, verified, watched and reviewed. */
export function foldRecovery(incident: Incident, event: RecoveryEvent): Incident {
  switch (event.type) {
    case 'gate_restarted':
      return { ...incident, cleanSince: event.occurredAt, verifyUntil: event.verifyUntil }
    case 'gate_ticked':
      return { ...incident, gateTicks: ticked(incident, event) }
    case 'gate_overridden':
      return incident
    case 'watch_started': {
      const { occurredAt: since, until, checks } = event
      return { ...incident, watch: { since, until, checks } }
    }
    case 'watch_ended': {
      const { watch, ...rest } = incident
      return watch ? { ...rest, watchedUntil: Math.min(watch.until, event.occurredAt) } : rest
    }
    case 'mitigation_applied':
    case 'mitigation_undone':
    case 'mitigation_measured':
      return { ...incident, mitigations: mitigatedBy(incident.mitigations ?? [], event) }
    case 'postmortem_moved': {
      const dueAt = event.dueAt ?? incident.postmortem?.dueAt
      return {
        ...incident,
        postmortem: { state: event.to, ...(dueAt !== undefined && { dueAt }) },
      }
    }
  }
}

/** What was said last of an item holds. */
const ticked = ({ gateTicks = [] }: Incident, event: EventOf<'gate_ticked'>) => {
  const { item, outcome, owner, note } = event
  const tick = {
    ...{ item, outcome },
    ...(owner !== undefined && { owner }),
    ...(note !== undefined && { note }),
    ...doneBy(event),
  }
  return [...gateTicks.filter((other) => other.item !== item), tick]
}

function mitigatedBy(
  known: readonly Mitigation[],
  event: EventOf<'mitigation_applied' | 'mitigation_undone' | 'mitigation_measured'>,
): Mitigation[] {
  const { mitigationId: id } = event
  if (event.type === 'mitigation_applied') {
    const { kind, what, target } = event
    return [...known, { id, kind, what, ...(target !== undefined && { target }), ...doneBy(event) }]
  }
  const change =
    event.type === 'mitigation_measured'
      ? { effect: event.effect }
      : { undone: { ...doneBy(event), ...(event.note !== undefined && { note: event.note }) } }
  return known.map((mitigation) =>
    mitigation.id === id ? { ...mitigation, ...change } : mitigation,
  )
}
