import { assert } from '../../base/assert.ts'
import type { Duty, OnCall, OnCallChanges, Person, Rotation } from '../../protocol/on-call.ts'
import type {
  OnCallForService,
  OnCallNow,
  OnCallPerson,
  OnCallRotation,
  OnCallShift,
  OnDuty,
} from '../../protocol/on-call-api.ts'
import type { Severity } from '../../protocol/severity.ts'
import { contactsFor } from './contacts-for.ts'
import { escalationsFor, teamOf } from './escalations-for.ts'
import { listShifts, type Shift } from './list-shifts.ts'
import { resolveDuty } from './resolve-duty.ts'
import { rotationAt } from './rotation-at.ts'
import { simulateEscalation } from './simulate-escalation.ts'

type Roster = { onCall: OnCall } & OnCallChanges

/** How far the next hand-off is looked for. */
const NEXT_WITHIN_MS = 366 * 86_400_000

/** Who is on call at an instant, for everybody to read: people by name, and how nobody is reached. */
export function describeOnCall(roster: Roster, at: number, timeZoneData: string): OnCallNow {
  const { people, teams, rotations } = roster.onCall
  return {
    ...{ at, timeZoneData },
    people: people.map(describePerson),
    teams: teams.map(({ id, name, services, members, lead, manager }) => ({
      ...{ id, name, services, members },
      ...(lead !== undefined && { lead }),
      ...(manager !== undefined && { manager }),
      primary: onDuty(roster, { kind: 'team', teamId: id, role: 'primary' }, at),
      secondary: onDuty(roster, { kind: 'team', teamId: id, role: 'secondary' }, at),
    })),
    rotations: rotations.map((rotation) => describeRotation(roster, rotation, at)),
  }
}

function describePerson(person: Person): OnCallPerson {
  const { id, name, zone } = person
  return { id, name, zone, reachedBy: [...new Set(contactsFor(person).map(({ kind }) => kind))] }
}

function describeRotation(roster: Roster, rotation: Rotation, at: number): OnCallRotation {
  const { id, name, teamId, versions, access } = rotation
  const [now, next] = firstShifts(roster, rotation, at)
  return {
    ...{ id, name, teamId },
    zone: versions.at(-1)?.zone ?? 'UTC',
    now,
    ...(next && { next }),
    ...(access && { access }),
  }
}

/** More than a turn can be divided into, by restrictions and by what is said. */
const SHIFTS_OF_A_TURN_MAX = 500

/** The shift at an instant, from where it began, and the next one. */
function firstShifts(
  roster: Roster,
  rotation: Rotation,
  at: number,
): [OnCallShift, OnCallShift | undefined] {
  const from = rotationAt(roster, rotation, at).turn?.from ?? at
  const shifts = listShifts(roster, rotation, from, at + NEXT_WITHIN_MS, SHIFTS_OF_A_TURN_MAX)
  const index = shifts.findIndex((shift) => shift.from <= at && at < shift.until)
  const [now] = index === -1 ? listShifts(roster, rotation, at, at + 1) : shifts.slice(index)
  assert(now, 'a list of shifts has no gap')
  const next = index === -1 ? undefined : shifts[index + 1]
  return [describeShift(rotation, now), next && describeShift(rotation, next)]
}

export function describeShift(rotation: Rotation, shift: Shift): OnCallShift {
  const { from, until, primary, secondary, shadows } = shift
  return {
    ...{ rotationId: rotation.id, from, until, primary, shadows },
    ...(secondary && { secondary }),
  }
}

function onDuty(roster: Roster, duty: Duty, at: number): OnDuty {
  const answer = resolveDuty(roster, duty, at)
  if ('nobody' in answer) return answer
  return { ...answer, people: named(roster, answer.people), shadows: named(roster, answer.shadows) }
}

const named = ({ onCall }: Roster, ids: readonly string[]): { id: string; name: string }[] =>
  onCall.people.filter(({ id }) => ids.includes(id)).map(({ id, name }) => ({ id, name }))

/** Who is on call for a service, and whom one round of its ladder pages while nobody acknowledges. */
export function describeForService(
  roster: Roster,
  { serviceId, severity, at }: { serviceId: string; severity: Severity; at: number },
): OnCallForService {
  const { onCall } = roster
  const team = teamOf(onCall, serviceId)
  const duty = (role: 'primary' | 'secondary'): OnDuty =>
    team
      ? onDuty(roster, { kind: 'team', teamId: team.id, role }, at)
      : { nobody: `no team owns ${serviceId}` }
  const [escalation] = escalationsFor(
    { ...onCall, responders: [] },
    { severity, services: [serviceId], findings: [] },
  )
  const oneRound = escalation && { ...escalation, ladder: { ...escalation.ladder, rounds: 1 } }
  const { steps } = simulateEscalation(roster, oneRound ? [oneRound] : [], at, () => false)
  return {
    ...{ at, serviceId, severity },
    ...(team && { team: { id: team.id, name: team.name } }),
    ...{ primary: duty('primary'), secondary: duty('secondary') },
    steps: steps.map((step) => ({
      afterMs: step.at - at,
      people: step.pages
        .filter(({ isShadow }) => !isShadow)
        .flatMap(({ personId, contacts }) =>
          named(roster, [personId]).map((person) => ({
            ...person,
            contacts: [...new Set(contacts.map(({ kind }) => kind))],
          })),
        ),
      reasons: [
        ...new Set([
          ...step.pages.map(({ because }) => because),
          ...step.nobody.map(({ reason }) => reason),
        ]),
      ],
    })),
  }
}
