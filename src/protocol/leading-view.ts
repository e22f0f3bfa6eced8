import { z } from 'zod'
import { Instant } from './ids.ts'
import { DoneStep, IncidentRole, InternalUpdate, PublicUpdate, RoleHolding } from './leading.ts'
import { Runbook } from './runbook.ts'
import { Severity } from './severity.ts'
import { ComponentId } from './status-page.ts'

/** What whoever leads an incident needs at a glance, made of its events. */

/** Things tried that a view tells of; the timeline has all. */
export const TRIED_SHOWN_MAX = 8
/** Runbooks that are shown whole; of more only the names are of use. */
export const RUNBOOKS_SHOWN_MAX = 5

export const Tried = z.object({
  at: Instant,
  by: z.string(),
  what: z.string(),
  /** What came of it, where it is known. */
  result: z.string().optional(),
})
export type Tried = z.infer<typeof Tried>

/** An update that only needs to be read and sent. */
export const UpdateDraft = z.object({
  internal: InternalUpdate,
  /** Absent where there is no status page. */
  public: PublicUpdate.optional(),
  /** What is promised next, when it is sent now. */
  nextAt: Instant.optional(),
  /** Nothing more needs to be told after it. */
  isLast: z.boolean(),
})
export type UpdateDraft = z.infer<typeof UpdateDraft>

/** Who is kept informed of an incident, and whether they were told yet. */
export const Audience = z.array(
  z.object({ id: z.string(), name: z.string(), severity: Severity, isTold: z.boolean() }),
)
export type Audience = z.infer<typeof Audience>

export const LeadingView = z.object({
  /** Those who have a role now. */
  roles: z.array(RoleHolding),
  /** To whom a role is offered that nobody ever had. */
  offer: z.object({ role: IncidentRole, to: z.string() }).optional(),
  hints: z.array(z.string()),
  /** The newest last. */
  tried: z.array(Tried),
  /** How often people hear of it; absent where they do when something changes. */
  updateEveryMs: z.number().int().positive().optional(),
  draft: UpdateDraft,
  /** Components of the status page, for who writes an update. */
  components: z.array(z.object({ id: ComponentId, name: z.string() })),
  /** Absent where nobody is. */
  audience: Audience.optional(),
  runbooks: z.array(
    z.object({
      runbook: Runbook,
      because: z.string(),
      done: z.array(DoneStep),
      /** Those whom it names, in its order. */
      calls: z
        .array(
          z.object({
            who: z.string(),
            /** Who has the duty at the moment, or why nobody has. */
            now: z.string(),
            canPage: z.boolean(),
            /** Who had them called last, and when. */
            asked: z.object({ at: Instant, by: z.string() }).optional(),
          }),
        )
        .optional(),
    }),
  ),
  /** What holds instead of what an earlier event says. */
  corrections: z.array(
    z.object({
      sequence: z.number().int().positive(),
      text: z.string().optional(),
      occurredAt: Instant.optional(),
      by: z.string(),
      at: Instant,
      reason: z.string(),
    }),
  ),
})
export type LeadingView = z.infer<typeof LeadingView>
