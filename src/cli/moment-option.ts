import { AppError } from '../base/app-error.ts'
import { instantOf as instantOfWall } from '../domain/on-call/wall-clock.ts'
import { instantOf } from './instant-option.ts'

/** An instant, and the zone in which it is told. */
export type Moment = { instant: number; zone: string }

const WALL_TIME = /^(\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?)?)\[([A-Za-z0-9_+\-/]+)\]$/

/**
 * What `--at` and its like mean: a time on the wall of a zone, an RFC 3339 instant, or how long ago.
 * A time that the clock there shows twice is the first of the two; one that it skips is the moment of
 * the skip, as with hand-offs.
 *
 * @throws {AppError} `request.invalid`
 */
export function momentOf(written: string, option = '--at'): Moment {
  const [, local, zone] = WALL_TIME.exec(written) ?? []
  if (local !== undefined && zone !== undefined) {
    try {
      return { instant: instantOfWall(Temporal.PlainDateTime.from(local), zone, 'first'), zone }
    } catch {
      throw invalid(option, written)
    }
  }
  try {
    return { instant: instantOf(written), zone: 'UTC' }
  } catch {
    throw invalid(option, written)
  }
}

const invalid = (option: string, written: string): AppError =>
  new AppError(
    'request.invalid',
    `${option}: expected a time such as 2026-11-01T03:00[America/New_York], 2026-11-01T07:00:00Z, or how long ago, such as 10m, got ${written}`,
  )
