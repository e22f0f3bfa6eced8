import { z } from 'zod'
import { CheckId, NAME_LENGTH_MAX, ServiceId } from './ids.ts'

/** What an objective is about, and how much of it may go wrong within its rolling period. */

/** `availability`, unique within its service. */
export const ObjectiveName = z
  .string()
  .max(NAME_LENGTH_MAX)
  .regex(
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/,
    'lower-case letters, digits and single dashes, such as availability',
  )

export const Objective = z.object({
  /** `<service>/<name>`; unique in the fleet. */
  id: z.string(),
  serviceId: ServiceId,
  name: ObjectiveName,
  /** Share of runs that must be good: 0.999. */
  target: z.number().gt(0).lt(1),
  /** Rolling; 7, 28 or 30 days. */
  periodMs: z.number().int().positive(),
  /** Whose runs count. */
  checks: z.array(CheckId).min(1),
  /** A run is good when it passed within so long; when absent, when it passed at all. */
  latencyMs: z.number().positive().optional(),
})
export type Objective = z.infer<typeof Objective>

/** What the runs of an objective were within a window. */
export const Tally = z.object({
  good: z.number().int().nonnegative(),
  bad: z.number().int().nonnegative(),
  /** Slots that say nothing: missed, or not measured. Neither good nor bad. */
  unknown: z.number().int().nonnegative(),
})
export type Tally = z.infer<typeof Tally>
