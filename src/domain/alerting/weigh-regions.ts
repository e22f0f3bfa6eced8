import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { Scope } from '../../protocol/config.ts'
import type { RegionId } from '../../protocol/ids.ts'
import { countVoices } from './count-voices.ts'
import { countedVotes } from './counted-votes.ts'
import {
  hasFailed,
  isConclusive,
  judgeRegion,
  type RegionJudgement,
  type Vote,
} from './judge-region.ts'

/** What is known of one region at an instant; `now` is the word of its latest conclusive vote. */
export type RegionStanding = RegionJudgement & {
  regionId: RegionId
  now: 'failing' | 'passing' | 'unknown'
  /** Its latest conclusive vote that counts. */
  latest?: Vote
  /** The first vote of the failures in a row. */
  firstFailure?: Vote
  /** Conclusive votes that count, the newest first. */
  votes: readonly Vote[]
}

/** Judges each region of the check, in the check's order; votes of other regions do not count. */
export function weighRegions(
  rule: AlertRule,
  regions: readonly RegionId[],
  votesByRegion: ReadonlyMap<RegionId, readonly Vote[]>,
  freshForMs: number,
  now: number,
): RegionStanding[] {
  return regions.map((regionId) => {
    const votes = countedVotes(votesByRegion.get(regionId) ?? [], freshForMs, now)
    const judgement = judgeRegion(rule, votes)
    const conclusive = votes.filter(isConclusive)
    const latest = conclusive[0]
    if (!latest) return { regionId, now: 'unknown', votes: [], ...judgement }
    const firstFailure = conclusive[judgement.failuresInRow - 1]
    return {
      regionId,
      now: hasFailed(latest) ? 'failing' : 'passing',
      latest,
      ...(firstFailure && { firstFailure }),
      votes: conclusive,
      ...judgement,
    }
  })
}

/**
 * How wide a failure is in `failing`, when `passing` are the other regions that pass. A single region
 * is global only when nobody else watches: one look confirms nothing by itself.
 */
export function scopeOf(
  failing: readonly RegionId[],
  passing: readonly RegionId[],
  check: { alert: AlertRule; regions: readonly RegionId[] },
): Scope {
  if (countVoices(check.alert, failing) >= Math.max(2, check.alert.regionsMin)) return 'global'
  if (passing.length > 0) return 'regional'
  if (failing.length > 1 || check.regions.length === 1) return 'global'
  return 'unknown'
}
