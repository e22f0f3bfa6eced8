import { type Incident, OPEN_STATES } from '../../../protocol/incident.ts'
import { MITIGATIONS_MAX, type MitigationKind } from '../../../protocol/mitigation.ts'
import { carryOut, type Decision, type Order, refuseState, withNote } from './order.ts'

/** Something was done so that the impact ends; what comes of it the probes say. */
export function mitigate(
  incident: Incident,
  order: Order,
  { kind, what, target }: { kind: MitigationKind; what: string; target?: string | undefined },
): Decision {
  return carryOut(incident, order, what, () => {
    const refused = refuseState(incident, OPEN_STATES, 'recording a mitigation')
    if (refused) return refused
    const done = incident.mitigations?.length ?? 0
    if (done >= MITIGATIONS_MAX)
      return {
        code: 'incident.full',
        reason: `${incident.id} has ${done} mitigations, as many as it may have; write a note`,
      }
    return [
      {
        type: 'mitigation_applied',
        mitigationId: `m${done + 1}`,
        kind,
        what,
        ...(target !== undefined && { target }),
      },
    ]
  })
}

/** What was done was taken back. */
export function undoMitigation(
  incident: Incident,
  order: Order,
  { mitigationId, note }: { mitigationId: string; note?: string | undefined },
): Decision {
  return carryOut(incident, order, note, () => {
    const known = incident.mitigations?.find(({ id }) => id === mitigationId)
    if (!known)
      return {
        code: 'incident.mitigation_unknown',
        reason: `${incident.id} has no mitigation ${mitigationId}`,
      }
    if (known.undone)
      return {
        code: 'incident.no_change',
        reason: `${known.undone.by} has taken ${mitigationId} back already`,
      }
    return [{ type: 'mitigation_undone', mitigationId, ...withNote(note) }]
  })
}
