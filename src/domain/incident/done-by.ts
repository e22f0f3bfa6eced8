import type { IncidentEvent } from '../../protocol/incident.ts'

/** When and by whom what an event tells of was done. */
export const doneBy = ({ occurredAt, actor }: IncidentEvent): { at: number; by: string } => ({
  at: occurredAt,
  by: actor.kind === 'person' ? actor.name : 'Firewatch',
})
