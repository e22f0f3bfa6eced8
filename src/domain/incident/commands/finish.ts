import type { Incident, Resolution } from '../../../protocol/incident.ts'
import { openCount } from '../moves.ts'
import { recovery } from '../transition.ts'
import {
  carryOut,
  type Decision,
  type Order,
  refuseMove,
  refuseState,
  refuseWithoutReason,
  withNote,
} from './order.ts'

/** After so long a failure is another incident, whatever it looks like. */
export const REOPEN_WITHIN_MS = 7 * 24 * 3_600_000

/**
 * A person says that the impact is over, and what they did. Whether it is, the evidence says: the
 * incident verifies once every finding is clear, at once where none is open.
 */
export function mitigated(
  incident: Incident,
  order: Order,
  { note, verifyForMs }: { note: string; verifyForMs: number },
): Decision {
  return carryOut(incident, order, note, () => {
    const refused =
      refuseState(incident, ['mitigating'], 'saying that the impact is over') ??
      refuseWithoutReason(note, 'saying that the impact is over')
    if (refused) return refused
    if (incident.mitigated)
      return {
        code: 'incident.no_change',
        reason: `${incident.mitigated.by} has said so already; it verifies when every finding is clear`,
      }
    const isClean = openCount(incident) === 0
    return [
      { type: 'mitigated', note },
      ...(isClean ? [recovery(incident, order.now, verifyForMs)] : []),
    ]
  })
}

/** The cause is fixed, or a named person accepts that it is not. */
export function resolve(
  incident: Incident,
  order: Order,
  { as, reason }: { as: Resolution; reason: string },
): Decision {
  return carryOut(
    incident,
    order,
    reason,
    () =>
      refuseMove(incident, 'resolved') ??
      refuseWithoutReason(reason, as === 'cause_fixed' ? 'a fixed cause' : 'an accepted risk') ?? [
        { type: 'resolved', as, reason },
      ],
  )
}

/** Its review is done. */
export function close(incident: Incident, order: Order, note?: string): Decision {
  return carryOut(
    incident,
    order,
    note,
    () => refuseMove(incident, 'closed') ?? [{ type: 'closed', ...withNote(note) }],
  )
}

/** It is not over after all. Evidence may say nothing of it, so a person has to say when it is. */
export function reopen(incident: Incident, order: Order, reason: string): Decision {
  return carryOut(incident, order, reason, () => {
    const refused =
      refuseState(incident, ['verifying', 'restored', 'resolved'], 'reopening') ??
      refuseWithoutReason(reason, 'reopening')
    if (refused) return refused
    const { resolved } = incident
    if (resolved && order.now - resolved.at > REOPEN_WITHIN_MS)
      return {
        code: 'incident.wrong_state',
        reason: `${incident.id} was resolved more than seven days ago; declare another incident`,
      }
    return [{ type: 'reopened', reason }]
  })
}
