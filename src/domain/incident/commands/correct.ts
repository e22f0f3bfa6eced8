import type { Incident, IncidentEvent } from '../../../protocol/incident.ts'
import { textOf } from '../leading/corrections.ts'
import { carryOut, type Decision, type Order, type Refusal, refuseWithoutReason } from './order.ts'

export type Correction = {
  /** Sequence of the event that is wrong. */
  target: number
  text?: string | undefined
  /** When it really happened. */
  happenedAt?: number | undefined
  reason: string
}

/**
 * Corrects what an earlier event says, or when it happened. The earlier one stays, and so do all
 * corrections of it: the last one holds.
 *
 * @param event the one that is corrected, undefined where there is none.
 */
export function correct(
  incident: Incident,
  event: IncidentEvent | undefined,
  order: Order,
  { target, text, happenedAt, reason }: Correction,
): Decision {
  return carryOut(
    incident,
    order,
    reason,
    () =>
      refuseTarget(incident, event, target) ??
      refuseContent(incident, event, order, { target, text, happenedAt, reason }) ??
      refuseWithoutReason(reason, 'a correction') ?? [
        {
          type: 'corrected',
          target,
          ...(text !== undefined && { text }),
          ...(happenedAt !== undefined && { happenedAt }),
          reason,
        },
      ],
  )
}

function refuseTarget(
  { id }: Incident,
  event: IncidentEvent | undefined,
  target: number,
): Refusal | undefined {
  const code = 'incident.event_unknown'
  if (!event) return { code, reason: `${id} has no entry ${target}` }
  if (event.type === 'corrected')
    return { code, reason: `entry ${target} is a correction; correct entry ${event.target} again` }
  if (event.type === 'update_posted')
    return { code, reason: 'people have read that update; post another one' }
  if (event.actor.kind === 'system')
    return { code, reason: `entry ${target} is what was measured; write a note instead` }
  return undefined
}

function refuseContent(
  { id, impactStartedAt }: Incident,
  event: IncidentEvent | undefined,
  { now }: Order,
  { text, happenedAt }: Correction,
): Refusal | undefined {
  if (text === undefined && happenedAt === undefined)
    return { code: 'incident.no_change', reason: 'neither other words nor another time is given' }
  if (text !== undefined && event && textOf(event) === undefined)
    return { code: 'incident.event_unknown', reason: 'that entry has no words of a person' }
  if (happenedAt === undefined) return undefined
  const code = 'incident.time_impossible'
  if (happenedAt > now) return { code, reason: 'what is still to come cannot be on record' }
  if (happenedAt < impactStartedAt)
    return {
      code,
      reason: `${id} has no evidence from before ${new Date(impactStartedAt).toISOString()}`,
    }
  return undefined
}
