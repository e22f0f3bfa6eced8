import { z } from 'zod'
import { IncidentId, Instant } from './ids.ts'
import { PERSON_LENGTH_MAX, WORDS_LENGTH_MAX } from './incident-command.ts'
import { PostmortemState } from './postmortem-state.ts'
import { Severity } from './severity.ts'

/** The review of an incident: what people write, and what the record says, which nobody types. */

export const SECTION_LENGTH_MAX = 20_000
export const WHYS_MAX = 60
export const WHY_DEPTH_MAX = 8
export const ACTION_ITEMS_MAX = 100

const section = z.string().max(SECTION_LENGTH_MAX)

/** One answer to a why, what proves it, and why that was so. */
export type Why = { answer: string; evidence: { label: string; link: string }[]; whys: Why[] }
export const Why: z.ZodType<Why> = z.lazy(() =>
  z.object({
    answer: z.string().max(WORDS_LENGTH_MAX),
    evidence: z
      .array(
        z.object({
          label: z.string().max(200),
          link: z
            .string()
            .max(2_000)
            .regex(/^(https?:\/\/|\/)[^\s]*$/, 'expected an address such as https:// or /runs/…'),
        }),
      )
      .max(20),
    whys: z.array(Why).max(20),
  }),
)

/** What a text may name by `{{name}}`, so that it cannot say another number than the record. */
export const FigureName = z.enum([
  'started',
  'detected',
  'impact_duration',
  'time_to_detect',
  'time_to_acknowledge',
  'time_to_mitigate',
  'time_to_restore',
  'severity',
  'regions',
  'user_reports',
  'users_affected',
  'orders_lost',
  'revenue_lost',
])
export type FigureName = z.infer<typeof FigureName>

/** What a person says of a figure, where the record does not know it or is wrong. */
const SaidFigure = z.object({
  value: z.string().trim().min(1).max(100),
  reason: z.string().trim().min(1, 'expected how it is known').max(WORDS_LENGTH_MAX),
  by: z.string().min(1).max(PERSON_LENGTH_MAX),
})

export const PostmortemBody = z.object({
  summary: section,
  impact: section,
  /** The first question, and its answers. */
  why: z.object({ question: z.string().max(WORDS_LENGTH_MAX), answers: z.array(Why).max(20) }),
  wentWell: section,
  wentBadly: section,
  /** Entries of the record that the timeline leaves out, by their sequence. */
  hidden: z.array(z.number().int().positive()).max(20_000),
  figures: z.partialRecord(FigureName, SaidFigure),
})
export type PostmortemBody = z.infer<typeof PostmortemBody>

export const Figure = z.object({
  name: FigureName,
  label: z.string(),
  /** In words; null where nobody knows. */
  value: z.string().nullable(),
  from: z.enum(['record', 'probe', 'human']),
  /** How it is known, or why it is not. */
  because: z.string(),
  /** What the record says, where a person says otherwise. */
  recorded: z.string().optional(),
})
export type Figure = z.infer<typeof Figure>

export const TimelineEntry = z.object({
  sequence: z.number().int().positive(),
  at: Instant,
  text: z.string(),
  by: z.string().optional(),
  isHidden: z.boolean(),
})
export type TimelineEntry = z.infer<typeof TimelineEntry>

export const ActionType = z.enum(['detect', 'prevent', 'mitigate', 'process'])
export const ActionPriority = z.enum(['P1', 'P2', 'P3'])

const actionFields = {
  title: z.string().trim().min(1).max(300),
  owner: z.string().trim().min(1, 'expected one person').max(PERSON_LENGTH_MAX),
  dueAt: Instant,
  priority: ActionPriority,
  type: ActionType,
  ticket: z.string().trim().max(300).optional(),
}
export const ActionItem = z.object({
  ...actionFields,
  /** `AI-1`, `AI-2` … over all incidents. */
  id: z.string(),
  incidentId: IncidentId,
  createdAt: Instant,
  createdBy: z.string(),
  done: z.object({ at: Instant, by: z.string(), proof: z.string().optional() }).optional(),
})
export type ActionItem = z.infer<typeof ActionItem>

const by = z.string().trim().min(1).max(PERSON_LENGTH_MAX).optional()

export const NewActionItem = z.strictObject({ ...actionFields, by })
export const ChangeActionItem = z.strictObject({
  title: actionFields.title.optional(),
  owner: actionFields.owner.optional(),
  dueAt: Instant.optional(),
  priority: ActionPriority.optional(),
  type: ActionType.optional(),
  ticket: actionFields.ticket,
  /** Says that it is done, or that it is not after all. */
  isDone: z.boolean().optional(),
  proof: z.string().trim().max(WORDS_LENGTH_MAX).optional(),
  by,
})

/** Words that blame, or a number that the record knows better. */
export const Advice = z.object({
  section: z.enum(['summary', 'impact', 'why', 'wentWell', 'wentBadly']),
  words: z.string(),
  advice: z.string(),
})
export type Advice = z.infer<typeof Advice>

export const Postmortem = z.object({
  incidentId: IncidentId,
  title: z.string(),
  severity: Severity,
  state: PostmortemState,
  dueAt: Instant.nullable(),
  /** Rises with each change; who saves says which one they changed. */
  revision: z.number().int().positive(),
  updatedAt: Instant,
  updatedBy: z.string(),
  body: PostmortemBody,
  figures: z.array(Figure),
  timeline: z.array(TimelineEntry),
  actionItems: z.array(ActionItem),
  advice: z.array(Advice),
})
export type Postmortem = z.infer<typeof Postmortem>

export const SavePostmortem = z.strictObject({
  by,
  /** The one that was changed; another means that somebody else saved meanwhile. */
  revision: z.number().int().positive(),
  body: PostmortemBody,
})
/** Takes up an earlier revision as a new one. */
export const RestorePostmortem = z.strictObject({
  by,
  /** The one that is replaced; another means that somebody else saved meanwhile. */
  revision: z.number().int().positive(),
  /** The one that comes back. */
  from: z.number().int().positive(),
})
export const MovePostmortem = z.strictObject({
  by,
  to: PostmortemState,
  note: z.string().trim().max(WORDS_LENGTH_MAX).optional(),
})

export const PostmortemRevision = z.object({
  revision: z.number().int().positive(),
  savedAt: Instant,
  savedBy: z.string(),
  /** It is that earlier one again; absent of what was typed. */
  restoredFrom: z.number().int().positive().optional(),
  body: PostmortemBody,
})
export const PostmortemSummary = z.object({
  incidentId: IncidentId,
  title: z.string(),
  severity: Severity,
  state: PostmortemState,
  dueAt: Instant.nullable(),
})
