/** A business day begins at nine: what is found earlier that day is work for the same day. */
const BEGINS_AT = Temporal.PlainTime.from('09:00')

const SATURDAY = 6

/** Days looked ahead: no calendar has as many holidays in a row. */
const DAYS_MAX = 60

/**
 * The next business day, by the clock of a zone: the first from Monday to Friday that is no holiday and
 * whose morning is yet to come.
 *
 * @param holidays days such as `2026-12-25`.
 * @returns a day such as `2026-03-16`.
 */
export function nextBusinessDay(now: number, zone: string, holidays: readonly string[]): string {
  const local = Temporal.Instant.fromEpochMilliseconds(now)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
  const isBegun = Temporal.PlainTime.compare(local.toPlainTime(), BEGINS_AT) >= 0
  const first = local.toPlainDate().add({ days: isBegun ? 1 : 0 })
  for (let ahead = 0; ahead < DAYS_MAX; ahead++) {
    const day = first.add({ days: ahead })
    if (day.dayOfWeek < SATURDAY && !holidays.includes(day.toString())) return day.toString()
  }
  // Who writes down two months of holidays in a row still wants the work done.
  return first.add({ days: DAYS_MAX }).toString()
}
