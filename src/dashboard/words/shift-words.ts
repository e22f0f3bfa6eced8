import type { HeldRole, OnCallAnswer, OnCallChange, ShiftsAnswer } from '../live/answers.ts'
import { joinNames } from './quantity.ts'

type People = OnCallAnswer['people']
type Shift = ShiftsAnswer['data'][number]

export const nameOf = (people: People, id: string): string =>
  people.find((person) => person.id === id)?.name ?? id

/** The person's name, or that there is none. */
export const heldBy = (people: People, held: HeldRole): string =>
  'nobody' in held ? 'nobody' : nameOf(people, held.personId)

/** By what it is theirs, where it is not simply their turn. */
export function heldHow(held: HeldRole): string {
  if ('nobody' in held || held.by === 'turn') return ''
  return { stand_in: 'stands in', swap: 'by a swap', override: 'by an override' }[held.by]
}

const WEEK_MS = 7 * 86_400_000

/** One week of a calendar: the shifts that reach into it, each with its place from 0 to 1. */
export type CalendarWeek = {
  from: number
  bars: { shift: Shift; start: number; share: number }[]
}

/** Shifts as weeks from an instant on. One bar is what one person has, whoever stands behind them. */
export function calendarOf(
  shifts: readonly Shift[],
  { from, weeks }: { from: number; weeks: number },
): CalendarWeek[] {
  const bars = byPrimary(shifts)
  return Array.from({ length: weeks }, (_, index) => {
    const start = from + index * WEEK_MS
    const end = start + WEEK_MS
    return {
      from: start,
      bars: bars
        .filter((shift) => shift.from < end && shift.until > start)
        .map((shift) => {
          const begins = Math.max(shift.from, start)
          const ends = Math.min(shift.until, end)
          return { shift, start: (begins - start) / WEEK_MS, share: (ends - begins) / WEEK_MS }
        }),
    }
  })
}

function byPrimary(shifts: readonly Shift[]): Shift[] {
  const merged: Shift[] = []
  for (const shift of shifts) {
    const previous = merged.at(-1)
    if (previous && previous.until === shift.from && holderOf(previous) === holderOf(shift))
      merged.splice(-1, 1, { ...previous, until: shift.until })
    else merged.push(shift)
  }
  return merged
}

const holderOf = ({ primary }: Shift) => ('nobody' in primary ? undefined : primary.personId)

/** What somebody said, in a line. */
export function changeWords(
  change: OnCallChange,
  people: People,
  rotations: OnCallAnswer['rotations'],
): string {
  if (change.kind === 'absence') return `${nameOf(people, change.personId)} is absent`
  const rotation = rotations.find(({ id }) => id === change.rotationId)?.name ?? change.rotationId
  const what = `${change.role} of ${rotation}`
  if (change.kind === 'swap')
    return `${joinNames(change.between.map((id) => nameOf(people, id)))} swap their turns as ${what}`
  return `${nameOf(people, change.personId)} is ${what}`
}
