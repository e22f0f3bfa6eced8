import { z } from 'zod'
import { Instant, RegionId, RunId } from './ids.ts'
import { Verdict } from './run.ts'

/**
 * What came of asking the other regions of a check to look at once, when it failed for the first time.
 *
 * `confirmed_global`: so many regions fail as the rule of the check wants. `confirmed_regional`: the
 * region failed again and again, and the others do not. `not_confirmed`: so far it is noise.
 */
export const ConfirmationVerdict = z.enum([
  'confirmed_global',
  'confirmed_regional',
  'not_confirmed',
])
export type ConfirmationVerdict = z.infer<typeof ConfirmationVerdict>

export const Confirmation = z.object({
  /** Of the command that asks; the runs that answer it carry it. */
  commandId: z.uuid(),
  askedAt: Instant,
  /** Whoever has not answered by then does not count. */
  dueBy: Instant,
  /** The regions that failed when the others were asked. */
  failed: z.array(RegionId),
  asked: z.array(RegionId),
  /** The first run that came from each region that was asked. */
  answers: z.array(
    z.object({
      regionId: RegionId,
      runId: RunId,
      verdict: Verdict,
      /** Milliseconds from the question until the run was stored. */
      afterMs: z.number().int().nonnegative(),
    }),
  ),
  /** Absent while answers are awaited. */
  verdict: ConfirmationVerdict.optional(),
  /** All of it in words. */
  reason: z.string(),
})
export type Confirmation = z.infer<typeof Confirmation>
