import { z } from 'zod'
import type { Access } from './access.ts'
import { ConditionName } from './alert-rule.ts'
import { CheckDefinition, CheckKind } from './check.ts'
import { Tier } from './check-base.ts'
import { Scope, Severity } from './config.ts'
import { Confirmation } from './confirmation.ts'
import { DeliveryRecord } from './delivery.ts'
import { DetectionContract, MeasuredDetection } from './detection.ts'
import {
  ArtifactName,
  CheckId,
  IncidentId,
  Instant,
  NAME_LENGTH_MAX,
  ProbeId,
  RegionId,
  RunId,
  ServiceId,
} from './ids.ts'
import { Incident, IncidentEvent, IncidentState } from './incident.ts'
import { COMMAND_BODIES, type CommandName, DeclareByHand } from './incident-command.ts'
import { IncidentTimes } from './incident-times.ts'
import { LeadingView } from './leading-view.ts'
import { Objective, ObjectiveStatus } from './objective.ts'
import { Page } from './page.ts'
import { Heartbeat } from './probe-api.ts'
import { addressOf, PATHS } from './public-paths.ts'
import { Artifact, Run, RunErrorType, SlotEnd, Verdict } from './run.ts'
import { Runbook, RunbookId } from './runbook.ts'
import { Change, NewUserReport, SignalStatus, UserReport } from './signal.ts'
import { EndSilence, NewSilence, OpenMaintenance, Silence, Suppression } from './suppression.ts'
import { SweptNumber } from './sweep.ts'
import { TriageCard } from './triage-card.ts'
import { GateStatus, WatchedCheck } from './verification.ts'

/**
 * The public HTTP interface, `/api/v1/…`: one contract a route. The coordinator serves them, the
 * dashboard and other programs use them; OpenAPI at `/api/v1/openapi.json` is made from them.
 */
export { API_PREFIX, BAR_SLOTS, EVENTS_HEARTBEAT_MS } from './public-paths.ts'

export type RouteContract = {
  /** `POST` for what changes something. */
  method: 'GET' | 'POST' | 'DELETE'
  /** Path below the host, with `:name` for parameters. */
  path: string
  summary: string
  /** Who may call it. */
  access: Access
  /** Of a `POST` that only asks for much: it is no deed of anybody. */
  changesNothing?: boolean
  params?: z.ZodObject
  query?: z.ZodObject
  /** Of a `POST`, as JSON. */
  body?: z.ZodType
  response: z.ZodType
}

/** Most items in one page of a list. */
export const PAGE_SIZE_MAX = 200

const pageQuery = {
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(50),
}

const listOf = <T extends z.ZodType>(item: T) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable() })

/** RFC 9457; every error of the interface has this form, as application/problem+json. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  /** Stable; from the catalogue in `error-code.ts`. */
  code: z.string(),
  detail: z.string().optional(),
})
export type Problem = z.infer<typeof Problem>

/** One cell of a slot bar. `end` is absent while the slot's run is awaited. */
export const SlotSummary = z.object({
  slotAt: Instant,
  end: SlotEnd.optional(),
  runId: RunId.optional(),
  durationMs: z.number().optional(),
  errorType: RunErrorType.optional(),
  /** The error in words, at most one line. */
  message: z.string().optional(),
})
export type SlotSummary = z.infer<typeof SlotSummary>

