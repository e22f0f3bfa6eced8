/**
 * The instant that a local date and time means in a zone.
 *
 * A time that a clock which is put back shows twice is the `first` or the `last` of the two, as asked.
 * One that a clock which is put forward skips is the moment at which it is put forward. (Temporal's own
 * rules move it by what is skipped: 02:30 would be 03:30.) So `first` is the first moment at which the
 * clock on the wall has reached that time, and it never runs backwards.
 *
 * @returns epoch milliseconds.
 */
export function instantOf(
  local: Temporal.PlainDateTime,
  zone: string,
  occurrence: 'first' | 'last',
): number {
  const first = local.toZonedDateTime(zone, { disambiguation: 'earlier' })
  const isShown = Temporal.PlainDateTime.compare(first.toPlainDateTime(), local) === 0
  if (isShown) {
    if (occurrence === 'first') return first.epochMilliseconds
    return local.toZonedDateTime(zone, { disambiguation: 'later' }).epochMilliseconds
  }
  // `earlier` is before the clock is put forward then, by less than a skip.
  const putForward = first.getTimeZoneTransition('next')
  return (putForward ?? first).epochMilliseconds
}

/** What the clock on the wall shows. */
export const wallAt = (instant: number, zone: string): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone).toPlainDateTime()

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** For people: `Mon 2026-11-02 09:00 (Europe/Berlin)`. */
export function describeMoment(instant: number, zone: string): string {
  const wall = wallAt(instant, zone)
  const time = wall.toPlainTime().toString({ smallestUnit: 'minute' })
  return `${WEEKDAYS[wall.dayOfWeek - 1]} ${wall.toPlainDate().toString()} ${time} (${zone})`
}
