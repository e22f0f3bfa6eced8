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
  /** The target fails for every region, each of which finds it when its own slot comes. */
  everywhere: DetectionTime,
  /**
   * The same, where the other regions can be told to look at once; absent where nobody else is needed
   * or there is nobody else.
   */
  confirmedAtOnce: DetectionTime.optional(),
  /** It fails for one region, and no other sees it. */
  oneRegion: DetectionTime,
})
export type DetectionContract = z.infer<typeof DetectionContract>

/** How long it took to find what is wrong, of an incident. */
export const MeasuredDetection = z.object({
  /** From the first bad evidence to the open incident. */
  tookMs: z.number().nonnegative(),
  /** The fault may have begun so much before that evidence: the looks lie that far apart. */
  uncertainMs: z.number().nonnegative().optional(),
  /** What the check had promised at worst, from the fault on. */
  promisedMs: z.number().nonnegative().optional(),
})
export type MeasuredDetection = z.infer<typeof MeasuredDetection>
