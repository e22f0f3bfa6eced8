import { CONFIRM_WITHIN_MS, type HandOff } from '../../protocol/hand-off.ts'
import type {
  Contact,
  ContactKind,
  OnCall,
  OnCallChanges,
  Person,
  Rotation,
  RotationRole,
} from '../../protocol/on-call.ts'
import { endOf, holdsAt } from './changes-at.ts'
import { contactsFor } from './contacts-for.ts'
import type { Held } from './hold-role.ts'
import { listShifts, type Shift } from './list-shifts.ts'
import { resolveDuty } from './resolve-duty.ts'
import { type RotationAnswer, rotationAt } from './rotation-at.ts'

type Roster = { onCall: OnCall } & OnCallChanges

/** Whoever took over longer ago than this knows it by now: after an outage of ours they are not told. */
export const TOLD_WITHIN_MS = 12 * 3_600_000

const ROLES: readonly RotationRole[] = ['primary', 'secondary']
/** More stretches than {@link TOLD_WITHIN_MS}, or a turn, is divided into. */
const STRETCHES_MAX = 500

/** A duty that somebody has just taken over, before they are told. */
export type StartedShift = Omit<HandOff, 'toldAt' | 'toldBy' | 'confirmBy'>

/**
 * The duties that somebody has taken over and was not told of. They are told once for each turn, however
 * often restrictions or other people interrupt it; an override is a hand-off of its own. Who had the duty
 * right before has nothing to take over.
 *
 * @param roster with what was said until {@link TOLD_WITHIN_MS} ago: it tells who had the duty before.
 * @param known ids of hand-offs that were told.
 */
export function startedShifts(
  roster: Roster,
  now: number,
  known: ReadonlySet<string>,
): StartedShift[] {
  return roster.onCall.rotations.flatMap((rotation) => {
    const answer = rotationAt(roster, rotation, now)
    return ROLES.flatMap((role) => startedShift({ roster, rotation, role, answer, now, known }))
  })
}

type Asked = {
  roster: Roster
  rotation: Rotation
  role: RotationRole
  answer: RotationAnswer
  now: number
  known: ReadonlySet<string>
}

function startedShift(asked: Asked): StartedShift[] {
  const { roster, rotation, role, answer, now, known } = asked
  const held = answer[role]
  if (!held || 'nobody' in held) return []
  const { personId, reason } = held
  const override = held.by === 'override' ? overrideOf(asked, personId) : undefined
  const begins = override?.from ?? answer.turn?.from
  if (begins === undefined) return []
  const handOffId = [rotation.id, role, personId, begins].join('.')
  if (known.has(handOffId)) return []

  const from = override ? override.from : hadSince(asked, personId, begins)
  if (from < now - TOLD_WITHIN_MS) return []
  const leaving = holderOf(rotationAt(roster, rotation, from - 1)[role])
  if (leaving === personId) return []
  const until =
    override !== undefined
      ? endOf(override)
      : held.by === 'turn'
        ? (answer.turn?.until ?? answer.until)
        : hasUntil(asked, personId)
  return [
    {
      ...{ handOffId, rotationId: rotation.id, role, personId, from, until, reason },
      ...(leaving !== undefined && { leaving }),
    },
  ]
}

const overrideOf = ({ roster, rotation, role, now }: Asked, personId: string) =>
  roster.overrides.find(
    (one) =>
      one.kind === 'override' &&
      one.personId === personId &&
      one.rotationId === rotation.id &&
      one.role === role &&
      holdsAt(one, now),
  )

const holderOf = (held: Held | undefined): string | undefined =>
  held && 'personId' in held ? held.personId : undefined

/** Since when they have it without a break, as far back as it matters. */
function hadSince({ roster, rotation, role, now }: Asked, personId: string, begins: number) {
  const earliest = Math.max(begins, now - TOLD_WITHIN_MS - 1)
  const shifts = listShifts(roster, rotation, earliest, now + 1, STRETCHES_MAX)
  const before = shifts.findLastIndex((shift) => holderOf(shift[role]) !== personId)
  return shifts[before + 1]?.from ?? now
}

