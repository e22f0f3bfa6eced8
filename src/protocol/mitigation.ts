import { z } from 'zod'
import { Instant } from './ids.ts'

/** What people did so that the impact ends, and what the probes say came of it. */

export const MitigationKind = z.enum([
  'rollback',
  'flag',
  'drain',
  'restart',
  'scale',
  'failover',
  'degrade',
  'other',
])
export type MitigationKind = z.infer<typeof MitigationKind>

/** Most mitigations of one incident. */
export const MITIGATIONS_MAX = 50

/** The runs of one stretch of time. */
export const RunSample = z.object({
  runs: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  /** Of the runs that did not fail; absent where there are too few. */
  p95Ms: z.number().nonnegative().optional(),
})
export type RunSample = z.infer<typeof RunSample>

export const MitigationEffect = z.object({
  /** `unknown`: there were too few runs to say anything. */
  verdict: z.enum(['worked', 'helped', 'no_effect', 'worse', 'unknown']),
  /** `failing 100 % → 2 % after 1 min 50 s`. */
  words: z.string(),
  before: RunSample,
  after: RunSample,
  /** How long after it the last run failed, where it worked. */
  tookMs: z.number().nonnegative().optional(),
  /** How long after it was looked. */
  overMs: z.number().positive(),
})
export type MitigationEffect = z.infer<typeof MitigationEffect>

export const Mitigation = z.object({
  /** `m1`, `m2` … within the incident. */
  id: z.string(),
  kind: MitigationKind,
  what: z.string(),
  target: z.string().optional(),
  at: Instant,
  by: z.string(),
  undone: z.object({ at: Instant, by: z.string(), note: z.string().optional() }).optional(),
  effect: MitigationEffect.optional(),
})
export type Mitigation = z.infer<typeof Mitigation>
