import { z } from 'zod'
import { Severity } from './config.ts'
import { IncidentId, Instant, ServiceId } from './ids.ts'
import { DeclinedAs, Resolution } from './incident.ts'
import { MitigationKind } from './mitigation.ts'
import { GateItem, GateOutcome } from './verification.ts'

/** What people may tell an incident to do: one body a command. Strict, because people write them. */

/** Longest name of a person. */
export const PERSON_LENGTH_MAX = 100
/** Longest note or reason: a screen of text. */
export const WORDS_LENGTH_MAX = 4_000
/** Findings that one command may split off: as many as an incident tells in full. */
const KEYS_MAX = 200
const KEY_LENGTH_MAX = 500

const words = z.string().trim().max(WORDS_LENGTH_MAX)

/** In every command. */
const order = {
  by: z
    .string()
    .trim()
    .min(1)
    .max(PERSON_LENGTH_MAX)
    .regex(/^\P{Cc}*$/u, 'expected a name on one line')
    .optional()
    .describe(
      'Who does it, where sign-in is off. Else it is who is signed in, whatever this says.',
    ),
  commandId: z
    .string()
    .min(8)
    .max(64)
    .optional()
    .describe('Anything unique, such as a UUID. The same command sent again does nothing twice.'),
  occurredAt: Instant.optional().describe(
    'When it happened, where that is not now; then it needs a note, text or reason.',
  ),
}

export const TITLE_LENGTH_MAX = 200
const title = z.string().trim().min(1).max(TITLE_LENGTH_MAX)

/** Opens an incident that no finding shows. */
export const DeclareByHand = z.strictObject({
  ...order,
  serviceId: ServiceId,
  title,
  severity: Severity,
  reason: words.describe('What customers cannot do, or why it is an incident.'),
})

export const COMMAND_BODIES = {
  declare: z.strictObject({ ...order, note: words.optional(), severity: Severity.optional() }),
  confirm: z.strictObject({ ...order, note: words.optional() }),
  decline: z.strictObject({
    ...order,
    as: DeclinedAs,
    reason: words,
    ticket: z.string().trim().min(1).max(TITLE_LENGTH_MAX).optional(),
  }),
  'stand-down': z.strictObject({ ...order, reason: words }),
  acknowledge: z.strictObject({
    ...order,
    generation: z.number().int().positive().optional().describe('What the person saw.'),
    note: words.optional(),
  }),
  note: z.strictObject({ ...order, text: words.min(1) }),
  sweep: z.strictObject({ by: order.by, commandId: order.commandId }),
  severity: z.strictObject({
    ...order,
    to: Severity,
    reason: words.optional().describe('Needed where the severity becomes lower.'),
  }),
  merge: z.strictObject({ ...order, into: IncidentId, reason: words }),
  split: z.strictObject({
    ...order,
    keys: z.array(z.string().max(KEY_LENGTH_MAX)).min(1).max(KEYS_MAX),
    reason: words,
    title: title.optional(),
  }),
  mitigated: z.strictObject({ ...order, note: words.describe('What was done.') }),
  resolve: z.strictObject({
    ...order,
    as: Resolution,
    reason: words.describe('The cause, or why it is accepted.'),
    watchAccepted: words
      .optional()
      .describe('Why nobody waits for the end of the watch, where it is not over yet.'),
  }),
  close: z.strictObject({
    ...order,
    note: words.optional(),
    withoutReview: words
      .optional()
      .describe('Why nobody reviews it, where its severity asks for a review.'),
  }),
  reopen: z.strictObject({ ...order, reason: words }),
  'tick-gate': z.strictObject({
    ...order,
    item: GateItem,
    outcome: GateOutcome,
    owner: z
      .string()
      .trim()
      .min(1)
      .max(PERSON_LENGTH_MAX)
      .optional()
      .describe('Who will do what is left for later.'),
    note: words.optional(),
  }),
  'override-gate': z.strictObject({
    ...order,
    reason: words.describe('Why it counts as restored although not everything holds.'),
  }),
  mitigate: z.strictObject({
    ...order,
    kind: MitigationKind,
    what: words.min(1).describe('What was done, such as: back to release 812.'),
    target: title.optional().describe('What it was done to.'),
  }),
  'undo-mitigation': z.strictObject({
    ...order,
    mitigationId: z.string().max(20).describe('Such as m1.'),
    note: words.optional(),
  }),
} as const satisfies Record<string, z.ZodObject>
export type CommandName = keyof typeof COMMAND_BODIES
export type CommandBody<Name extends CommandName> = z.infer<(typeof COMMAND_BODIES)[Name]>
