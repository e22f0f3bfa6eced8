import { z } from 'zod'

/** How soon a fault becomes an alert while the fleet is well. */
export const DetectionTime = z.object({
  /** Never later, whenever in the schedule the fault begins. */
  worstMs: z.number().nonnegative(),
  /** The mean over when it begins. */
  expectedMs: z.number().nonnegative(),
})
export type DetectionTime = z.infer<typeof DetectionTime>

export const DetectionContract = z.object({
  /** The target fails for every region. */
  everywhere: DetectionTime,
  /** It fails for one region, and no other sees it. */
  oneRegion: DetectionTime,
})
export type DetectionContract = z.infer<typeof DetectionContract>
