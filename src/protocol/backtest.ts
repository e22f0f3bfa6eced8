import { z } from 'zod'
import { CheckId, IncidentId, Instant, RegionId } from './ids.ts'
import { Incident } from './incident.ts'
import { AlertStatus, type RouteContract } from './public-api.ts'
import { PATHS } from './public-paths.ts'
import { Severity } from './severity.ts'
import { WrittenAlertRule } from './written-alert.ts'

/** What a rule would have done over the runs that are stored. The coordinator works in bounded pieces. */

/** How far back it may reach. */
export const BACKTEST_REACH_MS_MAX = 31 * 86_400_000
/** Incidents that are given to compare with. */
export const BACKTEST_INCIDENTS_MAX = 200

/** An alert that fired, or would have. */
export const Firing = z.object({
  firedAt: Instant,
  /** Absent while it still fires. */
  endedAt: Instant.optional(),
  /** First bad run behind it. */
  badSince: Instant.optional(),
  reason: z.string(),
  /** All regions that it was ever about. */
  regions: z.array(RegionId),
  severity: Severity.optional(),
  isServed: z.boolean(),
})
export type Firing = z.infer<typeof Firing>

/** Where the next piece begins; to be given back as it came. */
export const BacktestCursor = z.object({
  from: Instant,
  alert: AlertStatus,
  dueAt: Instant.optional(),
  firing: Firing.optional(),
})
export type BacktestCursor = z.infer<typeof BacktestCursor>

export const BacktestRequest = z.strictObject({
  /** The check's own rule when absent. What it does not say is as usual, not as the check has it. */
  rule: WrittenAlertRule.optional(),
  since: Instant,
  until: Instant,
  cursor: BacktestCursor.optional(),
})

export const BacktestPiece = z.object({
  /** Alerts that ended in this piece; with the last one also that which still fires. */
  firings: z.array(Firing),
  /** Runs that were played. */
  runs: z.number().int().nonnegative(),
  /** With the first piece: incidents of the check's service that reach into the time. */
  incidents: z
    .array(
      Incident.pick({
        title: true,
        state: true,
        impactStartedAt: true,
        recoveredAt: true,
        findings: true,
      }).extend({ id: IncidentId }),
    )
    .optional(),
  /** Absent when all is played. */
  next: BacktestCursor.optional(),
})
export type BacktestPiece = z.infer<typeof BacktestPiece>

export const backtest = {
  method: 'POST',
  path: PATHS.backtest,
  access: 'viewer',
  changesNothing: true,
  summary: 'Plays an alert rule over stored runs, a piece at a time. Changes nothing.',
  params: z.object({ checkId: CheckId }),
  body: BacktestRequest,
  response: BacktestPiece,
} as const satisfies RouteContract
