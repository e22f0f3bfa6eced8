import { z } from 'zod'
import { Severity } from './config.ts'
import { IncidentId, Instant, ServiceId } from './ids.ts'
import { DeclinedAs, Resolution } from './incident.ts'
import { IncidentRole, NoteKind } from './leading.ts'
import { MitigationKind } from './mitigation.ts'
import { CALLS_MAX, RunbookId, STEPS_MAX } from './runbook.ts'
import { ComponentId, ComponentStatus, PublicStatus } from './status-page.ts'
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

/** Longest sentence that says which data is at risk: it is quoted beside the severity. */
export const DATA_AT_RISK_LENGTH_MAX = 500
const dataAtRisk = z.string().trim().max(DATA_AT_RISK_LENGTH_MAX)

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
  dataAtRisk: dataAtRisk
    .min(1)
    .optional()
    .describe('Which data may be lost or wrong, where that is feared: it raises the flag at once.'),
})

const person = z
  .string()
  .trim()
  .min(1)
  .max(PERSON_LENGTH_MAX)
  .regex(/^\P{Cc}*$/u)
const line = z.string().trim().min(1).max(TITLE_LENGTH_MAX)
const step = { runbookId: RunbookId, step: z.number().int().positive().max(STEPS_MAX) }

/** Longest of the four parts that the public reads. */
export const PUBLIC_LENGTH_MAX = 1_000
const publicWords = z.string().trim().min(1).max(PUBLIC_LENGTH_MAX)
const COMPONENTS_MAX = 100

export const COMMAND_BODIES = {
  declare: z.strictObject({
    ...order,
    note: words.optional(),
    severity: Severity.optional(),
    dataAtRisk: dataAtRisk
      .min(1)
      .optional()
      .describe('Raises the flag at once, as data-at-risk does.'),
  }),
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
  note: z.strictObject({
    ...order,
    text: words.min(1),
    as: NoteKind.optional().describe('What it is: each of these is progress.'),
  }),
  sweep: z.strictObject({ by: order.by, commandId: order.commandId }),
  severity: z.strictObject({
    ...order,
    to: Severity,
    reason: words.optional().describe('Needed where the severity becomes lower.'),
  }),
  'data-at-risk': z.strictObject({
    ...order,
    what: dataAtRisk.describe('Which data may be lost or wrong, in a sentence.'),
  }),
  'withdraw-data-at-risk': z.strictObject({
    ...order,
    reason: words.describe('How it is known that the data is whole. The severity stays as it is.'),
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
  'take-role': z.strictObject({
    ...order,
    role: IncidentRole,
    note: words.optional().describe('Needed where somebody else has the role.'),
  }),
  'hand-over': z.strictObject({
    ...order,
    role: IncidentRole,
    to: person.describe('Who has it from here on.'),
    note: words.optional(),
  }),
  'give-up': z.strictObject({ ...order, role: IncidentRole, note: words.optional() }),
  'next-action': z.strictObject({
    ...order,
    text: words.optional().describe('What is done next; without it nothing is planned any more.'),
    who: person.optional(),
    result: words.optional().describe('What came of what was planned.'),
  }),
  correct: z.strictObject({
    ...order,
    target: z.number().int().positive().describe('Sequence of the event that is wrong.'),
    text: words.min(1).optional(),
    happenedAt: Instant.optional().describe('When it really happened.'),
    reason: words,
  }),
  'step-done': z.strictObject({
    ...order,
    ...step,
    result: words.optional().describe('What it printed or did. Needed where it cannot be undone …'),
    on: line.optional().describe('… as is where it was done …'),
    secondPerson: person.optional().describe('… and who looked on.'),
  }),
  'step-undone': z.strictObject({ ...order, ...step, reason: words }),
  page: z.strictObject({
    ...order,
    runbookId: RunbookId,
    call: z
      .number()
      .int()
      .positive()
      .max(CALLS_MAX)
      .describe('Which of those whom the runbook names, from 1.'),
    note: words.optional().describe('Why; those who are called read it.'),
  }),
  update: z.strictObject({
    ...order,
    impact: words.min(1),
    currentStatus: words.min(1),
    nextSteps: words.min(1),
    nextAt: Instant.optional().describe('When people hear next; as the severity asks when absent.'),
    isLast: z.boolean().optional().describe('Nothing more will be told.'),
    public: z
      .strictObject({
        title,
        status: PublicStatus,
        acknowledgement: publicWords,
        impact: publicWords,
        work: publicWords,
        components: z
          .array(z.strictObject({ id: ComponentId, status: ComponentStatus }))
          .max(COMPONENTS_MAX),
      })
      .optional()
      .describe('What the status page tells; nothing new when absent.'),
    isMeant: z
      .boolean()
      .optional()
      .describe('The public text is told as it is, whatever was said against its words.'),
  }),
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