/** Until when they have it without a break, within their turn. */
function hasUntil({ roster, rotation, role, answer, now }: Asked, personId: string): number {
  const end = answer.turn?.until ?? answer.until
  const shifts: Shift[] = listShifts(roster, rotation, now, end, STRETCHES_MAX)
  return shifts.find((shift) => holderOf(shift[role]) !== personId)?.from ?? end
}

/** Kinds of contact that a shift is told by, the calmest first. What rings until somebody answers is none. */
const CALM: readonly ContactKind[] = ['email', 'slack', 'webhook', 'ntfy', 'sms']

/** How a person is told what wants no haste; undefined where none of their verified contacts can. */
export function calmContact(person: Person): Contact | undefined {
  const verified = contactsFor(person)
  return CALM.flatMap((kind) => verified.filter((contact) => contact.kind === kind))[0]
}

/** Whoever is told that a duty was not confirmed. */
export type UnconfirmedDecision =
  /** It is somebody else's by now, or over. */
  | { kind: 'over' }
  | { kind: 'tell'; personId: string; reason: string }
  | { kind: 'nobody'; reason: string }

/**
 * Who hears that somebody has not confirmed a duty in time: whoever had it before, since they know how
 * things stand; else the next step, which is who stands behind, then whoever leads the team.
 */
export function decideUnconfirmed(
  roster: Roster,
  handOff: HandOff,
  now: number,
): UnconfirmedDecision {
  const { onCall } = roster
  const rotation = onCall.rotations.find(({ id }) => id === handOff.rotationId)
  if (!rotation || now >= handOff.until) return { kind: 'over' }
  const answer = rotationAt(roster, rotation, now)
  if (holderOf(answer[handOff.role]) !== handOff.personId) return { kind: 'over' }

  const other = handOff.role === 'primary' ? answer.secondary : answer.primary
  const lead = resolveDuty(roster, { kind: 'team', teamId: rotation.teamId, role: 'manager' }, now)
  const candidates = [
    { id: handOff.leaving, why: `had it until then` },
    { id: holderOf(other), why: `is on call with them` },
    { id: 'people' in lead ? lead.people[0] : undefined, why: `is next for the team` },
  ]
  for (const { id, why } of candidates) {
    const person = onCall.people.find((one) => one.id === id)
    const isAway = roster.absences.some((one) => one.personId === id && holdsAt(one, now))
    if (!person || isAway || id === handOff.personId || !calmContact(person)) continue
    return { kind: 'tell', personId: person.id, reason: `${person.name} ${why}` }
  }
  return { kind: 'nobody', reason: 'nobody else of the team can be told' }
}

export type ConfirmDecision =
  | { kind: 'confirmed'; handOff: HandOff }
  | { kind: 'refused'; reason: string }

/**
 * Whether a duty is confirmed by somebody. Only who takes it over can say that they have it. Said twice,
 * it is as it was.
 */
export function decideConfirm(
  { onCall }: { onCall: OnCall },
  handOff: HandOff,
  { by, now }: { by: string; now: number },
): ConfirmDecision {
  const person = onCall.people.find(({ id }) => id === handOff.personId)
  const name = person?.name ?? handOff.personId
  if (by !== handOff.personId && by !== person?.name)
    return {
      kind: 'refused',
      reason: `it is ${name} who takes it over and confirms; who has it instead says so with an override`,
    }
  if (now >= handOff.until) return { kind: 'refused', reason: 'it is over already' }
  return { kind: 'confirmed', handOff: { confirmedAt: now, ...handOff } }
}

/** A shift with what it begins with: by when it wants to be confirmed, and how they were told. */
export function tellShift(shift: StartedShift, person: Person | undefined, now: number): HandOff {
  const contact = person && calmContact(person)
  return {
    ...shift,
    toldAt: now,
    ...(contact && { toldBy: contact.id }),
    confirmBy: now + CONFIRM_WITHIN_MS,
  }
}
