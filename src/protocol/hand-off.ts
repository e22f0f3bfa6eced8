import { z } from 'zod'
import { Instant, PersonId, RotationId } from './ids.ts'
import { RotationRole } from './on-call.ts'

/** Within so long whoever takes over a duty says that they have it; then somebody else is told. */
export const CONFIRM_WITHIN_MS = 30 * 60_000

/**
 * Somebody takes over a duty. They are told once, and confirm that they have it.
 *
 *     told → confirmed                 they said so
 *     told → unconfirmed → confirmed   their time was over first, and somebody else was told
 */
export const HandOff = z.object({
  /** `<rotation>.<role>.<person>.<instant>` */
  handOffId: z.string(),
  rotationId: RotationId,
  role: RotationRole,
  personId: PersonId,
  /** From when until when they have it. */
  from: Instant,
  until: Instant,
  /** Why it is theirs. */
  reason: z.string(),
  /** Who had it until then; absent where nobody had. */
  leaving: PersonId.optional(),
  toldAt: Instant,
  /** The contact that they were told by; absent where they have none that can be told calmly. */
  toldBy: z.string().optional(),
  confirmBy: Instant,
  confirmedAt: Instant.optional(),
  /** When their time was over, and who was told then. */
  unconfirmed: z.object({ at: Instant, told: PersonId.optional(), reason: z.string() }).optional(),
})
export type HandOff = z.infer<typeof HandOff>
