import { CronExpressionParser } from 'cron-parser'

/**
 * The instants that a cron expression means in a time zone. They depend on nothing but the expression
 * and the zone: whoever asks, from wherever, in pieces or at once, gets the same list.
 *
 * The expression is read as times on a wall clock, which is then hung up in the zone. Where that clock
 * is put forward, a time that it skips is due as much later as was skipped (02:30 at 03:30). Where it
 * is put back, a time that it shows twice is due the first time, unless the expression names every
 * hour: then it means a rhythm, which goes on through both.
 *
 * cron-parser itself works with zones, but what it gives then depends on where it starts, and in zones
 * that shift by half an hour (Australia/Lord_Howe) it can find no further instant at all. In UTC it is
 * exact, so it reads the expression there.
 */
export function cronSlots(
  expression: string,
  timeZone: string,
  after: number,
  until: number,
  slotsMax: number,
): number[] {
  const walls = CronExpressionParser.parse(expression, {
    currentDate: wallAt(after, timeZone) - marginAt(after, timeZone),
    tz: 'UTC',
  })
  const isRhythm = walls.fields.hour.values.length === 24
  const slots = new Set<number>()
  let lastWall = until === Infinity ? Infinity : wallAt(until, timeZone) + marginAt(until, timeZone)
  for (let wall = walls.next().getTime(); wall <= lastWall; wall = walls.next().getTime()) {
    for (const slot of instantsOf(wall, timeZone, isRhythm)) {
      if (slot > after && slot <= until) slots.add(slot)
      // Near a shift a later time on the wall can be an earlier instant.
      if (slots.size >= slotsMax) lastWall = Math.min(lastWall, wall + marginAt(slot, timeZone))
    }
  }
  return [...slots].sort((a, b) => a - b).slice(0, slotsMax)
}

/** No zone shifts its clocks by more. (Zones that changed sides of the date line did, in the past.) */
const SHIFT_MS_MAX = 3 * 3_600_000

/** How far times on the wall can be out of order around an instant: not at all, except near a shift. */
function marginAt(instant: number, timeZone: string): number {
  const isSteady =
    offsetAt(instant - SHIFT_MS_MAX, timeZone) === offsetAt(instant + SHIFT_MS_MAX, timeZone)
  return isSteady ? 0 : SHIFT_MS_MAX
}

/** What the clock on the wall shows, as if it were UTC. */
const wallAt = (instant: number, timeZone: string) => instant + offsetAt(instant, timeZone)

function offsetAt(instant: number, timeZone: string): number {
  const there = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone)
  return there.offsetNanoseconds / 1_000_000
}

function instantsOf(wall: number, timeZone: string, isRhythm: boolean): number[] {
  const shown = Temporal.Instant.fromEpochMilliseconds(wall)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime()
  const first = shown.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds
  if (!isRhythm) return [first]
  return [first, shown.toZonedDateTime(timeZone, { disambiguation: 'later' }).epochMilliseconds]
}
