import { z } from 'zod'
import { CheckId, IncidentId, Instant, RegionId } from './ids.ts'
import { PATHS } from './public-paths.ts'
import { SlotEnd } from './run.ts'

/** How an incident's checks were in each region over its time: where it began, and how it spread. */

/** Checks of one matrix; more would hide what matters. */
export const MATRIX_CHECKS_MAX = 12
/** Before the impact began, and after it was over. */
export const MATRIX_MARGIN_MS = 10 * 60_000

export const IncidentMatrix = z.object({
  since: Instant,
  bucketMs: z.number().int().positive(),
  checks: z.array(
    z.object({
      checkId: CheckId,
      name: z.string(),
      /** It is among the findings. */
      isFinding: z.boolean(),
      regions: z.array(
        z.object({
          regionId: RegionId,
          /** One for each bucket: the worst that was seen of the target; null where no slot ended. */
          ends: z.array(SlotEnd.nullable()),
          slots: z.number().int().nonnegative(),
          failed: z.number().int().nonnegative(),
        }),
      ),
    }),
  ),
  /** Checks of its services beyond those. */
  left: z.number().int().nonnegative(),
})
export type IncidentMatrix = z.infer<typeof IncidentMatrix>

export const getIncidentMatrix = {
  method: 'GET',
  path: PATHS.incidentMatrix,
  access: 'viewer',
  summary: "How the checks of an incident's services were in each region over its time.",
  params: z.object({ incidentId: IncidentId }),
  response: IncidentMatrix,
} as const
