import { describeDuration } from '../../base/duration.ts'
import { CONFIRM_WITHIN_MS, type HandOff } from '../../protocol/hand-off.ts'
import type { AccessItem, OnCall, OnCallChanges } from '../../protocol/on-call.ts'
import { Severity } from '../../protocol/severity.ts'
import { joinNames } from '../join-names.ts'
import { describeForService } from './describe-on-call.ts'
import { describeMoment } from './wall-clock.ts'

type Roster = { onCall: OnCall } & OnCallChanges

/** What a person reads about a shift: one line that says it, and the lines below. */
export type ShiftText = { subject: string; lines: string[] }

/**
 * What somebody reads who takes over a duty: from when until when, whom their pages go to after them and
 * how soon they are expected to acknowledge, which access to try before it is needed, and how to confirm.
 *
 * @param url where they confirm.
 */
export function shiftText(
  roster: Roster,
  shift: Pick<
    HandOff,
    'rotationId' | 'role' | 'personId' | 'from' | 'until' | 'reason' | 'leaving'
  >,
  url: string,
): ShiftText {
  const { onCall } = roster
  const { rotation, team, person } = namedIn(onCall, shift)
  const zone = person?.zone ?? 'UTC'
  const moment = (instant: number) => describeMoment(instant, zone)
  const services = team?.services ?? []
  return {
    subject: `You are on call: ${shift.role} of ${rotation?.name ?? shift.rotationId}`,
    lines: [
      `From ${moment(shift.from)} until ${moment(shift.until)}`,
      `Why: ${shift.reason}`,
      ...(shift.leaving === undefined
        ? []
        : [`Before you: ${nameOf(onCall, shift.leaving)}. Ask what is still going on.`]),
      ...(services.length === 0 ? [] : [`Services: ${services.join(', ')}`]),
      ...(services[0] === undefined ? [] : ladderLines(roster, services[0], shift.from)),
      ...accessLines(rotation?.access ?? []),
      `Confirm within ${describeDuration(CONFIRM_WITHIN_MS)} that you have it, here or with: npx firewatch on-call confirm ${shift.rotationId}`,
      url,
    ],
  }
}

/** What somebody else reads when it was not confirmed in time. */
export function unconfirmedText(
  { onCall }: Roster,
  handOff: HandOff,
  { reason, url, zone }: { reason: string; url: string; zone: string },
): ShiftText {
  const { rotation, person } = namedIn(onCall, handOff)
  const name = person?.name ?? handOff.personId
  const duty = `${handOff.role} of ${rotation?.name ?? handOff.rotationId}`
  return {
    subject: `Not confirmed: ${name} as ${duty}`,
    lines: [
      `${name} is ${duty} since ${describeMoment(handOff.from, zone)} and has not confirmed it.`,
      handOff.toldBy === undefined
        ? 'They have no verified contact by which they could be told calmly.'
        : 'They were told, and may not have seen it.',
      'Ask them, or say with an override who has it.',
      `You read this because ${reason}.`,
      url,
    ],
  }
}

function namedIn(
  onCall: OnCall,
  { rotationId, personId }: { rotationId: string; personId: string },
) {
  const rotation = onCall.rotations.find(({ id }) => id === rotationId)
  return {
    rotation,
    team: onCall.teams.find(({ id }) => id === rotation?.teamId),
    person: onCall.people.find(({ id }) => id === personId),
  }
}

const nameOf = ({ people }: OnCall, id: string): string =>
  people.find((person) => person.id === id)?.name ?? id

/** Whom a page goes to, step by step, while nobody acknowledges; for each severity that pages anybody. */
function ladderLines(roster: Roster, serviceId: string, at: number): string[] {
  return Severity.options.flatMap((severity) => {
    const { steps } = describeForService(roster, { serviceId, severity, at })
    if (steps.length === 0) return []
    const { acknowledgeWithinMs } = roster.onCall.ladders[severity]
    const rungs = steps.map(({ afterMs, people }) => {
      const who = people.length === 0 ? 'nobody' : joinNames(people.map(({ name }) => name))
      return `${afterMs === 0 ? 'at once' : `after ${describeDuration(afterMs)}`} ${who}`
    })
    return [
      `${severity}: acknowledge within ${describeDuration(acknowledgeWithinMs)}; paged are ${rungs.join(', ')}`,
    ]
  })
}

const accessLines = (access: readonly AccessItem[]): string[] =>
  access.length === 0
    ? []
    : [
        'Try your access before you need it:',
        ...access.map(
          ({ name, test, url }) => `- ${name}: ${test}${url === undefined ? '' : ` (${url})`}`,
        ),
      ]
