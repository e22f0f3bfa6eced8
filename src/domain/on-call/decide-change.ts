import {
  type NewOnCallChange,
  ON_CALL_CHANGE_MS_MAX,
  type OnCall,
  type OnCallChange,
  type OnCallChanges,
} from '../../protocol/on-call.ts'
import { endOf } from './changes-at.ts'
import { describeMoment } from './wall-clock.ts'

export type ChangeDecision =
  /** From when it holds: what is past stays as it was. */
  | { kind: 'accepted'; from: number }
  | { kind: 'refused'; because: 'unknown' | 'time' | 'overlap'; reason: string }

/**
 * Whether an override, a swap or an absence can be taken down. Two overrides of one duty must not
 * overlap, because nobody could say which of them holds; the same of swaps, and of absences of one
 * person.
 */
export function decideChange(
  { onCall, overrides, absences }: { onCall: OnCall } & OnCallChanges,
  asked: Omit<NewOnCallChange, 'author'> | NewOnCallChange,
  now: number,
): ChangeDecision {
  const change = asked as NewOnCallChange
  const unknown = unknownIn(onCall, change)
  if (unknown !== undefined) return refused('unknown', unknown)

  const from = Math.max(change.from, now)
  if (change.until <= change.from) return refused('time', 'it must end after it begins')
  if (change.until <= now) return refused('time', 'it would be over already')
  if (change.until - from > ON_CALL_CHANGE_MS_MAX)
    return refused('time', 'it would last more than a year')

  const others: readonly OnCallChange[] = change.kind === 'absence' ? absences : overrides
  const zone = zoneFor(onCall, change)
  const overlapping = others.find(
    (other) => isAboutSame(change, other) && other.from < change.until && from < endOf(other),
  )
  if (overlapping) {
    const { id, author } = overlapping
    const span = `from ${describeMoment(overlapping.from, zone)} until ${describeMoment(endOf(overlapping), zone)}`
    return refused(
      'overlap',
      `it overlaps ${ARTICLE[overlapping.kind]} of ${author} ${span}; end that one first: ${id}`,
    )
  }
  return { kind: 'accepted', from }
}

const ARTICLE = { override: 'an override', swap: 'a swap', absence: 'an absence' }

function unknownIn({ people, rotations }: OnCall, change: NewOnCallChange): string | undefined {
  const rotation =
    change.kind === 'absence' ? undefined : rotations.find(({ id }) => id === change.rotationId)
  if (change.kind !== 'absence' && !rotation) return `there is no rotation ${change.rotationId}`
  const ids = change.kind === 'swap' ? change.between : [change.personId]
  const stranger = ids.find((id) => !people.some((person) => person.id === id))
  if (stranger !== undefined) return `there is no person ${stranger}`
  if (change.kind === 'swap' && change.between[0] === change.between[1])
    return 'a swap is between two people'
  return undefined
}

function isAboutSame(change: NewOnCallChange, other: OnCallChange): boolean {
  if (change.kind === 'absence')
    return other.kind === 'absence' && other.personId === change.personId
  return (
    other.kind === change.kind &&
    other.rotationId === change.rotationId &&
    other.role === change.role
  )
}

function zoneFor({ people, rotations }: OnCall, change: NewOnCallChange): string {
  const zone =
    change.kind === 'absence'
      ? people.find(({ id }) => id === change.personId)?.zone
      : rotations.find(({ id }) => id === change.rotationId)?.versions.at(-1)?.zone
  return zone ?? 'UTC'
}

const refused = (because: 'unknown' | 'time' | 'overlap', reason: string): ChangeDecision => ({
  kind: 'refused',
  ...{ because, reason },
})
