import { z } from 'zod'
import { Instant, ServiceId, TeamId } from './ids.ts'

/**
 * Who is on call in the next days, small enough to lie on every probe: what people read while the coordinator
 * is what is broken. Names alone: no address, topic or number of anybody is part of it, because probes stand
 * where their owner may not be trusted with those. Nobody is paged by it.
 */

/** How far it reaches. */
export const ON_CALL_PLAN_MS = 7 * 86_400_000
/** Stretches of one rotation, and of all together; what is cut off says so. */
export const PLAN_SHIFTS_OF_ROTATION_MAX = 100
export const PLAN_SHIFTS_MAX = 2_000

const name = z.string().nullable()

export const OnCallPlan = z.object({
  /** When the coordinator made it, and until when it reaches. */
  at: Instant,
  until: Instant,
  teams: z.array(
    z.object({
      id: TeamId,
      name: z.string(),
      services: z.array(ServiceId),
      /** In the order in which they are asked: the first that has somebody counts. */
      rotations: z.array(
        z.object({
          name: z.string(),
          /** IANA zone of its hand-offs. */
          zone: z.string(),
          /** Half open, one after the other; null where it is nobody's. */
          shifts: z.array(
            z.object({ from: Instant, until: Instant, primary: name, secondary: name.optional() }),
          ),
        }),
      ),
    }),
  ),
  /** The team of services that no team owns. */
  otherwise: TeamId.optional(),
})
export type OnCallPlan = z.infer<typeof OnCallPlan>
