import { AppError } from '../base/app-error.ts'
import { parseDuration } from '../base/duration.ts'
import { systemClock } from '../runtime/system-clock.ts'

/** What `--at` means: an RFC 3339 instant, or how long ago. @throws {AppError} `request.invalid` */
export function instantOf(written: string): number {
  const ago = parseDuration(written)
  if (ago !== undefined) return systemClock.now() - ago
  const instant = /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(written)
    ? Date.parse(written)
    : Number.NaN
  if (Number.isNaN(instant))
    throw new AppError(
      'request.invalid',
      `--at: expected how long ago, such as 10m, or a time with its zone, such as 2026-03-13T15:04:00Z, got ${written}`,
    )
  return instant
}
