import type { Incident, Resolution } from '../../../protocol/incident.ts'
import type { PostmortemState } from '../../../protocol/postmortem-state.ts'
import { openCount } from '../moves.ts'
import { recovery } from '../transition.ts'
import { isGrave, verifyForOf } from '../verification/verify-for.ts'
import {
  carryOut,
  type Decision,
  type Order,
  type Refusal,
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
      ...(isClean
        ? [recovery(incident, order.now, verifyForOf(incident.severity, verifyForMs))]
        : []),
    ]
  })
}

/** The cause is fixed, or a named person accepts that it is not. */
export function resolve(
  incident: Incident,
  order: Order,
  {
    as,
    reason,
    watchAccepted,
  }: { as: Resolution; reason: string; watchAccepted?: string | undefined },
): Decision {
  return carryOut(incident, order, reason, () => {
    // Whoever accepts that the cause stays accepts that nobody waits for it.
    const accepted = watchAccepted ?? (as === 'risk_accepted' ? reason : '')
    return (
      refuseMove(incident, 'resolved') ??
      refuseWithoutReason(reason, as === 'cause_fixed' ? 'a fixed cause' : 'an accepted risk') ??
      refuseWatched(incident, order, accepted) ?? [
        { type: 'resolved', as, reason },
        ...(incident.watch
          ? [{ type: 'watch_ended' as const, reason: endOfWatch(incident, order, accepted) }]
          : []),
      ]
    )
  })
}

function refuseWatched(incident: Incident, { now }: Order, accepted: string): Refusal | undefined {
  const { watch } = incident
  if (!watch || now >= watch.until || accepted.trim() !== '') return undefined
  return {
    code: 'incident.watched',
    reason: `${incident.id} is watched closer until ${new Date(watch.until).toISOString()}; wait for its end, or say why that need not be`,
  }
}

const endOfWatch = ({ watch }: Incident, { now, by }: Order, accepted: string) =>
  watch && now < watch.until
    ? `${by} accepts that it ends early: ${accepted}`
    : 'nothing came back; the usual rules hold again'

/** Its review is done; a grave incident without one needs a reason. */
export function close(
  incident: Incident,
  order: Order,
  { note, withoutReview }: { note?: string | undefined; withoutReview?: string | undefined } = {},
): Decision {
  return carryOut(incident, order, note ?? withoutReview, () => {
    const { postmortem, severity } = incident
    const isReviewed = postmortem?.state === 'reviewed' || postmortem?.state === 'closed'
    const refused = refuseMove(incident, 'closed')
    if (refused) return refused
    if (isGrave(severity) && !isReviewed && (withoutReview ?? '').trim() === '')
      return {
        code: 'incident.not_reviewed',
        reason: `${incident.id} is ${severity} and its postmortem ${postmortem ? `is ${stateWords(postmortem.state)}` : 'is not written'}; review it, or say why nobody does`,
      }
    return [
      ...(postmortem?.state === 'reviewed'
        ? [{ type: 'postmortem_moved' as const, to: 'closed' as const }]
        : []),
      {
        type: 'closed',
        ...withNote(note),
        ...(withoutReview !== undefined && !isReviewed && { withoutReview }),
      },
    ]
  })
}

const stateWords = (state: PostmortemState) => (state === 'in_review' ? 'in review' : `a ${state}`)

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
