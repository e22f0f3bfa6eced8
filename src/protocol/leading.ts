import { z } from 'zod'
import { Instant } from './ids.ts'
import { RunbookId } from './runbook.ts'
import { Severity } from './severity.ts'
import { ComponentId, ComponentStatus, PublicStatus } from './status-page.ts'

/** How people lead an incident: who does what, what was done, and what is told when. */

export const IncidentRole = z.enum([
  'incident_commander',
  'operations_lead',
  'communications_lead',
  'scribe',
])
export type IncidentRole = z.infer<typeof IncidentRole>

/** As they are said and written, everywhere. */
export const ROLE_NAMES: { readonly [R in IncidentRole]: string } = {
  incident_commander: 'Incident Commander',
  operations_lead: 'Operations Lead',
  communications_lead: 'Communications Lead',
  scribe: 'Scribe',
}

/** A role that somebody has, or had until `renouncedAt`. */
export const RoleHolding = z.object({
  role: IncidentRole,
  person: z.string(),
  assumedAt: Instant,
  renouncedAt: Instant.optional(),
})
export type RoleHolding = z.infer<typeof RoleHolding>

/** What a note is, where it is more than words. Each of them is progress. */
export const NoteKind = z.enum(['finding', 'decision', 'action', 'result'])
export type NoteKind = z.infer<typeof NoteKind>

/** After so long without any of these, whoever leads is asked whether they go on like this. */
export const NO_PROGRESS_MS = 15 * 60_000
/** A person with two roles for so long is told so; in a small team it may be right. */
export const TWO_ROLES_MS = 15 * 60_000

/** Reminders before and after the instant for which an update was promised. */
export const REMINDER_BEFORE_MS = 3 * 60_000
export const OVERDUE_AFTER_MS = 5 * 60_000

export const ReminderStage = z.enum(['soon', 'due', 'overdue'])
export type ReminderStage = z.infer<typeof ReminderStage>

/** What is told inside. */
export const InternalUpdate = z.object({
  severity: Severity,
  impact: z.string(),
  currentStatus: z.string(),
  nextSteps: z.string(),
})
export type InternalUpdate = z.infer<typeof InternalUpdate>

/** What is told to the public, in four parts; the fourth is when it hears more. */
export const PublicUpdate = z.object({
  /** What the incident is called there. */
  title: z.string(),
  status: PublicStatus,
  /** We know of it. */
  acknowledgement: z.string(),
  /** What customers see. */
  impact: z.string(),
  /** What we do about it. */
  work: z.string(),
  /** As it is shown from here on; those that are not named stay as they were. */
  components: z.array(z.object({ id: ComponentId, status: ComponentStatus })),
})
export type PublicUpdate = z.infer<typeof PublicUpdate>

/** The promise of a next update, and how far its reminders are. */
export const UpdateClock = z.object({
  nextAt: Instant,
  /** The last reminder that was given of it. */
  stage: ReminderStage.optional(),
})
export type UpdateClock = z.infer<typeof UpdateClock>

/** That something of an incident is public. */
export const Published = z.object({
  /** Its name in public; says nothing of how many incidents there are. */
  publicId: z.string(),
  title: z.string(),
  status: PublicStatus,
  since: Instant,
  lastAt: Instant,
})
export type Published = z.infer<typeof Published>

/** A step of a runbook that was done. */
export const DoneStep = z.object({
  runbookId: RunbookId,
  /** From 1. */
  step: z.number().int().positive(),
  at: Instant,
  by: z.string(),
  result: z.string().optional(),
})
export type DoneStep = z.infer<typeof DoneStep>
