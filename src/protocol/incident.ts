import { z } from 'zod'
import { CheckKind } from './check.ts'
import { Tier } from './check-base.ts'
import { Scope, Severity } from './config.ts'
import { Confirmation } from './confirmation.ts'
import { FindingKind, Layer } from './finding-kind.ts'
import { CheckId, IncidentId, Instant, RegionId, RunId, ServiceId } from './ids.ts'
import {
  DoneStep,
  IncidentRole,
  InternalUpdate,
  NoteKind,
  PublicUpdate,
  Published,
  ReminderStage,
  RoleHolding,
  UpdateClock,
} from './leading.ts'
import { Mitigation, MitigationEffect, MitigationKind } from './mitigation.ts'
import { DutyRef, PersonRef } from './page.ts'
import { PostmortemState } from './postmortem-state.ts'
import { RunErrorType } from './run.ts'
import { RunbookId } from './runbook.ts'
import { Swept } from './sweep.ts'
import { Ticket } from './ticket.ts'
import {
  GateCondition,
  GateConditionName,
  GateItem,
  GateOutcome,
  GateTick,
  WatchedCheck,
} from './verification.ts'

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
  /** What the other regions said when they were asked to look at once. */
  confirmation: Confirmation.optional(),
  /** What whoever raised it says of its severity; rules that match go before it. */
  severity: Severity.optional(),
  /** Of the service that it came from, where that is not the incident's. */
  serviceId: ServiceId.optional(),
})
export type Finding = z.infer<typeof Finding>

/** A finding with what an incident knows of it. */
export const KnownFinding = Finding.extend({
  clearedAt: Instant.optional(),
  evidence: z.array(Evidence),
})
export type KnownFinding = z.infer<typeof KnownFinding>

/** One of the findings that an incident only counts. It leaves the list when it clears. */
export const CountedFinding = z.object({ key: z.string(), scope: Scope })
export type CountedFinding = z.infer<typeof CountedFinding>

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
  /** Of the command that it came from, so that a command that is sent again does nothing twice. */
  commandId: z.string().optional(),
}

/** How an incident was resolved: its cause is fixed, or somebody accepts that it is not. */
export const Resolution = z.enum(['cause_fixed', 'risk_accepted'])
export type Resolution = z.infer<typeof Resolution>

/** What a report turns out to be when it is no incident. */
export const DeclinedAs = z.enum(['false_alarm', 'ticket'])
export type DeclinedAs = z.infer<typeof DeclinedAs>

const note = z.string().optional()

/** That data may be lost or wrong: who says so, since when, and which. */
export const DataAtRisk = z.object({
  what: z.string(),
  at: Instant,
  by: z.string(),
  /** A person has lowered the severity knowing of it: it raises nothing by itself any more. */
  isWeighed: z.boolean().optional(),
})
export type DataAtRisk = z.infer<typeof DataAtRisk>

/** What of a finding decides how severe it is, besides what never changes about it. */
export const KnownSeverity = z.object({
  key: z.string(),
  scope: Scope,
  severity: Severity.optional(),
})
export type KnownSeverity = z.infer<typeof KnownSeverity>

/**
 * It reaches where nothing of the incident did: news even to those who have acknowledged it. Where
 * it is absent every widening is, and every finding that joins others.
 */
const isNews = z.boolean().optional()

/** Which step of which page; round and step from 1. */
const pageStep = {
  pageId: z.string(),
  round: z.number().int().positive(),
  step: z.number().int().positive(),
}