export const AlertStatus = z.object({
  state: z.enum(['quiet', 'pending', 'firing']),
  since: Instant,
  scope: Scope,
  /** Why it is so, in words. */
  reason: z.string(),
  failing: z.array(RegionId),
  healthy: z.array(RegionId),
  /** Regions without a fresh vote: unknown, never healthy. */
  unknown: z.array(RegionId),
  /** While it fires: the regions that it is about, each until it is proven healthy. */
  implicated: z.array(RegionId).optional(),
  /** What each condition of its rule says, and why; absent in what older versions stored. */
  conditions: z
    .array(
      z.object({
        name: ConditionName,
        state: z.enum(['fires', 'pending', 'healthy', 'unproven']),
        reason: z.string(),
      }),
    )
    .optional(),
  /** While it fires: the conditions that have, each of which must be proven healthy. */
  firedBy: z.array(ConditionName).optional(),
  /** The latest vote of each region that counts: the evidence of the decision. */
  votes: z
    .array(
      z.object({
        regionId: RegionId,
        runId: RunId,
        slotAt: Instant,
        verdict: Verdict,
        /** How many runs in a row say the same, this one included. */
        inRow: z.number().int().positive(),
      }),
    )
    .optional(),
  /** When it last began and ended, as far as its hysteresis looks back; the newest last. */
  changes: z.array(Instant).optional(),
  /** It comes and goes, so it ends only after a quiet time. */
  flapping: z.object({ since: Instant, lastBadAt: Instant }).optional(),
  /** Nothing is known of the target although the check should tell. */
  noData: z
    .object({ since: Instant, reason: z.string(), suppressed: z.string().optional() })
    .optional(),
  /** What the other regions said when it failed; kept for a while when it was noise. */
  confirmation: Confirmation.optional(),
  /** While it fires: why it is told to nobody. It fires all the same. */
  suppressed: Suppression.extend({ since: Instant }).optional(),
})
export type AlertStatus = z.infer<typeof AlertStatus>

export const CheckOverview = z.object({
  checkId: CheckId,
  serviceId: ServiceId,
  name: z.string(),
  kind: CheckKind,
  tier: Tier,
  alert: AlertStatus,
  regions: z.array(
    z.object({
      regionId: RegionId,
      /** Oldest first, at most `BAR_SLOTS`. */
      slots: z.array(SlotSummary),
      /** Median duration of the conclusive runs in the bar; absent without any. */
      durationMsP50: z.number().optional(),
    }),
  ),
})
export type CheckOverview = z.infer<typeof CheckOverview>

export const IncidentSummary = Incident.omit({
  findings: true,
  countedFindings: true,
  commandIds: true,
  loweredKnowing: true,
  steps: true,
  watch: true,
  gateTicks: true,
  mitigations: true,
}).extend({
  /** One sentence that says what fails, where and since when it is known. */
  headline: z.string(),
})
export type IncidentSummary = z.infer<typeof IncidentSummary>

export const ProbeStatus = z.object({
  probeId: ProbeId,
  regionId: RegionId,
  state: z.enum(['ok', 'silent']),
  lastSeenAt: Instant,
  heartbeat: Heartbeat,
  /** Its own credential; without it, it shows the token that all probes share. */
  credential: z.object({ tokenId: z.string(), since: Instant }).optional(),
})
export type ProbeStatus = z.infer<typeof ProbeStatus>

export const RegionStatus = z.object({
  regionId: RegionId,
  name: z.string(),
  /** `waiting`: no probe has reported since the coordinator started. */
  state: z.enum(['ok', 'silent', 'waiting']),
  lastSeenAt: Instant.optional(),
  /** A probe of it listens here, so that it can be told to run a check now. */
  takesCommands: z.boolean().optional(),
  probes: z.array(ProbeStatus),
})
export type RegionStatus = z.infer<typeof RegionStatus>

export const Now = z.object({
  /** Coordinator's clock. */
  now: Instant,
  /** When the newest run came in; absent before the first. */
  newestRunAt: Instant.optional(),
  incidents: z.array(IncidentSummary),
  services: z.array(
    z.object({ serviceId: ServiceId, name: z.string(), checks: z.array(CheckOverview) }),
  ),
  regions: z.array(RegionStatus),
  /** What is not told, and why; absent from older coordinators. */
  silences: z.array(Silence).optional(),
  maintenance: z.array(OpenMaintenance).optional(),
  /** Slots of the last hour by end; `missed` and `probe_fault` are the fleet's own trouble. */
  slotsLastHour: z.record(SlotEnd, z.number().int().nonnegative()),
})
export type Now = z.infer<typeof Now>

export const getNow = {
  method: 'GET',
  path: PATHS.now,
  access: 'viewer',
  summary: 'Everything that the page "Now" shows, in one answer.',
  response: Now,
} as const satisfies RouteContract

