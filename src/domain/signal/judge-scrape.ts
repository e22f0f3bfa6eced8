import { describeDuration } from '../../base/duration.ts'

/** What was collected of a job within a window, as the system that collects it says. */
export type ScrapeCounts = {
  /** Targets that it knows now. */
  targets: number
  /** Of those, how many were scraped less often than {@link SCRAPED_SHARE_MIN}. */
  missing: number
  /** Scrapes that were tried, of targets that are gone as well. */
  attempts: number
  /** Scrapes that should have been tried, by the targets that it knew at each moment. */
  expected: number
  /** Moments of the window, one each interval, at which it knew of any target … */
  moments: number
  /** … of so many. */
  momentsExpected: number
}

/** Less than this share of what should be there, and a number says what was collected, not what happened. */
export const SCRAPED_SHARE_MIN = 0.8

/**
 * What is wrong with how a number was collected, in words; undefined where it is whole. A deployment is no
 * such problem: targets that are gone are not missing, and those that are new are not expected before.
 */
export function scrapeProblem(counts: ScrapeCounts, windowMs: number): string | undefined {
  const { targets, missing, attempts, expected, moments, momentsExpected } = counts
  const window = `in the last ${describeDuration(windowMs)}`
  const lacks = (count: number, whole: number) => count < whole * SCRAPED_SHARE_MIN
  if (targets === 0) return 'telemetry problem: no target is scraped'
  if (missing > 0)
    return `telemetry problem: ${missing} of ${targets} ${targets === 1 ? 'target' : 'targets'} not scraped ${window}`
  if (lacks(moments, momentsExpected)) {
    const gapMs = windowMs * (1 - moments / momentsExpected)
    return `telemetry problem: nothing was scraped for ${describeDuration(gapMs)} ${window}`
  }
  if (lacks(attempts, expected))
    return `telemetry problem: ${expected - attempts} of ${expected} scrapes are lacking ${window}`
  return undefined
}
