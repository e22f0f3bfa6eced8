import type { Actor, Incident, IncidentEvent, IncidentState } from '../../../protocol/incident.ts'
import { joinNames } from '../../join-names.ts'
import { ALLOWED_MOVES, canMove } from '../moves.ts'
import { type Draft, stampEvents } from '../stamp-events.ts'

/** Who gives a command, and when it happened that it tells of. */
export type Order = {
  by: string
  now: number
  /** When it happened, where that is not now. Needs a note that says why. */
  occurredAt?: number | undefined
  /** From whoever sends it, so that sending it again does nothing twice. */
  commandId?: string | undefined
}

export type Refusal = { code: RefusalCode; reason: string }
export type RefusalCode =
  | 'incident.wrong_state'
  | 'incident.no_change'
  | 'incident.reason_missing'
  | 'incident.time_impossible'
  | 'incident.finding_unknown'
  | 'incident.cannot_join'
  | 'incident.full'
  | 'incident.event_unknown'
  | 'incident.step_unknown'
  | 'incident.nobody_to_page'
  | 'incident.public_text'
  | 'incident.mitigation_unknown'
  | 'incident.watched'
  | 'incident.not_reviewed'

/** What a command does, or why it does nothing. No events: it was carried out already. */
export type Decision =
  | { kind: 'accepted'; events: IncidentEvent[] }
  | ({ kind: 'rejected' } & Refusal)

/** Events that people may add to one incident; far above what a long night needs. */
export const EVENTS_MAX = 20_000

/**
 * Carries a command out: nothing when it was already, else what `decide` says, dated and signed.
 *
 * @param note why, in the person's words; what is dated back must have one.
 */
export function carryOut(
  incident: Incident,
  order: Order,
  note: string | undefined,
  decide: () => Draft[] | Refusal,
): Decision {
  if (isRepeated(incident, order)) return { kind: 'accepted', events: [] }
  if (incident.lastSequence >= EVENTS_MAX)
    return reject({ code: 'incident.full', reason: `${incident.id} takes no more than its events` })
  const decided = decide()
  if (!Array.isArray(decided)) return reject(decided)
  const untimely = refuseTime(incident, order, note, decided.some(isMove))
  if (untimely) return reject(untimely)
  return { kind: 'accepted', events: sign(incident, order, decided) }
}

export const reject = (refusal: Refusal): Decision => ({ kind: 'rejected', ...refusal })

export const isRepeated = (incident: Incident, { commandId }: Order): boolean =>
  commandId !== undefined && (incident.commandIds ?? []).includes(commandId)

/** Dates and signs what a person does. What follows from it by itself is not dated back. */
export function sign(
  incident: Incident | undefined,
  order: Order,
  drafts: readonly Draft[],
): IncidentEvent[] {
  const actor: Actor = { kind: 'person', name: order.by }
  const { now, occurredAt, commandId } = order
  const dated = drafts.map((draft) =>
    occurredAt === undefined || draft.type === 'recovered' ? draft : { occurredAt, ...draft },
  )
  return stampEvents(incident, dated, { now, actor, commandId })
}

const MOVES: readonly Draft['type'][] = [
  'declared',
  'declined',
  'stood_down',
  'merged',
  'resolved',
  'closed',
  'reopened',
  'gate_overridden',
]
const isMove = ({ type }: Draft) => MOVES.includes(type)

function refuseTime(
  incident: Incident,
  { occurredAt, now }: Order,
  note: string | undefined,
  isMoving: boolean,
): Refusal | undefined {
  if (occurredAt === undefined) return undefined
  const code = 'incident.time_impossible'
  if (occurredAt > now) return { code, reason: 'what is still to come cannot be on record' }
  if (occurredAt < incident.impactStartedAt)
    return {
      code,
      reason: `${incident.id} has no evidence from before ${iso(incident.impactStartedAt)}`,
    }
  // Triage begins when the incident is found; people may have known before.
  const since = incident.state === 'triage' ? undefined : incident.stateSince
  if (isMoving && since !== undefined && occurredAt < since)
    return { code, reason: `${incident.id} is ${incident.state} only since ${iso(since)}` }
  if ((note ?? '').trim() === '')
    return {
      code: 'incident.reason_missing',
      reason: 'what is dated back needs a note that says why',
    }
  return undefined
}

const iso = (instant: number) => new Date(instant).toISOString()

/** Says why the incident cannot become `to`, or nothing when it can. */
export function refuseMove(incident: Incident, to: IncidentState): Refusal | undefined {
  if (canMove(incident, to)) return undefined
  const { id, state } = incident
  const ways = ALLOWED_MOVES[state]
  const instead =
    ways.length === 0
      ? 'that is final; declare another incident'
      : `from there it can become ${joinNames(ways)}`
  return {
    code: state === to ? 'incident.no_change' : 'incident.wrong_state',
    reason:
      state === to
        ? `${id} is ${state} already`
        : `${id} is ${state} and cannot become ${to}: ${instead}`,
  }
}

/** Says why something is not done in the incident's state, or nothing when it is. */
export function refuseState(
  incident: Incident,
  states: readonly IncidentState[],
  what: string,
): Refusal | undefined {
  if (states.includes(incident.state)) return undefined
  return {
    code: 'incident.wrong_state',
    reason: `${incident.id} is ${incident.state}; ${what} is for incidents in ${joinNames(states)}`,
  }
}

/** Says that a reason is missing where one is needed. */
export const refuseWithoutReason = (
  reason: string | undefined,
  what: string,
): Refusal | undefined =>
  (reason ?? '').trim() === ''
    ? { code: 'incident.reason_missing', reason: `${what} needs a reason` }
    : undefined

/** A field only where there is something to put into it. */
export const withNote = (note: string | undefined): { note?: string } =>
  note === undefined || note.trim() === '' ? {} : { note }
