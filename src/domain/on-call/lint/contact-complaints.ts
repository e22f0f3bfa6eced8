import type { ContactKind } from '../../../protocol/on-call.ts'
import { serviceEnd } from '../../paging/service-ends.ts'
import { contactsFor } from '../contacts-for.ts'
import { listShifts } from '../list-shifts.ts'
import type { LintInput, OnCallComplaint } from './complaint.ts'

/** Kinds of contact whose messages wait until somebody looks. */
const QUIET: readonly ContactKind[] = ['email', 'slack']

/**
 * People who would be paged, and hear nothing, or only find it in their mail; and those who are reached
 * by a service that ends.
 */
export const contactComplaints = (input: LintInput): OnCallComplaint[] => [
  ...unreached(input),
  ...endingServices(input),
]

function endingServices({ roster, from }: LintInput): OnCallComplaint[] {
  return roster.onCall.people.flatMap((person, index) =>
    person.contacts.flatMap(({ kind, id }, place): OnCallComplaint[] => {
      const end = serviceEnd(kind)
      if (!end) return []
      const verb = from < Date.parse(end.day) ? 'ends' : 'ended'
      return [
        {
          kind: 'service_ends',
          level: 'warning',
          message: `${person.name} is reached as ${id} by ${end.name}, which ${verb} on ${end.day}`,
          advice: end.instead,
          path: ['people', index, 'contacts', place],
        },
      ]
    }),
  )
}

function unreached(input: LintInput): OnCallComplaint[] {
  const { onCall } = input.roster
  const onShift = peopleOnShift(input)
  const named = new Set(onCall.teams.flatMap((team) => [team.lead ?? '', team.manager ?? '']))
  const members = new Set(onCall.teams.flatMap((team) => team.members))
  return onCall.people.flatMap((person, index): OnCallComplaint[] => {
    const { id, name } = person
    const path = ['people', index]
    const reached = contactsFor(person)
    if (reached.length === 0) {
      if (!onShift.has(id) && !named.has(id) && !members.has(id)) return []
      return [
        {
          kind: 'no_verified_contact',
          level: onShift.has(id) ? 'error' : 'warning',
          message: onShift.has(id)
            ? `${name} is on call in these weeks and has no verified contact: no page would reach them`
            : `${name} can be paged and has no verified contact: no page would reach them`,
          advice:
            person.contacts.length === 0
              ? 'contacts, each with the day on which a test page was answered'
              : '"verified", once a test page was answered',
          path,
        },
      ]
    }
    if (!onShift.has(id) || reached.some(({ kind }) => !QUIET.includes(kind))) return []
    if (reached.some(({ kind }) => kind !== 'email'))
      return [
        {
          kind: 'nothing_wakes',
          level: 'error',
          message: `${name} is on call in these weeks and is reached by chat and e-mail alone: a SEV-1 at night would find them asleep`,
          advice: 'a contact that rings: voice, which calls their phone, or sms, ntfy or pagerduty',
          path,
        },
      ]
    return [
      {
        kind: 'only_email',
        level: 'error',
        message: `${name} is on call in these weeks and is reached by e-mail alone, which wakes nobody`,
        advice: 'a contact of another kind',
        path,
      },
    ]
  })
}

function peopleOnShift({ roster, from, until }: LintInput): Set<string> {
  const people = new Set<string>()
  for (const rotation of roster.onCall.rotations)
    for (const { primary, secondary } of listShifts(roster, rotation, from, until))
      for (const held of [primary, secondary])
        if (held && 'personId' in held) people.add(held.personId)
  return people
}
