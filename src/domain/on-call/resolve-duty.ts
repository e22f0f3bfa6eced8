import type { Duty, OnCall, OnCallChanges, Person, Rotation, Team } from '../../protocol/on-call.ts'
import { joinNames } from '../join-names.ts'
import { endOf, holdsAt, nextEdge } from './changes-at.ts'
import type { Held } from './hold-role.ts'
import { rotationAt } from './rotation-at.ts'
import { describeMoment } from './wall-clock.ts'

/** Whom a duty means at an instant, with the reason in words. `nobody` is an answer as well. */
export type DutyAnswer =
  | {
      people: string[]
      /** They are told the same, and nobody waits for them. */
      shadows: string[]
      reason: string
      /** Until then at least it stays so; absent where nothing can change it. */
      until?: number
    }
  | { nobody: string; until?: number }

/**
 * Whom to page for a duty at an instant, after overrides, swaps and absences. Names that the files do
 * not have (any more) give nobody, with the reason.
 */
export function resolveDuty(
  roster: { onCall: OnCall } & OnCallChanges,
  duty: Duty,
  instant: number,
): DutyAnswer {
  const { onCall } = roster
  if (duty.kind === 'person') return present(roster, [duty.personId], instant, '')
  if (duty.kind === 'rotation') {
    const rotation = onCall.rotations.find(({ id }) => id === duty.rotationId)
    if (!rotation) return { nobody: `there is no rotation ${duty.rotationId}` }
    return inRotation(roster, rotation, duty.role, instant)
  }
  const team = onCall.teams.find(({ id }) => id === duty.teamId)
  if (!team) return { nobody: `there is no team ${duty.teamId}` }
  switch (duty.role) {
    case 'lead':
      if (team.lead === undefined) return { nobody: `${team.name} has no lead` }
      return present(roster, [team.lead], instant, `leads ${team.name}`)
    case 'manager': {
      const manager = team.manager ?? team.lead
      if (manager === undefined) return { nobody: `${team.name} has no manager and no lead` }
      return present(roster, [manager], instant, `manages ${team.name}`)
    }
    case 'everyone':
      return present(roster, team.members, instant, `of ${team.name}`)
    case 'primary':
    case 'secondary':
      return ofTeam(roster, team, duty.role, instant)
  }
}

type FullRoster = { onCall: OnCall } & OnCallChanges

function inRotation(
  roster: FullRoster,
  rotation: Rotation,
  role: 'primary' | 'secondary',
  instant: number,
): DutyAnswer {
  const answer = rotationAt(roster, rotation, instant)
  const held: Held = answer[role] ?? { nobody: `${rotation.name} has no secondary` }
  const until = finite(answer.until)
  if ('nobody' in held) return { ...held, ...until }
  const shadows = role === 'primary' ? answer.shadows : []
  return { people: [held.personId], shadows, reason: held.reason, ...until }
}

/** The first rotation with somebody on call counts, so that rotations can share out the day. */
function ofTeam(
  roster: FullRoster,
  team: Team,
  role: 'primary' | 'secondary',
  instant: number,
): DutyAnswer {
  const rotations = roster.onCall.rotations.filter(({ teamId }) => teamId === team.id)
  if (rotations.length === 0) return { nobody: `${team.name} has no rotation` }
  const reasons: string[] = []
  let until = Infinity
  for (const rotation of rotations) {
    const primary = inRotation(roster, rotation, 'primary', instant)
    until = Math.min(until, primary.until ?? Infinity)
    if ('nobody' in primary) {
      reasons.push(primary.nobody)
      continue
    }
    return {
      ...(role === 'primary' ? primary : inRotation(roster, rotation, role, instant)),
      ...finite(until),
    }
  }
  return { nobody: reasons.join('; '), ...finite(until) }
}

/** Those of a list who are there. */
function present(
  { onCall, absences }: FullRoster,
  ids: readonly string[],
  instant: number,
  what: string,
): DutyAnswer {
  const unknown = ids.find((id) => !onCall.people.some((person) => person.id === id))
  if (unknown !== undefined && ids.length === 1) return { nobody: `there is no person ${unknown}` }
  const people = onCall.people.filter(({ id }) => ids.includes(id))
  const awayOf = ({ id, zone }: Person) => {
    const absence = absences.find((one) => one.personId === id && holdsAt(one, instant))
    return absence && describeMoment(endOf(absence), zone)
  }
  const there = people.filter((person) => awayOf(person) === undefined)
  const away = people.flatMap((person) => {
    const until = awayOf(person)
    return until === undefined ? [] : [`${person.name} is absent until ${until}`]
  })
  const edge = finite(
    nextEdge(
      absences.filter(({ personId }) => ids.includes(personId)),
      instant,
    ),
  )
  if (there.length === 0) return { nobody: away.join('; ') || `nobody is ${what}`, ...edge }
  const names = joinNames(there.map(({ name }) => name))
  const verb = there.length === 1 ? 'is' : 'are'
  const asWhat = what === '' ? `${verb} named` : what.startsWith('of ') ? `${verb} ${what}` : what
  return {
    people: there.map(({ id }) => id),
    shadows: [],
    reason: [`${names} ${asWhat}`, ...away].join('; '),
    ...edge,
  }
}

const finite = (until: number): { until?: number } => (until === Infinity ? {} : { until })
