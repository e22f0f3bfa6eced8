import type {
  OnCallChange,
  Rotation,
  RotationRole,
  RotationVersion,
} from '../../protocol/on-call.ts'
import { holdsAt, nextEdge } from './changes-at.ts'
import { coverAt } from './covered-time.ts'
import { type Held, holdRole, type RoleAt, type Roster } from './hold-role.ts'
import { type Turn, turnAt, versionAt } from './turn-at.ts'
import { describeMoment } from './wall-clock.ts'

/** A rotation at one instant. */
export type RotationAnswer = {
  primary: Held
  /** Undefined where the rotation has no secondary. */
  secondary: Held | undefined
  shadows: string[]
  /** Undefined where the rotation has not begun. */
  turn: Turn | undefined
  /** Until then at least all of this stays so; Infinity where nothing can change it. */
  until: number
}

/**
 * Who is on call by a rotation at an instant: by an override; else by the order of its version, with
 * swaps; else, for somebody who is absent, by whoever is next in the order. Nothing is remembered, so
 * that the same files and changes give the same answer for any instant.
 */
export function rotationAt(roster: Roster, rotation: Rotation, instant: number): RotationAnswer {
  const { version, from, until: versionUntil } = versionAt(rotation, instant)
  const turn = version && turnAt(version, instant)
  const cover = version ? coverAt(version, instant) : { isCovered: false, until: Infinity }

  const order = (role: RotationRole): RoleAt['order'] => {
    if (!version || !turn) return { nobody: notYet(rotation, versionUntil) }
    if (!cover.isCovered) return { nobody: outside(rotation, version, cover.until) }
    return { people: inTurn(version, turn, role), until: turn.until }
  }
  const zone = (version ?? rotation.versions[0])?.zone ?? 'UTC'
  const at = { roster, rotation, instant, zone }
  const primary = holdRole({ ...at, role: 'primary', order: order('primary') })
  const not = 'personId' in primary ? primary.personId : undefined
  const secondary = hasSecondary(roster, rotation, version, instant)
    ? holdRole({ ...at, role: 'secondary', order: order('secondary'), not })
    : undefined

  const isAway = (id: string) =>
    roster.absences.some((absence) => absence.personId === id && holdsAt(absence, instant))
  const hasRole = (id: string) =>
    [primary, secondary].some((held) => held && 'personId' in held && held.personId === id)
  return {
    ...{ primary, secondary },
    shadows: version?.shadows.filter((id) => cover.isCovered && !isAway(id) && !hasRole(id)) ?? [],
    turn: turn && {
      index: turn.index,
      from: Math.max(turn.from, from),
      until: Math.min(turn.until, versionUntil),
    },
    until: Math.min(
      turn?.until ?? Infinity,
      versionUntil,
      cover.until,
      nextEdge(changesAround(roster, rotation, version), instant),
    ),
  }
}

/** Those who may have a role, whose turn it is first. */
function inTurn(
  { participants, secondary }: RotationVersion,
  { index }: Turn,
  role: RotationRole,
): string[] {
  if (role === 'primary') return turnedTo(participants, index)
  if (secondary?.kind === 'order') return turnedTo(secondary.participants, index)
  return secondary ? turnedTo(participants, index + 1) : []
}

/** The list from an index on, round and round, everybody once. */
function turnedTo(list: readonly string[], index: number): string[] {
  const start = ((index % list.length) + list.length) % list.length
  return [...new Set([...list.slice(start), ...list.slice(0, start)])]
}

const hasSecondary = (
  { overrides }: Roster,
  { id }: Rotation,
  version: RotationVersion | undefined,
  instant: number,
): boolean =>
  version?.secondary !== undefined ||
  overrides.some(
    (one) => one.rotationId === id && one.role === 'secondary' && holdsAt(one, instant),
  )

/** What of the changes can change who is on call by the rotation. */
function changesAround(
  { overrides, absences }: Roster,
  { id }: Rotation,
  version: RotationVersion | undefined,
): OnCallChange[] {
  const order = version?.secondary?.kind === 'order' ? version.secondary.participants : []
  const people = new Set([...(version?.participants ?? []), ...(version?.shadows ?? []), ...order])
  return [
    ...overrides.filter(({ rotationId }) => rotationId === id),
    ...absences.filter(({ personId }) => people.has(personId)),
  ]
}

const notYet = (rotation: Rotation, begins: number): string =>
  `${rotation.name} begins ${describeMoment(begins, rotation.versions[0]?.zone ?? 'UTC')}`

const outside = ({ name }: Rotation, { zone }: RotationVersion, until: number): string =>
  `${name} has nobody on call by its restrictions, until ${describeMoment(until, zone)}`
