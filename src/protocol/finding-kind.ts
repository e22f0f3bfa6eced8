import { z } from 'zod'

/** What can be wrong. */
export const FindingKind = z.enum([
  'check_failing',
  /** Slow or odd, but it serves. */
  'check_degraded',
  /** Nothing is known of a check's target, whoever is to blame. */
  'no_data',
  'region_silent',
  /** Most checks fail in a region and pass elsewhere. */
  'region_failing',
  /** Said by another system, by a query of ours, or by people. */
  'signal',
  /** An objective's error budget burns too fast. */
  'objective_burning',
])
export type FindingKind = z.infer<typeof FindingKind>

/**
 * From where it was seen. Independent layers that agree corroborate each other; one that should have
 * seen it and did not is told as well.
 */
export const Layer = z.enum([
  'probes',
  'metrics',
  'logs',
  'objectives',
  'vendors',
  'users',
  'fleet',
])
export type Layer = z.infer<typeof Layer>
