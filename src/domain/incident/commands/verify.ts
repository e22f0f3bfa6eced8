import type { Incident } from '../../../protocol/incident.ts'
import type {
  GateItem,
  GateOutcome,
  GateStatus,
  WatchedCheck,
} from '../../../protocol/verification.ts'
import { openCount } from '../moves.ts'
import { afterRestored } from '../verification/advance-verification.ts'
import { unmetConditions } from '../verification/judge-gate.ts'
import {
  carryOut,
  type Decision,
  type Order,
  refuseState,
  refuseWithoutReason,
  withNote,
} from './order.ts'

/** A person says that something which only people can know is done, or who will do it later. */
export function tickGate(
  incident: Incident,
  order: Order,
  {
    item,
    outcome,
    owner,
    note,
  }: {
    item: GateItem
    outcome: GateOutcome
    owner?: string | undefined
    note?: string | undefined
  },
): Decision {
  return carryOut(incident, order, note, () => {
    const refused = refuseState(incident, ['verifying'], 'ticking what verification asks for')
    if (refused) return refused
    if (outcome === 'deferred' && item === 'communication')
      return {
        code: 'incident.wrong_state',
        reason: 'those who wait for word cannot be told later: communication is done, or it is not',
      }
    if (outcome === 'deferred' && owner === undefined)
      return {
        code: 'incident.reason_missing',
        reason: 'what is left for later needs an owner: who will do it?',
      }
    return [
      {
        type: 'gate_ticked',
        item,
        outcome,
        ...(owner !== undefined && { owner }),
        ...withNote(note),
      },
    ]
  })
}

/** A person answers for it that the incident is restored, though not everything holds. */
export function overrideGate(
  incident: Incident,
  order: Order,
  { reason, gate, watched }: { reason: string; gate: GateStatus; watched: WatchedCheck[] },
): Decision {
  return carryOut(incident, order, reason, () => {
    const refused =
      refuseState(incident, ['verifying'], 'passing over the verification') ??
      refuseWithoutReason(reason, 'passing over the verification')
    if (refused) return refused
    const open = openCount(incident)
    if (open > 0)
      return {
        code: 'incident.wrong_state',
        reason: `${open} of its findings are open: that is not over, whatever anybody says`,
      }
    return [
      { type: 'gate_overridden', reason, unmet: unmetConditions(gate) },
      { type: 'restored', reason: `${order.by} passed over the verification: ${reason}` },
      ...afterRestored(incident, { now: order.now, watched }),
    ]
  })
}
