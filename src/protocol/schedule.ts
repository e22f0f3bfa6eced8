import { CronExpressionParser } from 'cron-parser'
import { assert } from '../base/assert.ts'
import type { CheckDefinition } from './check.ts'
import { cronSlots } from './cron-slots.ts'

/**
 * The slot grid. Probe and coordinator compute the same slots from the definition alone, so the
 * coordinator knows what to expect without being told.
 *
 * An interval of P in N regions: region i looks at `phase(check) + i·P/N` on the absolute wall-clock
 * grid of P. Five regions at 60 s give a look every 12 s for the price of one a minute. Cron slots
 * are the same instant in every region, because somebody wrote that instant on purpose.
 */

/** Most slots given at once; callers that are behind ask again from the last one they got. */
export const SLOTS_AT_ONCE_MAX = 10_000

type Scheduled = Pick<CheckDefinition, 'id' | 'schedule' | 'regions'>

/**
 * The slots of a check in one region with `after < slot <= until`, oldest first, in epoch
 * milliseconds; at most {@link SLOTS_AT_ONCE_MAX}.
 */
export function dueSlots(
  check: Scheduled,
  regionId: string,
  after: number,
  until: number,
): number[] {
  const regionIndex = check.regions.indexOf(regionId)
  assert(regionIndex >= 0, `slots are asked only for regions of the check: ${regionId}`)
  if (check.schedule.kind === 'cron')
    return cronSlots(
      check.schedule.expression,
      check.schedule.timeZone,
      after,
      until,
      SLOTS_AT_ONCE_MAX,
    )

  const { everyMs } = check.schedule
  const offset = slotOffset(check, regionIndex, everyMs)
  const first = offset + (Math.floor((after - offset) / everyMs) + 1) * everyMs
  const slots: number[] = []
  for (let slot = first; slot <= until && slots.length < SLOTS_AT_ONCE_MAX; slot += everyMs)
    slots.push(slot)
  return slots
}

/** The first slot later than `after`, or undefined when a cron expression has none left. */
export function nextSlot(check: Scheduled, regionId: string, after: number): number | undefined {
  if (check.schedule.kind === 'interval')
    return dueSlots(check, regionId, after, after + check.schedule.everyMs)[0]
  return nextCronSlot(check.schedule.expression, check.schedule.timeZone, after)
}

/** The first instant from `now` on that is no slot of the check in that region. */
export function offGridInstant(check: Scheduled, regionId: string, now: number): number {
  let instant = now
  while (dueSlots(check, regionId, instant - 1, instant).length > 0) instant++
  return instant
}

/**
 * Milliseconds between slots in one region; for cron the gap between the next two after `now`.
 * Votes older than about two of these are stale.
 */
export function slotPeriodMs(check: Pick<CheckDefinition, 'schedule'>, now: number): number {
  const { schedule } = check
  if (schedule.kind === 'interval') return schedule.everyMs
  const first = nextCronSlot(schedule.expression, schedule.timeZone, now)
  const second =
    first === undefined ? undefined : nextCronSlot(schedule.expression, schedule.timeZone, first)
  return first === undefined || second === undefined ? 86_400_000 : second - first
}

/** Why the text is no cron expression in that zone, or undefined when it is one. */
export function cronProblem(expression: string, timeZone: string): string | undefined {
  // cron-parser takes six fields and names such as @daily too; five fields are what ops expect.
  if (expression.trim().split(/\s+/).length !== 5)
    return 'expected five fields: minute hour day-of-month month day-of-week'
  // cron-parser draws the H of Jenkins by chance, so each process would have slots of its own.
  if (/(^|[\s,])H/i.test(expression)) return 'H is not supported: write the minute or hour'
  try {
    Intl.DateTimeFormat('en', { timeZone })
  } catch {
    return `${timeZone} is no IANA time zone`
  }
  try {
    CronExpressionParser.parse(expression, { currentDate: 0, tz: timeZone }).next()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function slotOffset(check: Scheduled, regionIndex: number, everyMs: number): number {
  const phase = fnv1a(check.id) % everyMs
  return phase + Math.floor((regionIndex * everyMs) / check.regions.length)
}

function nextCronSlot(expression: string, timeZone: string, after: number): number | undefined {
  return cronSlots(expression, timeZone, after, Infinity, 1)[0]
}

/** FNV-1a, 32 bit: spreads the phases of checks over the interval. Not for secrets. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i)
    hash = Math.imul(hash, 0x01000193)
  }
  return hash >>> 0
}
