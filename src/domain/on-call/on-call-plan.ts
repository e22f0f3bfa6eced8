import { describeDuration } from '../../base/duration.ts'
import type { OnCall, OnCallChanges } from '../../protocol/on-call.ts'
import {
  ON_CALL_PLAN_MS,
  type OnCallPlan,
  PLAN_SHIFTS_MAX,
  PLAN_SHIFTS_OF_ROTATION_MAX,
} from '../../protocol/on-call-plan.ts'
import type { Held } from './hold-role.ts'
import { listShifts } from './list-shifts.ts'
import { describeMoment } from './wall-clock.ts'

type Roster = { onCall: OnCall } & OnCallChanges

/** Who is on call from now on, as it is known now: by the rotations and by what was said besides. */
export function onCallPlan(roster: Roster, now: number): OnCallPlan {
  const { people, teams, rotations, otherwise } = roster.onCall
  const until = now + ON_CALL_PLAN_MS
  const nameOf = (held: Held): string | null =>
    'personId' in held
      ? (people.find(({ id }) => id === held.personId)?.name ?? held.personId)
      : null
  let room = PLAN_SHIFTS_MAX
  return {
    ...{ at: now, until },
    teams: teams.map(({ id, name, services }) => ({
      ...{ id, name, services },
      rotations: rotations
        .filter(({ teamId }) => teamId === id)
        .map((rotation) => {
          const max = Math.min(room, PLAN_SHIFTS_OF_ROTATION_MAX)
          const shifts = max === 0 ? [] : listShifts(roster, rotation, now, until, max)
          room -= shifts.length
          return {
            name: rotation.name,
            zone: rotation.versions.at(-1)?.zone ?? 'UTC',
            shifts: shifts.map((shift) => ({
              ...{ from: shift.from, until: shift.until, primary: nameOf(shift.primary) },
              ...(shift.secondary && { secondary: nameOf(shift.secondary) }),
            })),
          }
        }),
    })),
    ...(otherwise !== undefined && { otherwise }),
  }
}

type PlannedTeam = OnCallPlan['teams'][number]

/** The teams of a plan that have a service, or all of them; none where nobody has it. */
export function teamsOfPlan(plan: OnCallPlan, serviceId: string | undefined): PlannedTeam[] {
  if (serviceId === undefined) return plan.teams
  const owner =
    plan.teams.find(({ services }) => services.includes(serviceId)) ??
    plan.teams.find(({ id }) => id === plan.otherwise)
  return owner ? [owner] : []
}

/** What a plan says of an instant: how old it is, then who is on call, until when, and who is next. */
export function planWords(
  plan: OnCallPlan,
  teams: readonly PlannedTeam[],
  { at, now, service }: { at: number; now: number; service?: string | undefined },
): string[] {
  const minutes = Math.floor(Math.max(0, now - plan.at) / 60_000)
  const age = minutes === 0 ? 'less than a minute' : describeDuration(minutes * 60_000)
  return [
    `By a copy that is ${age} old: what was said of on-call since then is not in it.`,
    ...(at >= plan.until
      ? [`It reaches until ${describeMoment(plan.until, 'UTC')}, and not so far.`]
      : []),
    ...(service !== undefined && !teams.some(({ services }) => services.includes(service))
      ? [`No team has the service ${service}: this one has what no team owns.`]
      : []),
    ...teams.flatMap(({ name, services, rotations }) => [
      '',
      `${name}${services.length === 0 ? '' : ` (${services.join(', ')})`}`,
      ...(rotations.length === 0 ? ['  it has no rotation'] : []),
      ...rotations.map((rotation) => `  ${rotationWords(rotation, at, rotations.length > 1)}`),
    ]),
  ]
}

function rotationWords(
  { name, zone, shifts }: PlannedTeam['rotations'][number],
  at: number,
  isNamed: boolean,
): string {
  const index = shifts.findIndex(({ from, until }) => from <= at && at < until)
  const now = shifts[index]
  const own = isNamed ? `${name}: ` : ''
  if (!now) return `${own}not in this copy`
  const next = shifts[index + 1]
  const behind = now.secondary ? `, behind them ${now.secondary}` : ''
  return next
    ? `${own}${now.primary ?? 'nobody'} until ${describeMoment(now.until, zone)}${behind}, then ${next.primary ?? 'nobody'}`
    : `${own}${now.primary ?? 'nobody'} until ${describeMoment(now.until, zone)} at least${behind}`
}