export const listChecks = {
  method: 'GET',
  path: PATHS.checks,
  access: 'viewer',
  summary: 'The checks that are defined.',
  query: z.object({ ...pageQuery, service: ServiceId.optional() }),
  response: listOf(z.object({ definition: CheckDefinition, alert: AlertStatus })),
} as const satisfies RouteContract

export const getCheck = {
  method: 'GET',
  path: PATHS.check,
  access: 'viewer',
  summary: 'One check: its definition, its alert and its last slots in each region.',
  params: z.object({ checkId: CheckId }),
  response: z.object({
    definition: CheckDefinition,
    overview: CheckOverview,
    /** How soon a fault becomes an alert; absent for jobs that call by themselves. */
    detection: DetectionContract.optional(),
    /** After an incident: the tighter rule that holds for a while. */
    watch: WatchedCheck.extend({ incidentId: IncidentId, until: Instant }).optional(),
  }),
} as const satisfies RouteContract

export const runCheck = {
  method: 'POST',
  path: PATHS.runCheck,
  access: 'responder',
  summary: 'Runs a check now in all of its regions, outside its grid; each run is a vote.',
  params: z.object({ checkId: CheckId }),
  body: z.object({ by: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional() }),
  response: z.object({
    /** The runs that come of it carry it. */
    commandId: z.uuid(),
    /** Regions whose probes were told. */
    asked: z.array(RegionId),
    /** Regions of which no probe listens. */
    unreachable: z.array(RegionId),
  }),
} as const satisfies RouteContract

/** Buckets of one answer. */
export const LATENCY_BUCKETS_MAX = 200
/** How far back latencies are told. */
export const LATENCY_REACH_MS_MAX = 31 * 86_400_000

/** An instant, or when it is negative so many milliseconds before the end; a day when absent. */
const SinceQuery = z.coerce.number().int().optional()

const perBucket = z.array(z.number().int().nonnegative())
const PercentileColumns = z.object({
  p50: z.array(z.number().nullable()),
  p95: z.array(z.number().nullable()),
})
export type PercentileColumns = z.infer<typeof PercentileColumns>

export const Latency = z.object({
  /** Start of the first bucket; the others follow, each `bucketMs` later, the last one under way. */
  since: Instant,
  bucketMs: z.number().int().positive(),
  buckets: z.number().int().positive(),
  /** Each column has one value for each bucket. Null: nothing was measured; never zero, never guessed. */
  regions: z.array(
    z.object({
      regionId: RegionId,
      /** Runs that say something about the target. */
      runs: perBucket,
      /** Of these, how many failed. */
      failed: perBucket,
      /** Of these, how many have times that are the probe's, which are in no percentile. */
      flagged: perBucket,
      total: PercentileColumns,
      /** By the name of the phase; the probe's queue is none. */
      phases: z.record(z.string(), PercentileColumns),
    }),
  ),
})
export type Latency = z.infer<typeof Latency>

export const getLatency = {
  method: 'GET',
  path: PATHS.latency,
  access: 'viewer',
  summary:
    'How long a check took, by region and phase over time: median and 95th percentile, each by nearest rank.',
  params: z.object({ checkId: CheckId }),
  query: z.object({
    region: RegionId.optional(),
    since: SinceQuery,
    until: z.coerce.number().int().nonnegative().optional(),
    buckets: z.coerce.number().int().min(1).max(LATENCY_BUCKETS_MAX).default(60),
  }),
  response: Latency,
} as const satisfies RouteContract

/** Groups of one answer, of failures and of probe faults each. */
export const FAILURE_GROUPS_MAX = 50

/** Runs that did not pass, for the same reason as far as their words tell. */
export const FailureGroup = z.object({
  /** What they have in common; stable, and not for people. */
  signature: z.string(),
  verdict: Verdict,
  errorType: RunErrorType.optional(),
  /** Of a journey, the step that failed. */
  step: z.string().optional(),
  /** The first layer that was found broken. */
  layer: z.string().optional(),
  runs: z.number().int().positive(),
  firstSlotAt: Instant,
  lastSlotAt: Instant,
  regionIds: z.array(RegionId),
  lastRunId: RunId,
  /** Of the latest of them. */
  message: z.string(),
})
export type FailureGroup = z.infer<typeof FailureGroup>

