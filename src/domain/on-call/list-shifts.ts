import type { Rotation } from '../../protocol/on-call.ts'
import type { Held, Roster } from './hold-role.ts'
import { rotationAt } from './rotation-at.ts'
import type { Turn } from './turn-at.ts'

/** A stretch of time in which the same people are on call for the same turn. Half open. */
export type Shift = {
  from: number
  until: number
  primary: Held
  secondary: Held | undefined
  shadows: string[]
  turn: Turn | undefined
}

/** Most shifts that one list has. */
export const SHIFTS_MAX = 5_000

/**
 * The shifts of a rotation between two instants, without a gap between them: where nobody is on call
 * there is a shift of nobody. The first and the last may have begun before, or go on after.
 *
 * @returns at most `shiftsMax`; then the last ends before `until`.
 */
export function listShifts(
  roster: Roster,
  rotation: Rotation,
  from: number,
  until: number,
  shiftsMax = SHIFTS_MAX,
): Shift[] {
  const shifts: Shift[] = []
  let start = from
  while (start < until) {
    const { until: changes, ...answer } = rotationAt(roster, rotation, start)
    const end = Math.min(changes, until)
    const previous = shifts.at(-1)
    if (previous && isSame(previous, answer)) previous.until = end
    else if (shifts.length === shiftsMax) break
    else shifts.push({ ...answer, from: start, until: end })
    start = end
  }
  return shifts
}

type Answer = Omit<Shift, 'from' | 'until'>

const isSame = (a: Answer, b: Answer): boolean =>
  a.turn?.index === b.turn?.index &&
  a.turn?.from === b.turn?.from &&
  isHeldAlike(a.primary, b.primary) &&
  isHeldAlike(a.secondary, b.secondary) &&
  a.shadows.join() === b.shadows.join()

function isHeldAlike(a: Held | undefined, b: Held | undefined): boolean {
  if (!a || !b) return a === b
  if ('nobody' in a || 'nobody' in b) return 'nobody' in a && 'nobody' in b
  return a.personId === b.personId && a.by === b.by
}
