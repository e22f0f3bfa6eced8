import { describeDuration } from '../../../base/duration.ts'
import type { Team } from '../../../protocol/on-call.ts'
import { teamOf } from '../escalations-for.ts'
import { type DutySpan, listDuty } from '../list-duty.ts'
import { describeMoment } from '../wall-clock.ts'
import type { LintInput, OnCallComplaint } from './complaint.ts'

/** Whoever is alone for so long is ill, or on a train, at some time of it. */
const ALONE_MS_MAX = 14 * 86_400_000

/** Gaps of a team that are told one by one; of more the first is told, and how many there are. */
const GAPS_TOLD_MAX = 3

/** Services that nobody answers for, and times in which a team has nobody, or only one. */
export const coverComplaints = (input: LintInput): OnCallComplaint[] => [
  ...teamless(input),
  ...input.roster.onCall.teams.flatMap((team, index) => {
    const isPaged = pagedTeams(input).includes(team)
    return isPaged ? [...gaps(input, team, index), ...alone(input, team, index)] : []
  }),
]

/** Teams whose primary is paged: they own something, or have a rotation. */
function pagedTeams({ roster: { onCall } }: LintInput): Team[] {
  return onCall.teams.filter(
    ({ id, services }) =>
      services.length > 0 ||
      id === onCall.otherwise ||
      onCall.rotations.some(({ teamId }) => teamId === id),
  )
}

function teamless({ roster: { onCall }, services }: LintInput): OnCallComplaint[] {
  return services
    .filter((id) => teamOf(onCall, id) === undefined)
    .map((id) => ({
      kind: 'service_without_team',
      level: 'error',
      message: `no team owns ${id}: its incidents page nobody`,
      advice: 'the services of a team, or "otherwise"',
      path: ['teams'],
    }))
}

function spansOf({ roster, from, until }: LintInput, team: Team, role: 'primary' | 'secondary') {
  return listDuty(roster, { kind: 'team', teamId: team.id, role }, from, until)
}

function gaps(input: LintInput, team: Team, index: number): OnCallComplaint[] {
  const { onCall } = input.roster
  const first = onCall.rotations.findIndex(({ teamId }) => teamId === team.id)
  const path = first === -1 ? ['teams', index] : ['rotations', first]
  const zone = onCall.rotations[first]?.versions.at(-1)?.zone ?? 'UTC'
  const spans = spansOf(input, team, 'primary').filter(({ answer }) => 'nobody' in answer)
  const told = spans.length > GAPS_TOLD_MAX ? spans.slice(0, 1) : spans
  return told.flatMap(({ from, until, answer }): OnCallComplaint[] => {
    if (!('nobody' in answer)) return []
    const totalMs = spans.reduce((sum, span) => sum + span.until - span.from, 0)
    const often =
      told.length === spans.length
        ? ''
        : `${spans.length} times in these weeks, ${describeDuration(totalMs)} in all, first `
    const span = `from ${describeMoment(from, zone)} until ${describeMoment(until, zone)}`
    return [
      {
        kind: 'gap',
        level: 'error',
        message: `nobody of ${team.name} is on call ${often}${span} (${describeDuration(until - from)}): ${answer.nobody}`,
        advice: 'an override, or somebody more in the rotation',
        ...{ path, from, until },
      },
    ]
  })
}

function alone(input: LintInput, team: Team, index: number): OnCallComplaint[] {
  const spans = [...spansOf(input, team, 'primary'), ...spansOf(input, team, 'secondary')]
  const edges = [...new Set(spans.flatMap(({ from, until }) => [from, until]))].sort(
    (a, b) => a - b,
  )
  let stretch: { personId: string; from: number; until: number } | undefined
  const found: (typeof stretch)[] = []
  for (const [place, from] of edges.entries()) {
    const until = edges[place + 1]
    if (until === undefined) break
    const people = peopleIn(spans, from)
    const [only] = people
    if (people.length === 1 && stretch && only === stretch.personId) stretch.until = until
    else {
      found.push(stretch)
      stretch =
        people.length === 1 && only !== undefined ? { personId: only, from, until } : undefined
    }
  }
  return [...found, stretch].flatMap((one): OnCallComplaint[] => {
    if (!one || one.until - one.from < ALONE_MS_MAX) return []
    const person = input.roster.onCall.people.find(({ id }) => id === one.personId)
    const { from, until } = one
    return [
      {
        kind: 'single_point',
        level: 'warning',
        message: `${person?.name ?? one.personId} alone is on call for ${team.name} for ${describeDuration(until - from)}, from ${describeMoment(from, person?.zone ?? 'UTC')}`,
        advice: 'somebody more in the rotation, or a secondary',
        ...{ path: ['teams', index], from, until },
      },
    ]
  })
}

const peopleIn = (spans: readonly DutySpan[], instant: number): string[] => [
  ...new Set(
    spans
      .filter(({ from, until }) => from <= instant && instant < until)
      .flatMap(({ answer }) => ('nobody' in answer ? [] : answer.people)),
  ),
]
