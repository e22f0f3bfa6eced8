import type { Restriction, RotationVersion } from '../../protocol/on-call.ts'
import { instantOf, wallAt } from './wall-clock.ts'

/** Within so many days every restriction begins once. */
const DAYS_AHEAD = 8
/** A window of yesterday may reach into today, further where a clock changed sides of the date line. */
const DAYS_BACK = 2

const MINUTES_PER_DAY = 24 * 60

/**
 * Whether a version has anybody on call at an instant, by its restrictions, and until when that stays
 * so at least. Where a clock is put back a window takes the longer reading: it begins when its time is
 * shown first and ends when it is shown last, so that windows overlap rather than leave a gap.
 */
export function coverAt(
  { restrictions, zone }: Pick<RotationVersion, 'restrictions' | 'zone'>,
  instant: number,
): { isCovered: boolean; until: number } {
  if (restrictions.length === 0) return { isCovered: true, until: Infinity }
  const today = wallAt(instant, zone).toPlainDate()

  let coveredUntil = -Infinity
  for (let day = -DAYS_BACK; day <= 1; day++)
    for (const { from, until } of windowsOn(restrictions, zone, today.add({ days: day })))
      if (from <= instant && instant < until) coveredUntil = Math.max(coveredUntil, until)
  if (coveredUntil > instant) return { isCovered: true, until: coveredUntil }

  let nextFrom = Infinity
  for (let day = -1; day <= DAYS_AHEAD && nextFrom === Infinity; day++)
    for (const { from } of windowsOn(restrictions, zone, today.add({ days: day })))
      if (from > instant) nextFrom = Math.min(nextFrom, from)
  return { isCovered: false, until: nextFrom }
}

function windowsOn(
  restrictions: readonly Restriction[],
  zone: string,
  date: Temporal.PlainDate,
): { from: number; until: number }[] {
  return restrictions
    .filter(({ days }) => days.some((day) => day === date.dayOfWeek))
    .map(({ from, until }) => ({
      from: instantOf(clockAt(date, from), zone, 'first'),
      until: instantOf(clockAt(date, until > from ? until : until + MINUTES_PER_DAY), zone, 'last'),
    }))
}

const clockAt = (date: Temporal.PlainDate, minutes: number): Temporal.PlainDateTime =>
  date
    .toPlainDateTime()
    .add({ days: Math.floor(minutes / MINUTES_PER_DAY), minutes: minutes % MINUTES_PER_DAY })
