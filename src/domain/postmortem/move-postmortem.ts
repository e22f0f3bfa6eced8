import type { Incident } from '../../protocol/incident.ts'
import type { PostmortemState } from '../../protocol/postmortem-state.ts'
import { carryOut, type Decision, type Order, withNote } from '../incident/commands/order.ts'
import { REVIEW_WITHIN_MS } from '../incident/verification/verify-for.ts'

/** The ways of a review: forward one step, and back to the draft until it is closed. */
const WAYS: { readonly [S in PostmortemState]: readonly PostmortemState[] } = {
  draft: ['in_review'],
  in_review: ['reviewed', 'draft'],
  reviewed: ['closed', 'in_review', 'draft'],
  closed: [],
}

/** Says how far the review has come. */
export function movePostmortem(
  incident: Incident,
  order: Order,
  { to, note }: { to: PostmortemState; note?: string | undefined },
): Decision {
  return carryOut(incident, order, note, () => {
    const { postmortem, id } = incident
    if (!postmortem)
      return { code: 'incident.wrong_state', reason: `${id} has no postmortem; begin one first` }
    if (postmortem.state === to)
      return { code: 'incident.no_change', reason: `the postmortem of ${id} is so already` }
    if (!WAYS[postmortem.state].includes(to))
      return {
        code: 'incident.wrong_state',
        reason: `the postmortem of ${id} is ${postmortem.state.replace('_', ' ')} and cannot become ${to.replace('_', ' ')}`,
      }
    return [{ type: 'postmortem_moved', to, ...withNote(note) }]
  })
}

/** Begins a review where none began by itself, as after a minor incident. */
export function beginPostmortem(incident: Incident, order: Order): Decision {
  return carryOut(incident, order, 'a review', () => {
    const { id, state, postmortem } = incident
    if (postmortem) return { code: 'incident.no_change', reason: `${id} has a postmortem already` }
    if (state !== 'restored' && state !== 'resolved' && state !== 'closed')
      return {
        code: 'incident.wrong_state',
        reason: `${id} is ${state}; it is reviewed once it is restored`,
      }
    return [{ type: 'postmortem_moved', to: 'draft', dueAt: order.now + REVIEW_WITHIN_MS }]
  })
}
