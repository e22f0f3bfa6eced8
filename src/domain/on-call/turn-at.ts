import { assert } from '../../base/assert.ts'
import type { Rotation, RotationVersion } from '../../protocol/on-call.ts'
import { instantOf, wallAt } from './wall-clock.ts'

/** One turn of a rotation: half open, `until` belongs to the next one. */
export type Turn = {
  /** 0 at the anchor, negative before it. */
  index: number
  from: number
  until: number
}

/**
 * Whose turn it is by a version, as a number. Hand-offs are times on the wall clock of its zone, so
 * turns are as long as the days are: a week with a change of clocks has 167 or 169 hours, and an hour
 * that the clock skips is no turn at all.
 */
export function turnAt(version: RotationVersion, instant: number): Turn {
  const anchor = Temporal.PlainDateTime.from(version.anchor)
  const startOf = (index: number) =>
    instantOf(handOff(anchor, version.every, index), version.zone, 'first')

  let index = nearTurn(anchor, version.every, wallAt(instant, version.zone))
  // A clock that was put back shows times that have been: then the guess is early.
  for (let steps = 0; startOf(index) > instant; index--) assert(steps++ < STEPS_MAX, 'a near guess')
  for (let steps = 0; startOf(index + 1) <= instant; index++)
    assert(steps++ < STEPS_MAX, 'a near guess')
  return { index, from: startOf(index), until: startOf(index + 1) }
}

/** A clock that changes sides of the date line is a day off; turns are an hour at least. */
const STEPS_MAX = 30

type Interval = RotationVersion['every']

function handOff(
  anchor: Temporal.PlainDateTime,
  { count, unit }: Interval,
  index: number,
): Temporal.PlainDateTime {
  return anchor.add({ [`${unit}s`]: count * index })
}

const UNIT_MS = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 }

function nearTurn(
  anchor: Temporal.PlainDateTime,
  { count, unit }: Interval,
  wall: Temporal.PlainDateTime,
): number {
  if (unit === 'month') {
    const months = (wall.year - anchor.year) * 12 + wall.month - anchor.month
    return Math.floor(months / count)
  }
  const shown = (time: Temporal.PlainDateTime) => time.toZonedDateTime('UTC').epochMilliseconds
  return Math.floor((shown(wall) - shown(anchor)) / (UNIT_MS[unit] * count))
}

/** The version of a rotation that counts, and when the next one does. */
export function versionAt(
  { versions }: Rotation,
  instant: number,
): { version?: RotationVersion; from: number; until: number } {
  let current: RotationVersion | undefined
  let from = -Infinity
  for (const version of versions) {
    const start = instantOf(
      Temporal.PlainDateTime.from(version.effectiveFrom),
      version.zone,
      'first',
    )
    if (start > instant) return { ...(current && { version: current }), from, until: start }
    current = version
    from = start
  }
  return { ...(current && { version: current }), from, until: Infinity }
}