export const IncidentEvent = z.discriminatedUnion('type', [
  z.object({
    ...stamped,
    type: z.literal('opened'),
    serviceId: ServiceId,
    title: z.string(),
    severity: Severity,
    severityReason: z.string(),
    /** A person says so, and no finding does: only a person can say that it is over. */
    isByHand: z.boolean().optional(),
  }),
  z.object({ ...stamped, type: z.literal('finding_joined'), finding: Finding, isNews }),
  /** Joined when the list was full: it is counted, and awaited, but not told in full. */
  z.object({ ...stamped, type: z.literal('finding_counted'), finding: CountedFinding }),
  /** More regions, or a wider scope. */
  z.object({ ...stamped, type: z.literal('finding_widened'), finding: Finding, isNews }),
  z.object({ ...stamped, type: z.literal('finding_narrowed'), finding: Finding }),
  z.object({
    ...stamped,
    type: z.literal('finding_cleared'),
    key: z.string(),
    reason: z.string(),
    /** When the last run that showed it began, where runs show it: it was over before anybody knew. */
    lastBadAt: Instant.optional(),
  }),
  z.object({ ...stamped, type: z.literal('evidence_added'), key: z.string(), evidence: Evidence }),
  z.object({
    ...stamped,
    type: z.literal('severity_raised'),
    from: Severity,
    to: Severity,
    reason: z.string(),
    /** Where it is absent it is none: what raised it was told already. */
    isNews,
  }),
  /** Every finding is clear; from here it must stay clean until `verifyUntil`. */
  z.object({ ...stamped, type: z.literal('recovered'), reason: z.string(), verifyUntil: Instant }),
  /** It failed again while it was being verified. */
  z.object({ ...stamped, type: z.literal('relapsed'), reason: z.string() }),
  z.object({ ...stamped, type: z.literal('restored'), reason: z.string() }),
  /** It failed again after it was restored. */
  z.object({ ...stamped, type: z.literal('recurred'), reason: z.string() }),

  // What people do. A note, where there is one, is in their words.
  /** From here on people work on it together. */
  z.object({ ...stamped, type: z.literal('declared'), note }),
  z.object({ ...stamped, type: z.literal('confirmed'), note }),
  z.object({
    ...stamped,
    type: z.literal('declined'),
    as: DeclinedAs,
    reason: z.string(),
    /** Where the work goes on. */
    ticket: z.string().optional(),
  }),
  /** It was declared, and needs nobody any more. */
  z.object({ ...stamped, type: z.literal('stood_down'), reason: z.string() }),
  z.object({
    ...stamped,
    type: z.literal('acknowledged'),
    /** What the person knew; a later generation is news to them. */
    generation: z.number().int().positive(),
    note,
  }),
  z.object({
    ...stamped,
    type: z.literal('noted'),
    text: z.string(),
    /** What it is, where it is more than words. */
    as: NoteKind.optional(),
  }),
  /** Everything that can be asked about its services is asked now … */
  z.object({
    ...stamped,
    type: z.literal('sweep_begun'),
    queries: z.number().int().nonnegative(),
    checks: z.number().int().nonnegative(),
  }),
  /** … and this is what it said. */
  z.object({ ...stamped, type: z.literal('swept'), result: Swept }),
  z.object({
    ...stamped,
    type: z.literal('severity_lowered'),
    from: Severity,
    to: Severity,
    reason: z.string(),
    /** What the person knew of: none of it raises the severity again by itself. */
    knowing: z.array(KnownSeverity),
  }),
  /** Somebody fears that data is lost or wrong; a rule may raise the severity for it. */
  z.object({ ...stamped, type: z.literal('data_at_risk'), what: z.string() }),
  /** It is known to be whole. Lowers nothing: that is for a person to say. */
  z.object({ ...stamped, type: z.literal('data_at_risk_withdrawn'), reason: z.string() }),
  /** A person says that the impact is over; that it verifies is for the evidence to say. */
  z.object({ ...stamped, type: z.literal('mitigated'), note: z.string() }),
  z.object({ ...stamped, type: z.literal('resolved'), as: Resolution, reason: z.string() }),
  z.object({ ...stamped, type: z.literal('closed'), note, withoutReview: note }),
  z.object({ ...stamped, type: z.literal('reopened'), reason: z.string() }),
  /** It ends as a part of another … */
  z.object({
    ...stamped,
    type: z.literal('merged'),
    into: IncidentId,
    reason: z.string(),
  }),
  /** … which takes over its findings. */
  z.object({
    ...stamped,
    type: z.literal('absorbed'),
    from: IncidentId,
    findings: z.array(KnownFinding),
    counted: z.array(CountedFinding),
    loweredKnowing: z.array(KnownSeverity).optional(),
    isByHand: z.boolean().optional(),
    dataAtRisk: DataAtRisk.optional(),
    isNews,
  }),
  /** Findings go to an incident of their own … */
  z.object({
    ...stamped,
    type: z.literal('split_off'),
    into: IncidentId,
    keys: z.array(z.string()),
    reason: z.string(),
  }),
  /** … which begins with them. */
  z.object({
    ...stamped,
    type: z.literal('split_from'),
    from: IncidentId,
    findings: z.array(KnownFinding),
    loweredKnowing: z.array(KnownSeverity).optional(),
  }),

  // What became of paging people.
  z.object({
    ...stamped,
    ...pageStep,
    type: z.literal('paged'),
    /** A notice wants no acknowledgement. */
    as: z.enum(['page', 'notice']),
    people: z.array(PersonRef),
    reason: z.string(),
  }),
  /** A step names somebody who is not there. */
  z.object({
    ...stamped,
    ...pageStep,
    type: z.literal('nobody_on_call'),
    reason: z.string(),
    /** It reached nobody at all, so that the next step came at once. */
    isPassed: z.boolean(),
  }),
  /** Nothing of a step arrived, as far as is known; the next one came at once. */
  z.object({
    ...stamped,
    ...pageStep,
    type: z.literal('page_undeliverable'),
    people: z.array(PersonRef),
    reason: z.string(),
  }),
  /** The ladder is at its end, and nobody has acknowledged. */
  z.object({
    ...stamped,
    type: z.literal('unowned'),
    pageId: z.string(),
    reason: z.string(),
    /** The last resort. */
    told: z.array(PersonRef),
  }),
  /** Who had it said nothing for too long. */
  z.object({ ...stamped, type: z.literal('acknowledgement_expired'), reason: z.string() }),
  /** Somebody whom a runbook names is to be called. */
  z.object({
    ...stamped,
    type: z.literal('page_asked'),
    runbookId: RunbookId,
    /** From 1. */
    call: z.number().int().positive(),
    duty: DutyRef,
    who: z.string(),
    note,
  }),
  /** It is work for the next business day as well, in a ticket that was opened for it. */
  z.object({ ...stamped, type: z.literal('ticket_opened'), ticket: Ticket, reason: z.string() }),
  // Verification: what holds the door until an incident is restored, and what is watched afterwards.
  /** Something did not hold while it was being verified; the time begins anew. */
  z.object({
    ...stamped,
    type: z.literal('gate_restarted'),
    condition: GateConditionName,
    reason: z.string(),
    verifyUntil: Instant,
  }),
  z.object({
    ...stamped,
    type: z.literal('gate_ticked'),
    item: GateItem,
    outcome: GateOutcome,
    owner: z.string().optional(),
    note,
  }),
  /** A person restores it although not everything holds. */
  z.object({
    ...stamped,
    type: z.literal('gate_overridden'),
    reason: z.string(),
    unmet: z.array(GateCondition),
  }),
  /** Its checks are watched closer until then. */
  z.object({
    ...stamped,
    type: z.literal('watch_started'),
    until: Instant,
    checks: z.array(WatchedCheck),
  }),
  z.object({ ...stamped, type: z.literal('watch_ended'), reason: z.string() }),

  // Mitigations, and what the probes say of them.
  z.object({
    ...stamped,
    type: z.literal('mitigation_applied'),
    mitigationId: z.string(),
    kind: MitigationKind,
    what: z.string(),
    target: z.string().optional(),
  }),
  z.object({ ...stamped, type: z.literal('mitigation_undone'), mitigationId: z.string(), note }),
  z.object({
    ...stamped,
    type: z.literal('mitigation_measured'),
    mitigationId: z.string(),
    effect: MitigationEffect,
  }),

  // The review.
  z.object({
    ...stamped,
    type: z.literal('postmortem_moved'),
    to: PostmortemState,
    /** With the first of them: until when it must be written and reviewed. */
    dueAt: Instant.optional(),
    note,
  }),

  // How it is led.
  /** Somebody has a role from here on; `from` is who had it until then. */
  z.object({
    ...stamped,
    type: z.literal('role_assumed'),
    role: IncidentRole,
    person: z.string(),
    from: z.string().optional(),
    note,
  }),
  z.object({
    ...stamped,
    type: z.literal('role_renounced'),
    role: IncidentRole,
    person: z.string(),
    note,
  }),
  /** What is done next, and by whom; without words nothing is planned any more. */
  z.object({
    ...stamped,
    type: z.literal('next_action_set'),
    text: z.string().optional(),
    who: z.string().optional(),
  }),
  /** Takes the place of what an earlier event says, or of when it happened; that one stays. */
  z.object({
    ...stamped,
    type: z.literal('corrected'),
    target: z.number().int().positive(),
    text: z.string().optional(),
    happenedAt: Instant.optional(),
    reason: z.string(),
  }),
  z.object({
    ...stamped,
    type: z.literal('step_done'),
    runbookId: RunbookId,
    /** From 1. */
    step: z.number().int().positive(),
    /** What the step said then: runbooks change. */
    what: z.string(),
    result: z.string().optional(),
    /** Of a step that cannot be undone: where it was done, and who looked on. */
    on: z.string().optional(),
    secondPerson: z.string().optional(),
  }),
  z.object({
    ...stamped,
    type: z.literal('step_undone'),
    runbookId: RunbookId,
    step: z.number().int().positive(),
    what: z.string(),
    reason: z.string(),
  }),
  /** Nobody has found, decided or done anything since. */
  z.object({ ...stamped, type: z.literal('progress_missing'), since: Instant }),
  /** An update is owed by then. */
  z.object({ ...stamped, type: z.literal('update_promised'), nextAt: Instant, reason: z.string() }),
  /** Of an update that is owed: who was told. `overdue` is for paging. */
  z.object({
    ...stamped,
    type: z.literal('update_reminded'),
    stage: ReminderStage,
    nextAt: Instant,
    to: z.array(z.string()),
  }),
  z.object({
    ...stamped,
    type: z.literal('update_posted'),
    internal: InternalUpdate,
    /** Only where the public was told as well. */
    public: PublicUpdate.extend({ publicId: z.string() }).optional(),
    /** None where it is the last one. */
    nextAt: Instant.optional(),
  }),
])
export type IncidentEvent = z.infer<typeof IncidentEvent>
export type IncidentEventType = IncidentEvent['type']

