import { z } from 'zod'
import { Severity } from './severity.ts'

/**
 * What is told: the body of a Standard Webhook, stored in the outbox as the bytes that are sent. The
 * other channels read the same body and say it in their own form.
 *
 * Types: `incident.…` for channels; `page` wants somebody to acknowledge; `page.acknowledged` and
 * `page.ended` tell those who were paged; `page.test` is nothing but a test; `stakeholder.…` is for people
 * who are kept informed, `shift.…` for who takes a duty over, `digest.…` for who looks after a backlog.
 */
export const Notification = z.object({
  type: z.string(),
  /** RFC 3339, when it happened. */
  timestamp: z.string(),
  data: z.object({
    /** Absent in a test. */
    id: z.string().optional(),
    service: z.string().optional(),
    severity: Severity.optional(),
    severityReason: z.string().optional(),
    state: z.string().optional(),
    headline: z.string(),
    title: z.string().optional(),
    generation: z.number().int().positive().optional(),
    /** Of a page by a system that keeps a state: how often it rang within this generation, with this one. */
    ring: z.number().int().positive().optional(),
    /** What it rang for before, the latest first: it is closed when this one opens. */
    rangBefore: z
      .array(
        z.object({ generation: z.number().int().positive(), ring: z.number().int().positive() }),
      )
      .optional(),
    regions: z.array(z.string()).optional(),
    /** RFC 3339. */
    impactStartedAt: z.string().optional(),
    confirmation: z.string().optional(),
    /** Who did it, where a person did. */
    by: z.string().optional(),
    /** What is to be said, as it is. */
    text: z.string().optional(),
    /** The incident's page. */
    url: z.string().optional(),
    /** Of a page: whom it is for, and why it comes. */
    person: z.object({ id: z.string(), name: z.string() }).optional(),
    reason: z.string().optional(),
    /** Of a stakeholder: who that is. */
    stakeholder: z.object({ id: z.string(), name: z.string() }).optional(),
    /** Of a page: the same six lines wherever it is read. */
    lines: z.array(z.string()).optional(),
    /** A page of ours on which this person acknowledges; it wants no sign-in, so it is a secret. */
    acknowledgeUrl: z.string().optional(),
  }),
})
export type Notification = z.infer<typeof Notification>
