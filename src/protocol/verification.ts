import { z } from 'zod'
import { AlertRule } from './alert-rule.ts'
import { CheckId, Instant } from './ids.ts'

/** What must hold before an incident counts as restored, and what is watched closer afterwards. */

export const GateConditionName = z.enum([
  'findings',
  'errors',
  'latency',
  'throughput',
  'missing',
  'downstream',
  'manual_run',
  'reconciliation',
  'communication',
])
export type GateConditionName = z.infer<typeof GateConditionName>

/** What only a person can say is done. */
export const GateItem = z.enum(['reconciliation', 'communication'])
export type GateItem = z.infer<typeof GateItem>

/** Done, or left for later with somebody who will do it. */
export const GateOutcome = z.enum(['done', 'deferred'])
export type GateOutcome = z.infer<typeof GateOutcome>

export const GateTick = z.object({
  item: GateItem,
  outcome: GateOutcome,
  /** Who will do what is left for later. */
  owner: z.string().optional(),
  note: z.string().optional(),
  at: Instant,
  by: z.string(),
})
export type GateTick = z.infer<typeof GateTick>

export const GateCondition = z.object({
  name: GateConditionName,
  /**
   * `waiting`: somebody or time must still do something. `broken`: it does not hold, and the time
   * begins anew. `unknown`: nobody can tell, which holds nothing up. `not_needed`: not of this incident.
   */
  state: z.enum(['met', 'waiting', 'broken', 'unknown', 'not_needed']),
  /** Why, in words. */
  reason: z.string(),
})
export type GateCondition = z.infer<typeof GateCondition>

export const GateStatus = z.object({
  /** Since when nothing failed. */
  cleanSince: Instant,
  /** Until when nothing may fail. */
  verifyUntil: Instant,
  conditions: z.array(GateCondition),
  /** Checks that a manual run may be of. */
  manualChecks: z.array(z.object({ checkId: CheckId, name: z.string() })),
})
export type GateStatus = z.infer<typeof GateStatus>

/** A check that is watched closer for a while, with the copy of its rule that holds so long. */
export const WatchedCheck = z.object({
  checkId: CheckId,
  name: z.string(),
  rule: AlertRule,
  /** What is tighter, in words. */
  changes: z.array(z.string()),
})
export type WatchedCheck = z.infer<typeof WatchedCheck>