export const getFailures = {
  method: 'GET',
  path: PATHS.failures,
  access: 'viewer',
  summary:
    "A check's runs that did not pass, grouped by what they have in common, the latest first.",
  params: z.object({ checkId: CheckId }),
  query: z.object({ since: SinceQuery }),
  response: z.object({
    since: Instant,
    /** Runs that failed or were degraded. */
    failures: z.array(FailureGroup).max(FAILURE_GROUPS_MAX),
    /** Runs that say nothing about the target. */
    probeFaults: z.array(FailureGroup).max(FAILURE_GROUPS_MAX),
  }),
} as const satisfies RouteContract

export const RunSummary = Run.pick({
  runId: true,
  checkId: true,
  regionId: true,
  probeId: true,
  slotAt: true,
  startedAt: true,
  durationMs: true,
  attempt: true,
  verdict: true,
  error: true,
  command: true,
})
export type RunSummary = z.infer<typeof RunSummary>

export const listRuns = {
  method: 'GET',
  path: PATHS.runs,
  access: 'viewer',
  summary: 'Runs, newest slot first.',
  query: z.object({
    ...pageQuery,
    check: CheckId.optional(),
    region: RegionId.optional(),
    verdict: Verdict.optional(),
  }),
  response: listOf(RunSummary),
} as const satisfies RouteContract

export const getRun = {
  method: 'GET',
  path: PATHS.run,
  access: 'viewer',
  summary: 'One run, whole.',
  params: z.object({ runId: RunId }),
  response: z.object({
    run: Run,
    receivedAt: Instant,
    /** Names of the artifacts that have arrived. */
    artifactsStored: z.array(ArtifactName),
    /** Those of them that the run announced by their names alone. */
    laterArtifactsStored: z.array(Artifact),
  }),
} as const satisfies RouteContract

/** Answers with the file's bytes, not with JSON. */
export const getArtifact = {
  method: 'GET',
  path: PATHS.artifact,
  access: 'viewer',
  summary: "One of a run's files, such as the screenshot of its failing step.",
  params: z.object({ runId: RunId, name: ArtifactName }),
  response: z.unknown(),
} as const satisfies RouteContract

export const listIncidents = {
  method: 'GET',
  path: PATHS.incidents,
  access: 'viewer',
  summary: 'Incidents, the newest first unless order says oldest.',
  query: z.object({
    ...pageQuery,
    order: z.enum(['newest', 'oldest']).default('newest'),
    service: ServiceId.optional(),
    state: z.union([z.literal('open'), IncidentState]).optional(),
    severity: Severity.optional(),
  }),
  response: listOf(IncidentSummary),
} as const satisfies RouteContract

export const getIncident = {
  method: 'GET',
  path: PATHS.incident,
  access: 'viewer',
  summary: 'One incident: what it is, and the events that made it so, oldest first.',
  params: z.object({ incidentId: IncidentId }),
  response: z.object({
    incident: Incident,
    headline: z.string(),
    /** How long it took to find; absent where a person declared it, and from older coordinators. */
    detection: MeasuredDetection.optional(),
    events: z.array(IncidentEvent),
    /** Alerts of services that need this one, which are not told while it fails. */
    inhibited: z
      .array(z.object({ checkId: CheckId, name: z.string(), reason: z.string() }))
      .optional(),
    notifications: z.array(DeliveryRecord),
    /** Who was paged, by what and when; absent from older coordinators. */
    pages: z.array(Page).optional(),
    triage: TriageCard,
    /** When it came how far, and how long that took. */
    times: IncidentTimes.optional(),
    /** Absent from older coordinators. */
    leading: LeadingView.optional(),
    /** While it verifies: what holds, and what it waits for. */
    gate: GateStatus.optional(),
  }),
} as const satisfies RouteContract

export const listSignals = {
  method: 'GET',
  path: PATHS.signals,
  access: 'viewer',
  summary: 'What other systems told, that told last first.',
  query: z.object({
    service: ServiceId.optional(),
    state: z.enum(['firing', 'resolved']).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(50),
  }),
  response: z.object({ data: z.array(SignalStatus) }),
} as const satisfies RouteContract

