import type {
  Absence,
  OnCall,
  OnCallChanges,
  Override,
  Rotation,
  RotationRole,
  Swap,
} from '../../protocol/on-call.ts'
import { joinNames } from '../join-names.ts'
import { endOf, holdsAt } from './changes-at.ts'
import { describeMoment } from './wall-clock.ts'

/** The people there are, and what was said about when they are on call. */
export type Roster = { onCall: Pick<OnCall, 'people'> } & OnCallChanges

/** Who has one role of a rotation, and why; or why nobody has. */
export type Held =
  | {
      personId: string
      /** By whose turn it is, or by what goes before that. */
      by: 'turn' | 'stand_in' | 'swap' | 'override'
      reason: string
    }
  | { nobody: string }

export type RoleAt = {
  roster: Roster
  rotation: Rotation
  role: RotationRole
  instant: number
  /** Zone in which reasons tell times. */
  zone: string
  /** Those who may have it, whose turn it is first; or why it is nobody's turn. */
  order: { people: readonly string[]; until: number } | { nobody: string }
  /** Has the other role, and so not this one, unless an override says so. */
  not?: string | undefined
}

/** Override, else swap, else whoever is first in the order and not absent. */
export function holdRole(at: RoleAt): Held {
  const { rotation, role, instant, order, not } = at
  const said = at.roster.overrides.filter(
    (one) => one.rotationId === rotation.id && one.role === role && holdsAt(one, instant),
  )
  const override = said.find((one) => one.kind === 'override' && isKnown(at, one.personId))
  if (override?.kind === 'override') return byOverride(at, override)
  if ('nobody' in order) return order

  const first = order.people[0]
  const swap = said.find((one) => one.kind === 'swap' && one.between.some((id) => id === first))
  if (swap?.kind === 'swap' && first !== undefined) {
    const other = swap.between[0] === first ? swap.between[1] : swap.between[0]
    if (other !== not && isKnown(at, other)) return bySwap(at, swap, first, other)
  }
  return byOrder(at, order)
}

function byOverride(at: RoleAt, override: Override): Held {
  const { personId, author } = override
  const reason = `${nameOf(at, personId)} is the ${inWords(at)} by an override of ${author}, ${untilWords(at, endOf(override))}`
  return { personId, by: 'override', reason }
}

function bySwap(at: RoleAt, swap: Swap, first: string, personId: string): Held {
  const reason = `${nameOf(at, personId)} has the turn of ${nameOf(at, first)} as ${inWords(at)} by a swap, ${untilWords(at, endOf(swap))}`
  return { personId, by: 'swap', reason }
}

function byOrder(at: RoleAt, order: { people: readonly string[]; until: number }): Held {
  const free = order.people.filter((id) => id !== at.not)
  const personId = free.find((id) => !absenceOf(at, id))
  const passed = personId === undefined ? free : free.slice(0, free.indexOf(personId))
  if (personId === undefined) return { nobody: nobodyFree(at, free) }

  const name = nameOf(at, personId)
  if (personId === order.people[0]) {
    const reason = `it is the turn of ${name} as ${inWords(at)}, ${untilWords(at, order.until)}`
    return { personId, by: 'turn', reason }
  }
  const reason =
    passed.length === 0
      ? `${name} is the ${inWords(at)}, next after ${nameOf(at, at.not)}, who is the primary`
      : `${name} is the ${inWords(at)}, standing in for ${namesOf(at, passed)}, absent ${untilWords(at, absentUntil(at, passed))}`
  return { personId, by: 'stand_in', reason }
}

function nobodyFree(at: RoleAt, free: readonly string[]): string {
  const whoElse =
    at.not === undefined ? '' : `${nameOf(at, at.not)} is the primary of ${at.rotation.name}`
  if (free.length === 0) return `${whoElse}, and there is nobody else in its order`
  const away = `${namesOf(at, free)} ${free.length === 1 ? 'is' : 'are'} absent`
  return whoElse === ''
    ? `${away}, and there is nobody else in the order of ${at.rotation.name}`
    : `${whoElse}, and ${away}`
}

const absenceOf = ({ roster, instant }: RoleAt, personId: string): Absence | undefined =>
  roster.absences.find((absence) => absence.personId === personId && holdsAt(absence, instant))

/** When the first of them is there again. */
function absentUntil(at: RoleAt, people: readonly string[]): number {
  const ends = people.map((id) => absenceOf(at, id)).map((one) => (one ? endOf(one) : Infinity))
  return Math.min(...ends)
}

/** Somebody who left the file has no duty any more. */
const isKnown = ({ roster }: RoleAt, id: string): boolean =>
  roster.onCall.people.some((person) => person.id === id)

const nameOf = ({ roster }: RoleAt, id: string | undefined): string =>
  roster.onCall.people.find((person) => person.id === id)?.name ?? id ?? 'somebody'

const namesOf = (at: RoleAt, ids: readonly string[]): string =>
  joinNames(ids.map((id) => nameOf(at, id)))

const inWords = ({ role, rotation }: RoleAt): string => `${role} of ${rotation.name}`

const untilWords = ({ zone }: RoleAt, until: number): string =>
  until === Infinity ? 'for good' : `until ${describeMoment(until, zone)}`
