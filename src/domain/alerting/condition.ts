import type { AlertRule, ConditionName } from '../../protocol/alert-rule.ts'
import type { RegionId } from '../../protocol/ids.ts'
import type { Vote } from './judge-region.ts'
import type { RegionStanding } from './weigh-regions.ts'

/** What a condition decides from: nothing else, so that the same votes give the same decision. */
export type AlertView = {
  rule: AlertRule
  /** One for each region of the check, in its order. */
  standings: readonly RegionStanding[]
  /** Conclusive votes that came in time, one a slot, the oldest first. */
  inTime: readonly RegionVote[]
  /** What is usual at this hour of the week, in milliseconds; undefined when nobody knows. */
  baselineMs?: number | undefined
  now: number
}

export type RegionVote = Vote & { regionId: RegionId }

export type ConditionOutcome = {
  name: ConditionName
  /**
   * `pending`: it is so, but not for long enough. `healthy`: proven not to be so. `unproven`: neither
   * this nor that, because too little is known.
   */
  state: 'fires' | 'pending' | 'healthy' | 'unproven'
  /** Why, in words. */
  reason: string
  /** The regions that it is about while it fires, in the check's order. */
  regions: RegionId[]
  /** The newest vote of each of them that shows it. */
  evidence: RegionVote[]
  /** First bad vote, while it fires. */
  badSince?: number
  /** When time alone may change it. */
  changesAt?: number
}

/** A pure function of votes, rule and time; undefined when the rule has no such condition. */
export type Condition = (view: AlertView) => ConditionOutcome | undefined