/** A query of ours, and what it answered last. */
export const QueryStanding = z.object({
  queryId: z.string(),
  name: z.string(),
  serviceId: ServiceId,
  /** What kind of system is asked. */
  source: z.string(),
  /** Absent until it was asked for the first time; without an alert, that may be never. */
  last: z.object({ at: Instant, answer: SweptNumber }).optional(),
})
export type QueryStanding = z.infer<typeof QueryStanding>

export const listQueries = {
  method: 'GET',
  path: PATHS.queries,
  access: 'viewer',
  summary: 'Our own queries of metrics and logs, with what each answered last.',
  response: z.object({ data: z.array(QueryStanding) }),
} as const satisfies RouteContract

export const listChanges = {
  method: 'GET',
  path: PATHS.changes,
  access: 'viewer',
  summary: 'What was changed on purpose, newest first.',
  query: z.object({
    service: ServiceId.optional(),
    since: SinceQuery,
    limit: z.coerce.number().int().min(1).max(PAGE_SIZE_MAX).default(50),
  }),
  response: z.object({ data: z.array(Change) }),
} as const satisfies RouteContract

/** Unlike the others it wants a secret; see `config/README.md`. */
export const tellChange = {
  method: 'POST',
  path: PATHS.changes,
  access: 'signed',
  summary: 'Tells of a change. Told twice with the same id, it is stored once, as first told.',
  body: Change,
  response: z.object({ change: Change, isRepeated: z.boolean() }),
} as const satisfies RouteContract

/** What became of a report. */
export const TakenReport = z.object({
  report: UserReport,
  isRepeated: z.boolean(),
  /** Reports of the service within `withinMs`, this one included; `needed` of them are a finding. */
  count: z.number().int().positive(),
  withinMs: z.number().int().positive(),
  needed: z.number().int().positive(),
})
export type TakenReport = z.infer<typeof TakenReport>

export const reportProblem = {
  method: 'POST',
  path: PATHS.reports,
  access: 'viewer',
  summary: 'What somebody noticed; several within a short time are a finding of the service.',
  body: NewUserReport,
  response: TakenReport,
} as const satisfies RouteContract

export const listObjectives = {
  method: 'GET',
  path: PATHS.objectives,
  access: 'viewer',
  summary: 'The objectives, with what is left of their error budgets.',
  query: z.object({ service: ServiceId.optional() }),
  response: listOf(
    z.object({
      objective: Objective,
      /** What its alerts are, from the fastest. */
      windows: z.array(
        z.object({
          action: z.enum(['page', 'ticket']),
          longMs: z.number(),
          shortMs: z.number(),
          burnRate: z.number(),
          /** Share of the budget that is spent when it fires. */
          budgetShare: z.number(),
          /** How long a total outage lasts until it fires. */
          outageDetectedMs: z.number().nullable(),
        }),
      ),
      /** Absent until it was evaluated for the first time. */
      status: ObjectiveStatus.optional(),
    }),
  ),
} as const satisfies RouteContract
/** The incident as a command left it. */
export const CommandedIncident = z.object({
  incident: Incident,
  headline: z.string(),
  /** The other one, where a command concerns two: what it went into, or what was split off. */
  related: IncidentId.optional(),
  /** The command had been carried out before; nothing was done. */
  isRepeated: z.boolean(),
})
export type CommandedIncident = z.infer<typeof CommandedIncident>

export const declareIncident = {
  method: 'POST',
  path: PATHS.incidents,
  access: 'responder',
  summary: 'Opens an incident by hand. What it answers is declared already.',
  body: DeclareByHand,
  response: CommandedIncident,
} as const satisfies RouteContract

const command = <Name extends CommandName, Body extends z.ZodObject>(
  name: Name,
  body: Body,
  summary: string,
  access: 'viewer' | 'responder' = 'responder',
) =>
  ({
    method: 'POST',
    path: `${PATHS.incident}/${name}`,
    access,
    summary: `${summary} Refused with 409 and a reason where the incident's state does not allow it.`,
    params: z.object({ incidentId: IncidentId }),
    body,
    response: CommandedIncident,
  }) as const satisfies RouteContract

