import type { HandOff } from '../../../protocol/hand-off.ts'
import { describeMoment } from '../wall-clock.ts'
import type { LintInput, OnCallComplaint } from './complaint.ts'

/** Duties that somebody was told they have, and has not confirmed in time. */
export function unconfirmedComplaints(
  { onCall }: LintInput['roster'],
  handOffs: readonly HandOff[],
): OnCallComplaint[] {
  const personOf = (id: string | undefined) => onCall.people.find((person) => person.id === id)
  return handOffs.flatMap((handOff): OnCallComplaint[] => {
    const { unconfirmed, confirmedAt, rotationId, role, personId, from, until } = handOff
    const index = onCall.rotations.findIndex(({ id }) => id === rotationId)
    const rotation = onCall.rotations[index]
    if (!unconfirmed || confirmedAt !== undefined || !rotation) return []
    const person = personOf(personId)
    const since = describeMoment(from, person?.zone ?? 'UTC')
    const told = personOf(unconfirmed.told)
    const who = told ? `${told.name} was told` : 'nobody else could be told'
    return [
      {
        kind: 'shift_unconfirmed',
        level: 'warning',
        message: `${person?.name ?? personId} is ${role} of ${rotation.name} since ${since} and has not confirmed it; ${who}`,
        advice: 'their word that they have it, or an override',
        path: ['rotations', index],
        ...{ from, until },
      },
    ]
  })
}
