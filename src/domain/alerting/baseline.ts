import { percentile } from '../measurement/percentile.ts'

const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * HOUR_MS

/** How many weeks back the same hour is looked at. */
export const BASELINE_WEEKS = 4

/** The same hour of the weeks before, in UTC; each until an hour later. */
export const baselineHours = (now: number): number[] => {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS
  return Array.from({ length: BASELINE_WEEKS }, (_, week) => hour - (week + 1) * WEEK_MS)
}

/** How long a baseline stays what it is. */
export const baselineUntil = (now: number): number => (Math.floor(now / HOUR_MS) + 1) * HOUR_MS

/**
 * What is usual at this hour of the week: the percentile over all of those hours together. Undefined
 * where there are fewer than `samplesMin` runs: what nobody knows is not guessed.
 */
export function baselineOf(
  durationsMs: readonly number[],
  { percentile: share, samplesMin }: { percentile: number; samplesMin: number },
): number | undefined {
  if (durationsMs.length < samplesMin) return undefined
  return percentile(
    durationsMs.toSorted((a, b) => a - b),
    share,
  )
}