const doneBy = { at: Instant, by: z.string() }

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
  findings: z.array(KnownFinding),
  /** Open findings beyond those: so many failed that they are only counted. */
  countedFindings: z.array(CountedFinding).optional(),
  /** Sequence of the last event folded. */
  lastSequence: z.number().int().positive(),
  updatedAt: Instant,
  /** When it came into its state. */
  stateSince: Instant.optional(),
  /** How long it had each severity, without the time since `since`; that is absent when it is over. */
  severityTimes: z
    .object({ spentMs: z.partialRecord(Severity, Instant), since: Instant.optional() })
    .optional(),
  /** By whom and of which generation; it holds for no later one. */
  acknowledged: z.object({ ...doneBy, generation: z.number().int().positive() }).optional(),
  /** Since then everybody was paged, and nobody has acknowledged. */
  unownedSince: Instant.optional(),
  declared: z.object(doneBy).optional(),
  confirmed: z.object(doneBy).optional(),
  /** A person says that the impact is over; gone when it fails again. */
  mitigated: z.object({ ...doneBy, note: z.string() }).optional(),
  resolved: z.object({ ...doneBy, as: Resolution, reason: z.string() }).optional(),
  /** Why it was declined or stood down. */
  declined: z
    .object({
      ...doneBy,
      as: DeclinedAs.optional(),
      reason: z.string(),
      ticket: z.string().optional(),
    })
    .optional(),
  /** Where the work goes on, once the tracker has taken it. */
  ticket: Ticket.optional(),
  /** Somebody fears that data is lost or wrong, and nobody has taken it back. */
  dataAtRisk: DataAtRisk.optional(),
  /** A person has to say that it is over, because what they saw no finding shows. */
  isByHand: z.boolean().optional(),
  mergedInto: IncidentId.optional(),
  absorbed: z.array(IncidentId).optional(),
  splitFrom: IncidentId.optional(),
  splitInto: z.array(IncidentId).optional(),
  /** What a person knew when they lowered the severity. */
  loweredKnowing: z.array(KnownSeverity).optional(),
  /** While it verifies: since when nothing failed, where that is not since it recovered. */
  cleanSince: Instant.optional(),
  /** What people said is done, of this verification. */
  gateTicks: z.array(GateTick).optional(),
  /** While it is restored: its checks are watched closer until then. */
  watch: z.object({ since: Instant, until: Instant, checks: z.array(WatchedCheck) }).optional(),
  /** The watch is over, and nothing came back. */
  watchedUntil: Instant.optional(),
  mitigations: z.array(Mitigation).optional(),
  postmortem: z.object({ state: PostmortemState, dueAt: Instant.optional() }).optional(),
  /** Who has which role, and who had it, as far as it remembers. */
  roles: z.array(RoleHolding).optional(),
  /** What is planned next. */
  nextAction: z.object({ ...doneBy, text: z.string(), who: z.string().optional() }).optional(),
  /** When a person last found, decided or did something. */
  progressAt: Instant.optional(),
  /** When it was last said that nobody did. */
  nudgedAt: Instant.optional(),
  /** Steps of runbooks that are ticked. */
  steps: z.array(DoneStep).optional(),
  /** Whom people had called by runbooks, as far as it remembers. */
  asked: z
    .array(z.object({ ...doneBy, runbookId: RunbookId, call: z.number().int().positive() }))
    .optional(),
  /** The next update that is owed; absent while none is. */
  updates: UpdateClock.optional(),
  /** When the last update was posted. */
  toldAt: Instant.optional(),
  /** What of it is public; absent while nothing is. */
  published: Published.optional(),
  /** The last commands that were carried out. */
  commandIds: z.array(z.string()).optional(),
})
export type Incident = z.infer<typeof Incident>
