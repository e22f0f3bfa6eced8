import { z } from 'zod'
import { RegionId } from './ids.ts'
import { Severity } from './severity.ts'

/**
 * When a check's runs become an alert, as it goes over the wire. A rule is a set of conditions; any of
 * them fires, and all that fired must be proven healthy before the alert ends. What is absent is not
 * looked at, so that definitions of older versions keep their meaning.
 */

const COUNT = z.number().int().positive()

/** `count` of the last `of` runs of one region. */
export const SomeOf = z.object({ count: COUNT, of: COUNT })
export type SomeOf = z.infer<typeof SomeOf>

const window = {
  /** Runs of so long ago are counted, of all regions together. */
  withinMs: COUNT,
  /** It must have been so for this long without a break. */
  forMs: z.number().int().nonnegative(),
  /** Fewer runs in the window say nothing. */
  samplesMin: COUNT,
}

export const RatioRule = z.object({
  /** Share of failed runs that is exceeded, 0 to 1. */
  above: z.number().min(0).max(1),
  ...window,
  severity: Severity.optional(),
})
export type RatioRule = z.infer<typeof RatioRule>

export const LatencyRule = z.object({
  /** A limit in milliseconds, or so many times what is usual at this hour of the week. */
  above: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('limit'), ms: z.number().positive() }),
    z.object({ kind: z.literal('baseline'), times: z.number().positive() }),
  ]),
  /** Which percentile is compared, as a share: 0.95. */
  percentile: z.number().positive().max(1),
  ...window,
  severity: Severity,
})
export type LatencyRule = z.infer<typeof LatencyRule>

/** When an alert that comes and goes stays on: see `domain/alerting/flapping.ts`. */
export const FlappingRule = z.object({
  /** Beginnings and ends of the alert … */
  changes: COUNT,
  /** … within so much time. */
  withinMs: COUNT,
  /** It then ends only after so long without anything wrong. */
  quietForMs: COUNT,
})
export type FlappingRule = z.infer<typeof FlappingRule>

export const AlertRule = z.object({
  /** Failures in a row in one region that fire by themselves, as a regional alert. */
  failuresToFire: COUNT,
  /** Regions whose latest fresh run failed that fire together: each confirms the other. */
  regionsMin: COUNT,
  /** Passes in a row that prove a region healthy again. */
  passesToResolve: COUNT,
  /** The network of each region, when regions of one network count once. */
  networks: z.record(RegionId, z.string()).optional(),
  failures: SomeOf.optional(),
  ratio: RatioRule.optional(),
  latency: LatencyRule.optional(),
  degraded: SomeOf.extend({ severity: Severity }).optional(),
  /** No region says anything about the target: a finding about the data, not about the target. */
  noData: z.object({ afterMs: COUNT, severity: Severity }).optional(),
  flapping: FlappingRule.optional(),
  /** Of failures; the severity rules decide when absent. */
  severity: Severity.optional(),
})
export type AlertRule = z.infer<typeof AlertRule>

/** The conditions of a rule, by their names in the files. */
export const ConditionName = z.enum([
  'regions',
  'failuresToFire',
  'failures',
  'ratio',
  'latency',
  'degraded',
])
export type ConditionName = z.infer<typeof ConditionName>
