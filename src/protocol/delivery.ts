import { z } from 'zod'
import { Instant, PersonId } from './ids.ts'

/**
 * Something that is told, and what became of it.
 *
 * `waiting`: it is sent when the contact before it fails. `pending`: it is sent when it is due, or again.
 * `delivered`: the receiver took it. `ambiguous`: no answer ever came, so it may have arrived.
 * `undeliverable`: it did not arrive, and is not tried again. `cancelled`: it was not needed any more.
 */
export const DeliveryState = z.enum([
  'waiting',
  'pending',
  'delivered',
  'ambiguous',
  'undeliverable',
  'cancelled',
])
export type DeliveryState = z.infer<typeof DeliveryState>

export const DeliveryRecord = z.object({
  deliveryId: z.string(),
  /** A channel, `<person>/<contact>`, or `stakeholder/<stakeholder>/<contact>`. */
  channelId: z.string(),
  eventType: z.string(),
  state: DeliveryState,
  attempts: z.number().int(),
  createdAt: Instant,
  updatedAt: Instant,
  /** In words, without addresses or secrets. */
  lastError: z.string().optional(),
  /** Whom it is for, where it is for a person. */
  personId: PersonId.optional(),
  /** The page that it is of, and `<round>.<step>` of it. */
  pageId: z.string().optional(),
  step: z.string().optional(),
  /** An attempt had no answer: it may have arrived more than once. */
  isAmbiguous: z.boolean().optional(),
  /** While it is pending: somebody else carries it out, such as a call that rings, and tells what becomes of it. */
  isTaken: z.boolean().optional(),
})
export type DeliveryRecord = z.infer<typeof DeliveryRecord>
