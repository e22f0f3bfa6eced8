import type { CheckDefinition } from '../../protocol/check.ts'
import type { RegionId } from '../../protocol/ids.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import type { Severity } from '../../protocol/severity.ts'
import type { Vote } from './judge-region.ts'

export type AlertInput = {
  check: Pick<CheckDefinition, 'name' | 'alert' | 'regions'>
  alert: AlertStatus
  /** In any order, of any age, with or without repetitions. */
  votesByRegion: ReadonlyMap<RegionId, readonly Vote[]>
  /** From `voteFreshForMs`. */
  freshForMs: number
  /** What is usual at this hour of the week; undefined when nobody knows, or no condition asks. */
  baselineMs?: number | undefined
  /** Since when this coordinator has listened without a break; for ever when absent. */
  listeningSince?: number
  now: number
}

export type AlertDecision = {
  kind: 'hold' | 'fire' | 'update' | 'resolve'
  /** To be saved whatever the kind; `reason` says why, in words. */
  next: AlertStatus
  /** With `fire` and `update`: it fails in more regions, or in a wider scope, than was known. */
  widened: boolean
  /** The regions that the alert is about: they failed, and are not proven healthy yet. */
  regions: RegionId[]
  /** The latest failed vote of each of them that fails at this moment. */
  evidence: { regionId: RegionId; vote: Vote }[]
  /** Start of the first failure in those rows of failures. */
  badSince?: number
  /** What the rule states; the severity rules decide when absent. */
  severity?: Severity
  /** The target is slow or odd, but it serves. */
  isServed: boolean
}
