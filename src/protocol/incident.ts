import { z } from 'zod'
import { CheckKind } from './check.ts'
import { Tier } from './check-base.ts'
import { Scope, Severity } from './config.ts'
import { FindingKind, Layer } from './finding-kind.ts'
import { CheckId, IncidentId, Instant, RegionId, RunId, ServiceId } from './ids.ts'
import { RunErrorType } from './run.ts'

/**
 * An incident is an append-only list of events; what it is at any moment is their fold
 * (`domain/incident/fold-incident.ts`).
 */

export const IncidentState = z.enum([
  'triage',
  'mitigating',
  'verifying',
  'restored',
  'resolved',
  'closed',
  'declined',
  'merged',
  'cancelled',
])
export type IncidentState = z.infer<typeof IncidentState>

/** States in which new findings of the service join the incident. */
export const OPEN_STATES = ['triage', 'mitigating', 'verifying'] as const satisfies IncidentState[]

/** A run that shows what is wrong, small enough to lie in the timeline. */
export const Evidence = z.object({
  runId: RunId,
  checkId: CheckId,
  /** As people call it; the id where it is absent. */
  checkName: z.string().optional(),
  checkKind: CheckKind,
  regionId: RegionId,
  slotAt: Instant,
  startedAt: Instant,
  errorType: RunErrorType.optional(),
  message: z.string(),
  /** First failing step of a journey. */
  step: z.string().optional(),
  /** Name of the artifact with the picture of that step. */
  screenshot: z.string().optional(),
})
export type Evidence = z.infer<typeof Evidence>

/** Something that is wrong: a failing check, a region that went silent, a signal from elsewhere. */
export const Finding = z.object({
  /** `check:checkout-stop`, `region:eu-west` or `signal:<source>:<key>`; identity within the incident. */
  key: z.string(),
  kind: FindingKind,
  /** Read it with `layerOf`: where it is absent the kind tells. */
  layer: Layer.optional(),
  /** For people: the check's name, or the region's. */
  subject: z.string(),
  checkId: CheckId.optional(),
  tier: Tier,
  scope: Scope,
  /** Regions in which it fails, and how many watch it. */
  regions: z.array(RegionId),
  regionsWatching: z.number().int().nonnegative(),
  /** First bad evidence. */
  since: Instant,
  /** Why the alert fired, in words. */
  reason: z.string(),
  /** Where a signal comes from, for people: the source's name, and where one can look at it. */
  source: z.object({ name: z.string(), link: z.url().optional() }).optional(),
  /** What whoever raised it says of its severity; rules that match go before it. */
  severity: Severity.optional(),
})
export type Finding = z.infer<typeof Finding>

export const Actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('system') }),
  z.object({ kind: z.literal('person'), name: z.string() }),
])
export type Actor = z.infer<typeof Actor>

const stamped = {
  /** 1, 2, 3 … within the incident. */
  sequence: z.number().int().positive(),
  /** When it happened … */
  occurredAt: Instant,
  /** … and when it was written down. */
  recordedAt: Instant,
  actor: Actor,
}

export const IncidentEvent = z.discriminatedUnion('type', [
  z.object({
    ...stamped,
    type: z.literal('opened'),
    serviceId: ServiceId,
    title: z.string(),
    severity: Severity,
    severityReason: z.string(),
  }),
  z.object({ ...stamped, type: z.literal('finding_joined'), finding: Finding }),
  /** More regions, or a wider scope: news even to those who know the incident. */
  z.object({ ...stamped, type: z.literal('finding_widened'), finding: Finding }),
  z.object({ ...stamped, type: z.literal('finding_narrowed'), finding: Finding }),
  z.object({ ...stamped, type: z.literal('finding_cleared'), key: z.string(), reason: z.string() }),
  z.object({ ...stamped, type: z.literal('evidence_added'), key: z.string(), evidence: Evidence }),
  z.object({
    ...stamped,
    type: z.literal('severity_raised'),
    from: Severity,
    to: Severity,
    reason: z.string(),
  }),
  /** Every finding is clear; from here it must stay clean until `verifyUntil`. */
  z.object({ ...stamped, type: z.literal('recovered'), reason: z.string(), verifyUntil: Instant }),
  /** It failed again while it was being verified. */
  z.object({ ...stamped, type: z.literal('relapsed'), reason: z.string() }),
  z.object({ ...stamped, type: z.literal('restored'), reason: z.string() }),
  /** It failed again after it was restored. */
  z.object({ ...stamped, type: z.literal('recurred'), reason: z.string() }),
])
export type IncidentEvent = z.infer<typeof IncidentEvent>
export type IncidentEventType = IncidentEvent['type']

/** The fold of the events. */
export const Incident = z.object({
  id: IncidentId,
  serviceId: ServiceId,
  title: z.string(),
  state: IncidentState,
  severity: Severity,
  severityReason: z.string(),
  scope: Scope,
  /** Raised each time the incident becomes wider or comes back. */
  generation: z.number().int().positive(),
  openedAt: Instant,
  /** First bad evidence of any finding. */
  impactStartedAt: Instant,
  /** When the last finding cleared; absent while one is open. */
  recoveredAt: Instant.optional(),
  verifyUntil: Instant.optional(),
  restoredAt: Instant.optional(),
  findings: z.array(Finding.extend({ clearedAt: Instant.optional(), evidence: z.array(Evidence) })),
  /** Sequence of the last event folded. */
  lastSequence: z.number().int().positive(),
  updatedAt: Instant,
})
export type Incident = z.infer<typeof Incident>