/** What people may do with an incident. */
export const INCIDENT_COMMANDS = {
  declare: command('declare', COMMAND_BODIES.declare, 'From triage on people work on it together.'),
  confirm: command('confirm', COMMAND_BODIES.confirm, 'A person looked, and it is real.'),
  decline: command(
    'decline',
    COMMAND_BODIES.decline,
    'It is a false alarm, or a ticket is enough.',
  ),
  'stand-down': command(
    'stand-down',
    COMMAND_BODIES['stand-down'],
    'It needs nobody any more, though it may fail on.',
  ),
  acknowledge: command(
    'acknowledge',
    COMMAND_BODIES.acknowledge,
    'A person has it, as wide and as severe as they saw it.',
  ),
  note: command(
    'note',
    COMMAND_BODIES.note,
    "Puts a person's words on the timeline, in any state.",
  ),
  sweep: command(
    'sweep',
    COMMAND_BODIES.sweep,
    'Asks all queries and runs all checks of its services now; what they say comes on the timeline.',
  ),
  severity: command(
    'severity',
    COMMAND_BODIES.severity,
    'Raises the severity, or lowers it with a reason.',
  ),
  'data-at-risk': command(
    'data-at-risk',
    COMMAND_BODIES['data-at-risk'],
    'Flags that data may be lost or wrong, which raises the severity where a rule says so. Anybody may who is signed in.',
    'viewer',
  ),
  'withdraw-data-at-risk': command(
    'withdraw-data-at-risk',
    COMMAND_BODIES['withdraw-data-at-risk'],
    'Takes that flag back; the severity stays as it is.',
  ),
  merge: command(
    'merge',
    COMMAND_BODIES.merge,
    'It is a part of another incident, which takes its findings over.',
  ),
  split: command(
    'split',
    COMMAND_BODIES.split,
    'Some of its findings are an incident of their own.',
  ),
  mitigated: command(
    'mitigated',
    COMMAND_BODIES.mitigated,
    'The impact is over; it verifies once every finding is clear.',
  ),
  resolve: command(
    'resolve',
    COMMAND_BODIES.resolve,
    'Its cause is fixed, or the risk is accepted.',
  ),
  close: command('close', COMMAND_BODIES.close, 'Its review is done.'),
  reopen: command('reopen', COMMAND_BODIES.reopen, 'It is not over after all.'),
  'take-role': command(
    'take-role',
    COMMAND_BODIES['take-role'],
    'Whoever asks has a role from here on; taking command announces itself.',
  ),
  'hand-over': command('hand-over', COMMAND_BODIES['hand-over'], 'Somebody else has a role.'),
  'give-up': command('give-up', COMMAND_BODIES['give-up'], 'Nobody has a role any more.'),
  'next-action': command(
    'next-action',
    COMMAND_BODIES['next-action'],
    'Says what is done next and by whom, or what came of it.',
  ),
  correct: command(
    'correct',
    COMMAND_BODIES.correct,
    'Corrects what an earlier event says, or its time; the earlier one stays.',
  ),
  'step-done': command('step-done', COMMAND_BODIES['step-done'], 'Ticks a step of a runbook.'),
  'step-undone': command('step-undone', COMMAND_BODIES['step-undone'], 'Takes a tick back.'),
  page: command(
    'page',
    COMMAND_BODIES.page,
    'Has somebody called whom a runbook names; they are called once, whoever has the incident.',
  ),
  update: command(
    'update',
    COMMAND_BODIES.update,
    'Tells people, and perhaps the public, how it stands, and promises when they hear next.',
  ),
  'tick-gate': command(
    'tick-gate',
    COMMAND_BODIES['tick-gate'],
    'What only a person can say of the verification is done, or left for later with an owner.',
  ),
  'override-gate': command(
    'override-gate',
    COMMAND_BODIES['override-gate'],
    'It counts as restored although not everything holds; everybody is told.',
  ),
  mitigate: command(
    'mitigate',
    COMMAND_BODIES.mitigate,
    'Something was done so that the impact ends; the probes say what comes of it.',
  ),
  'undo-mitigation': command(
    'undo-mitigation',
    COMMAND_BODIES['undo-mitigation'],
    'What was done was taken back.',
  ),
} as const satisfies { [Name in CommandName]: RouteContract }
export const listSilences = {
  method: 'GET',
  path: PATHS.silences,
  access: 'viewer',
  summary: 'Silences, newest first; the active ones all at once, the first to end first.',
  query: z.object({ ...pageQuery, state: z.literal('active').optional() }),
  response: listOf(Silence),
} as const satisfies RouteContract

