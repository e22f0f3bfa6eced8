import type { CheckOverview } from '../../protocol/public-api.ts'

/** How a check stands in one region now. `unwatched`: it does not run there. */
export type Standing = 'passed' | 'degraded' | 'failed' | 'unknown' | 'unwatched'

/** A sign and a word for each; the colour only repeats them. */
export const STANDING_WORDS: { readonly [S in Standing]: { mark: string; word: string } } = {
  passed: { mark: '✓', word: 'passes' },
  degraded: { mark: '◐', word: 'degraded' },
  failed: { mark: '✗', word: 'fails' },
  unknown: { mark: '?', word: 'unknown' },
  unwatched: { mark: '–', word: 'not watched here' },
}

/**
 * The word of the region's latest run that says something about the target. Without a fresh vote the
 * region is unknown, whatever its last run said.
 */
export function standingOf(
  check: Pick<CheckOverview, 'alert' | 'regions'>,
  regionId: string,
): Standing {
  const region = check.regions.find((candidate) => candidate.regionId === regionId)
  if (!region) return 'unwatched'
  if (check.alert.unknown.includes(regionId)) return 'unknown'
  const last = region.slots.findLast(
    ({ end }) => end === 'passed' || end === 'degraded' || end === 'failed',
  )
  return (last?.end as 'passed' | 'degraded' | 'failed' | undefined) ?? 'unknown'
}

/**
 * The regions that watch any of the checks, in the order given. Those of checks that no region of the
 * fleet watches, as with a job that calls by itself, are left out unless there are no others.
 */
export function watchedRegions(
  checks: readonly Pick<CheckOverview, 'regions'>[],
  regionIds: readonly string[],
): string[] {
  const watching = new Set(checks.flatMap(({ regions }) => regions.map(({ regionId }) => regionId)))
  const ofFleet = regionIds.filter((id) => watching.has(id))
  return ofFleet.length > 0 ? ofFleet : [...watching]
}

/** True when it passes, or is degraded, in each region that watches it. */
export const passesEverywhere = (check: CheckOverview): boolean =>
  check.regions.every(({ regionId }) => {
    const standing = standingOf(check, regionId)
    return standing === 'passed' || standing === 'degraded'
  })

/** True when the eye should stop here: it fails, is degraded, or is unknown somewhere. */
export const isTroubled = (check: CheckOverview): boolean =>
  check.alert.state !== 'quiet' ||
  check.regions.some(({ regionId }) => standingOf(check, regionId) !== 'passed')
