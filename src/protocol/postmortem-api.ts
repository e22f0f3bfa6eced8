import { z } from 'zod'
import { IncidentId, Instant, ServiceId } from './ids.ts'
import { TimesOverview } from './incident-times.ts'
import {
  ActionItem,
  ChangeActionItem,
  MovePostmortem,
  NewActionItem,
  Postmortem,
  PostmortemRevision,
  PostmortemSummary,
  RestorePostmortem,
  SavePostmortem,
} from './postmortem.ts'
import type { RouteContract } from './public-api.ts'
import { PATHS } from './public-paths.ts'

/** What is learnt from incidents: reviews, what is to be done, and how long it all takes. */

const params = z.object({ incidentId: IncidentId })
const by = z.string().trim().min(1).max(100).optional()

export const listPostmortems = {
  method: 'GET',
  path: PATHS.postmortems,
  access: 'viewer',
  summary: 'The reviews that are not closed, the one that is due first at the front.',
  query: z.object({}),
  response: z.object({ data: z.array(PostmortemSummary) }),
} as const satisfies RouteContract

export const getPostmortem = {
  method: 'GET',
  path: PATHS.postmortem,
  access: 'viewer',
  summary: 'The review of an incident: what people wrote, with figures and timeline of the record.',
  params,
  response: Postmortem,
} as const satisfies RouteContract

export const beginPostmortem = {
  method: 'POST',
  path: `${PATHS.postmortem}/begin`,
  access: 'responder',
  summary: 'Begins a review where none began by itself.',
  params,
  body: z.strictObject({ by }),
  response: Postmortem,
} as const satisfies RouteContract

export const savePostmortem = {
  method: 'POST',
  path: PATHS.postmortem,
  access: 'responder',
  summary: 'Saves what people wrote. Refused with 409 when somebody else saved meanwhile.',
  params,
  body: SavePostmortem,
  response: Postmortem,
} as const satisfies RouteContract

export const movePostmortem = {
  method: 'POST',
  path: `${PATHS.postmortem}/move`,
  access: 'responder',
  summary: 'Says how far the review is: draft, in_review, reviewed, closed.',
  params,
  body: MovePostmortem,
  response: Postmortem,
} as const satisfies RouteContract

export const listPostmortemRevisions = {
  method: 'GET',
  path: `${PATHS.postmortem}/revisions`,
  access: 'viewer',
  summary: 'What was saved before, the newest first. Saves of one person within minutes are one.',
  params,
  response: z.object({ data: z.array(PostmortemRevision) }),
} as const satisfies RouteContract

export const restorePostmortem = {
  method: 'POST',
  path: `${PATHS.postmortem}/restore`,
  access: 'responder',
  summary:
    'Takes up an earlier revision as a new one. Refused with 409 when somebody else saved meanwhile.',
  params,
  body: RestorePostmortem,
  response: Postmortem,
} as const satisfies RouteContract

/** Answers with a document, not with JSON. */
export const exportPostmortem = {
  method: 'GET',
  path: `${PATHS.postmortem}/export`,
  access: 'viewer',
  summary: 'The review as a document: Markdown or PDF.',
  params,
  query: z.object({ format: z.enum(['md', 'pdf']).default('md') }),
  response: z.unknown(),
} as const satisfies RouteContract

export const addActionItem = {
  method: 'POST',
  path: `${PATHS.postmortem}/action-items`,
  access: 'responder',
  summary: 'Something to be done so that it does not happen again, with one owner and a date.',
  params,
  body: NewActionItem,
  response: ActionItem,
} as const satisfies RouteContract

export const changeActionItem = {
  method: 'POST',
  path: PATHS.actionItem,
  access: 'responder',
  summary: 'Changes an action item, or says that it is done.',
  params: z.object({ itemId: z.string().max(20) }),
  body: ChangeActionItem,
  response: ActionItem,
} as const satisfies RouteContract

export const listActionItems = {
  method: 'GET',
  path: PATHS.actionItems,
  access: 'viewer',
  summary: 'What is to be done, the first due first.',
  query: z.object({
    state: z.enum(['open', 'overdue', 'done']).default('open'),
    owner: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(200).default(200),
  }),
  response: z.object({ now: Instant, data: z.array(ActionItem) }),
} as const satisfies RouteContract

export const getIncidentTimes = {
  method: 'GET',
  path: PATHS.incidentTimes,
  access: 'viewer',
  summary:
    'How long it takes to detect, acknowledge, mitigate and restore: medians and 90th percentiles with counts, over time.',
  query: z.object({
    since: z.coerce
      .number()
      .int()
      .optional()
      .describe('An instant, or when negative so many milliseconds ago; 90 days when absent.'),
    until: z.coerce.number().int().nonnegative().optional(),
    service: ServiceId.optional(),
    parts: z.coerce.number().int().min(1).max(24).default(6),
  }),
  response: TimesOverview,
} as const satisfies RouteContract