export const addSilence = {
  method: 'POST',
  path: PATHS.silences,
  access: 'responder',
  summary: 'Tells nobody of what fires within a scope, for a while. Nothing else changes.',
  body: NewSilence,
  response: Silence,
} as const satisfies RouteContract

export const endSilence = {
  method: 'POST',
  path: PATHS.endSilence,
  access: 'responder',
  summary: 'Ends a silence before its time; what still fires is told at once.',
  params: z.object({ silenceId: z.uuid() }),
  body: EndSilence,
  response: Silence,
} as const satisfies RouteContract

export const listRunbooks = {
  method: 'GET',
  access: 'viewer',
  path: PATHS.runbooks,
  summary: 'What to do about which alert.',
  response: listOf(Runbook),
} as const satisfies RouteContract

export const getRunbook = {
  method: 'GET',
  access: 'viewer',
  path: PATHS.runbook,
  summary: 'One runbook.',
  params: z.object({ runbookId: RunbookId }),
  response: z.object({ runbook: Runbook }),
} as const satisfies RouteContract

export const listRegions = {
  method: 'GET',
  path: PATHS.regions,
  access: 'viewer',
  summary: 'The regions and their probes.',
  response: listOf(RegionStatus),
} as const satisfies RouteContract

export const listProbes = {
  method: 'GET',
  path: PATHS.probes,
  access: 'viewer',
  summary: 'The probes that have ever reported, with their last heartbeat.',
  response: listOf(ProbeStatus),
} as const satisfies RouteContract

/** Every JSON route; one without a handler fails a test. */
export const ROUTES = {
  getNow,
  listChecks,
  getCheck,
  runCheck,
  getLatency,
  getFailures,
  listRuns,
  getRun,
  listIncidents,
  getIncident,
  listSignals,
  listQueries,
  listChanges,
  listObjectives,
  declareIncident,
  ...INCIDENT_COMMANDS,
  listRunbooks,
  getRunbook,
  listSilences,
  addSilence,
  endSilence,
  listRegions,
  listProbes,
} as const

// ── Live updates: server-sent events ─────────────────────────────────────────────────────────

export const EVENTS_PATH = PATHS.events

/**
 * What comes over `/api/v1/events`, as JSON in `data:`; the SSE event name equals `type`. A client
 * that was cut off loads its page again: events are hints about change, not a second history.
 */
export const LiveEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), now: Instant }),
  /** The coordinator is alive; shows how old the page is. */
  z.object({ type: z.literal('alive'), now: Instant }),
  z.object({ type: z.literal('slot'), checkId: CheckId, regionId: RegionId, slot: SlotSummary }),
  z.object({ type: z.literal('alert'), checkId: CheckId, alert: AlertStatus }),
  z.object({ type: z.literal('incident'), incidentId: IncidentId }),
  z.object({ type: z.literal('region'), regionId: RegionId }),
  z.object({ type: z.literal('objective'), objectiveId: z.string() }),
  z.object({ type: z.literal('silence'), silenceId: z.string() }),
  /** Somebody said something about when they are on call. */
  z.object({ type: z.literal('on_call'), changeId: z.string() }),
  /** A file of a run has arrived. */
  z.object({ type: z.literal('artifact'), runId: RunId, name: ArtifactName }),
])
export type LiveEvent = z.infer<typeof LiveEvent>

/** The address of a route: {@link addressOf} its path. */
export function urlFor(
  contract: Pick<RouteContract, 'path'>,
  params: Record<string, string> = {},
  query: Record<string, string | number | undefined> = {},
): string {
  return addressOf(contract.path, params, query)
}
