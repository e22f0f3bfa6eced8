import { z } from 'zod'
import { IncidentId, Instant, PersonId, RotationId, TeamId } from './ids.ts'
import { RotationRole, TeamRole } from './on-call.ts'
import { Severity } from './severity.ts'
import { ContactKindName } from './written-on-call.ts'

/**
 * A page: one ladder being gone through for one incident, until somebody acknowledges it. What it goes
 * by was copied when it began, so that a change of `on-call.yaml` changes nothing for who is waiting.
 */

export const PersonRef = z.object({ id: PersonId, name: z.string() })
export type PersonRef = z.infer<typeof PersonRef>

export const DutyRef = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rotation'), rotationId: RotationId, role: RotationRole }),
  z.object({ kind: z.literal('team'), teamId: TeamId, role: TeamRole }),
  z.object({ kind: z.literal('person'), personId: PersonId }),
])

const LadderCopy = z.object({
  steps: z.array(
    z.object({
      afterMs: z.number().int().nonnegative(),
      page: z.array(DutyRef),
      by: z.array(ContactKindName).optional(),
    }),
  ),
  rounds: z.number().int().positive(),
  acknowledgeWithinMs: z.number().int().positive(),
  acknowledgementLastsMs: z.number().int().positive(),
})

/**
 * `running`: it goes on to the next step in time. `acknowledged`: somebody has it, for as long as that
 * lasts. `unowned`: gone through, and nobody did. `ended`: nobody is needed any more.
 */
export const PageState = z.enum(['running', 'acknowledged', 'unowned', 'ended'])
export type PageState = z.infer<typeof PageState>

/** From 1, both. After the last round comes one more, in which it is found unowned. */
export const PagePlace = z.object({
  round: z.number().int().positive(),
  step: z.number().int().positive(),
})
export type PagePlace = z.infer<typeof PagePlace>

export const Page = z.object({
  /** `INC-12.p1` */
  pageId: z.string(),
  incidentId: IncidentId,
  /** `team:<id>`, `responder:<id>`, `unowned`, or `asked:<sequence>` of the event that asked. */
  escalationId: z.string(),
  as: z.enum(['page', 'notice']),
  /** A person asked for it: it calls once, whoever has the incident, and awaits nobody. */
  isOnce: z.boolean().optional(),
  /** Why these people. */
  because: z.string(),
  /** Why there is a page. */
  cause: z.string(),
  severity: Severity,
  /** Of the incident, as wide as it is told by the next step. */
  generation: z.number().int().positive(),
  ladder: LadderCopy,
  startedAt: Instant,
  state: PageState,
  stateSince: Instant,
  /** Why it is in that state, where that is not plain. */
  stateReason: z.string().optional(),
  /** While it runs: what comes next, and when. While it is acknowledged, when that is looked at. */
  dueAt: Instant.optional(),
  next: PagePlace,
  /** Whom it called so far, oldest first. */
  called: z.array(PagePlace.extend({ at: Instant, people: z.array(PersonRef) })),
})
export type Page = z.infer<typeof Page>
