import { z } from 'zod'
import { NAME_LENGTH_MAX, ServiceId } from './ids.ts'
import { Severity } from './severity.ts'
import { secretName, webAddress } from './written-base.ts'

/**
 * Work that waits for the next business day: where its tickets are kept, and what is asked of whoever
 * keeps them.
 */

const HOLIDAYS_MAX = 400
const LABELS_MAX = 20

/** What every kind of tracker says besides where it is. */
const base = {
  severities: z
    .array(Severity)
    .min(1)
    .optional()
    .describe('Incidents of these become a ticket; SEV-3 alone when absent.'),
  zone: z
    .string()
    .min(1)
    .max(NAME_LENGTH_MAX)
    .optional()
    .describe(
      'IANA zone of business days where no rotation of the team says one; UTC when absent.',
    ),
  holidays: z
    .array(z.iso.date({ error: 'expected a day such as 2026-12-25' }))
    .max(HOLIDAYS_MAX)
    .optional()
    .describe('Days on which nobody works, besides Saturdays and Sundays.'),
}

const label = z.string().regex(/^[^\s,]{1,50}$/, 'one word of up to 50 signs')

/** Whoever keeps tickets, one variant a kind. */
export const Tracker = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('github'),
    ...base,
    repository: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100}$/, 'owner/name, such as example/shop')
      .describe('Its issues are the tickets.'),
    token: secretName.describe(
      'Name of the variable with a token that may read and write issues there.',
    ),
    labels: z.array(label).max(LABELS_MAX).optional(),
    url: webAddress.optional().describe('Of the API; https://api.github.com when absent.'),
  }),
  z.strictObject({
    kind: z.literal('jira'),
    ...base,
    url: webAddress.describe('Of the site, such as https://example.atlassian.net.'),
    project: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{1,9}$/, "a project's key, such as OPS")
      .describe("The project's key."),
    issueType: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('Task when absent.'),
    account: z
      .email('an address such as firewatch@example.com')
      .describe('Of whom the API token is.'),
    token: secretName.describe('Name of the variable with the API token.'),
    labels: z.array(label).max(LABELS_MAX).optional(),
  }),
  z.strictObject({
    kind: z.literal('webhook'),
    ...base,
    url: webAddress,
    secret: secretName.describe('Name of the variable with the signing secret (whsec_…).'),
  }),
])
export type Tracker = z.infer<typeof Tracker>
export type TrackerKind = Tracker['kind']
export type TrackerOf<K extends TrackerKind> = {
  [T in TrackerKind]: Extract<Tracker, { kind: T }>
}[K]

/** A ticket that was opened: what people call it there, and where it is. */
export const Ticket = z.object({
  tracker: z.string(),
  key: z.string(),
  url: z.url().optional(),
})
export type Ticket = z.infer<typeof Ticket>

/**
 * What is asked of a tracker, as the outbox keeps it. `id` stays the same over all attempts and all
 * orders for one ticket, and no other ticket ever has it: by it one is found that was opened already.
 */
export const TicketOrder = z.discriminatedUnion('do', [
  z.object({
    do: z.literal('open'),
    id: z.string(),
    /** One line. */
    title: z.string(),
    lines: z.array(z.string()),
    /** Why it is a ticket. */
    reason: z.string(),
    /** The day on which it is to be worked on: `2026-03-16`. */
    dueOn: z.string(),
    serviceId: ServiceId,
    severity: Severity.optional(),
    /** Where one can look at it here. */
    url: z.string(),
  }),
  z.object({ do: z.literal('comment'), id: z.string(), text: z.string() }),
  /** The last word on it: nobody is needed any more. */
  z.object({ do: z.literal('close'), id: z.string(), text: z.string() }),
])
export type TicketOrder = z.infer<typeof TicketOrder>
