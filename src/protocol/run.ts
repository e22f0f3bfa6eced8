import { z } from 'zod'
import { Assertion } from './expectation.ts'
import { ArtifactName, CheckId, Instant, NAME_LENGTH_MAX, ProbeId, RegionId, RunId } from './ids.ts'

/**
 * A run: one execution of a check in a region for one slot, with its verdict.
 *
 * Messages between versions are tolerant: unknown fields are dropped, so that an older coordinator
 * can read a newer probe.
 */

/** `probe_fault` speaks about the probe and never counts against the target. */
export const Verdict = z.enum(['passed', 'degraded', 'failed', 'probe_fault'])
export type Verdict = z.infer<typeof Verdict>

/** Every slot ends in exactly one of these. */
export const SlotEnd = z.enum([...Verdict.options, 'missed', 'skipped'])
export type SlotEnd = z.infer<typeof SlotEnd>

/** Longest error message or assertion text that a run carries: about one screen. */
export const MESSAGE_LENGTH_MAX = 4_000
export const STEPS_MAX = 100
export const ASSERTIONS_MAX = 200
export const ARTIFACTS_MAX = 20
export const LOG_LINES_MAX = 200
/** Attempts before the last one; a check is repeated at most three times. */
export const EARLIER_ATTEMPTS_MAX = 3
/** Requests of one run that are told by themselves: redirects, requests of an `api`, addresses. */
export const EXCHANGES_MAX = 50
const LAYERS_MAX = 40

/**
 * The bounded list of what can go wrong, for metrics and grouping. The message has the details.
 * Those under "the probe" make the verdict `probe_fault`.
 */
export const RunErrorType = z.enum([
  // The target, by layer.
  'dns.not_found',
  'dns.no_answer',
  'dns.server_failure',
  'dns.refused',
  'dns.timeout',
  'dns.malformed',
  'connect.refused',
  'connect.reset',
  'connect.timeout',
  'connect.unreachable',
  /** The region's policy forbids the address: see `config/regions.yaml`. */
  'connect.forbidden',
  'proxy.refused',
  'tls.expired',
  'tls.not_yet_valid',
  'tls.untrusted',
  'tls.host_name',
  'tls.handshake',
  'tls.revoked',
  'tls.start_refused',
  'http.malformed',
  'http.too_large',
  'http.redirects',
  /** Not the version of HTTP that the check asks for. */
  'http.version',
  'http.capture',
  'auth.token',
  'dialogue',
  'websocket.upgrade',
  'websocket.closed',
  'grpc.status',
  'grpc.malformed',
  'smtp.refused',
  'smtp.malformed',
  /** It starts up, shuts down or recovers. */
  'postgres.not_ready',
  'postgres.login',
  'postgres.too_many_connections',
  'postgres.disk_full',
  'postgres.read_only',
  'postgres.query',
  'postgres.malformed',
  'icmp.no_answer',
  'rdap.failed',
  'heartbeat.late',
  'heartbeat.failed',
  'timeout',
  'assertion',
  'journey.step',
  'journey.script',
  'journey.forbidden_request',
  'journey.page_crashed',
  // The probe.
  'probe.browser_missing',
  'probe.browser_crashed',
  'probe.host_crashed',
  'probe.journey_missing',
  'probe.secret_missing',
  'probe.overload',
  'probe.out_of_resources',
  'probe.network',
  'probe.uplink',
  'probe.tool_missing',
  'probe.interrupted',
  'probe.internal',
  /** A type of a newer version; the message still says what it is. */
  'other',
])
export type RunErrorType = z.infer<typeof RunErrorType>

export const RunError = z.object({
  // A newer probe may name a type that we do not know. Its run must not be refused for that.
  type: RunErrorType.catch('other'),
  /** In words, for a person at night: what was tried, what came instead. No secrets. */
  message: z.string().max(MESSAGE_LENGTH_MAX),
})
export type RunError = z.infer<typeof RunError>

/** Where the time of a network check goes. Milliseconds as floats, from the monotonic clock. */
export const PhaseName = z.enum([
  'queue',
  'dns',
  /** The proxy's answer to CONNECT. */
  'proxy',
  'connect',
  'tls',
  /** The answer to a WebSocket's upgrade. */
  'upgrade',
  /** Until a server that speaks first has greeted. */
  'greeting',
  'firstByte',
  'download',
  'query',
  /** Until a server accepts statements. */
  'login',
  /** A statement that writes, and is taken back. */
  'write',
  /** A conversation: of SMTP, or the turns that a check says. */
  'exchange',
  /** The mean round trip of an echo request. */
  'rtt',
  /** A phase of a newer version. */
  'other',
])
export type PhaseName = z.infer<typeof PhaseName>

// A newer probe may measure a phase that we do not know. Its run must not be refused for that.
export const Phase = z.object({ name: PhaseName.catch('other'), ms: z.number().nonnegative() })
export type Phase = z.infer<typeof Phase>

/** `degraded`: it succeeded, but took longer than it should. */
export const StepStatus = z.enum(['passed', 'degraded', 'failed', 'skipped'])

export const Step = z.object({
  name: z.string().max(NAME_LENGTH_MAX),
  status: StepStatus,
  /** Milliseconds after the run's start. */
  startMs: z.number().nonnegative(),
  /** The user's time. Screenshots and traces are outside it. */
  ms: z.number().nonnegative(),
  /** With them; absent when it is the same. */
  grossMs: z.number().nonnegative().optional(),
  /** Place in the list of the step that this one is inside of. */
  parent: z.number().int().nonnegative().optional(),
  /** Its failure lets the journey go on; the run fails all the same. */
  isSoft: z.boolean().optional(),
  error: z.string().max(MESSAGE_LENGTH_MAX).optional(),
  /** Why it was skipped or is degraded. */
  reason: z.string().max(MESSAGE_LENGTH_MAX).optional(),
  /** The page's address when the step ended, without its query. */
  url: z.string().max(2_000).optional(),
})
export type Step = z.infer<typeof Step>

export const Artifact = z.object({
  name: ArtifactName,
  mediaType: z.string().max(NAME_LENGTH_MAX),
  bytes: z.number().int().nonnegative(),
  /** Which step it shows, by name. */
  step: z.string().max(NAME_LENGTH_MAX).optional(),
})
export type Artifact = z.infer<typeof Artifact>

/** How far the probe itself was fit to measure during the run. */
export const Quality = z.object({
  /** Share of the time that the event loop was busy, 0 to 1. */
  eventLoopUtilization: z.number().min(0).max(1),
  /** Longest delay of the event loop seen during the run, in milliseconds. */
  eventLoopLagMs: z.number().nonnegative(),
  /** Other runs under way in the same probe. */
  concurrentRuns: z.number().int().nonnegative(),
  /** Probe's wall clock minus the coordinator's, in milliseconds; absent before first contact. */
  clockOffsetMs: z.number().optional(),
  /** How long the measuring thread was ready to run and got no processor, in milliseconds. */
  cpuWaitMs: z.number().nonnegative().optional(),
  /**
   * Why the run's times are not published as the target's, in words; absent when they are. Whatever
   * else the run found still counts.
   */
  flagged: z
    .string()
    .max(NAME_LENGTH_MAX * 4)
    .optional(),
})
export type Quality = z.infer<typeof Quality>

/** Facts that a check found, by name: `status`, `certificateDaysLeft`, `answers` … */
export const Facts = z.record(
  z.string().max(NAME_LENGTH_MAX),
  z.union([
    z.string().max(MESSAGE_LENGTH_MAX),
    z.number(),
    z.boolean(),
    z.array(z.string().max(MESSAGE_LENGTH_MAX)).max(100),
  ]),
)
export type Facts = z.infer<typeof Facts>

/** One request and its answer: each redirect, each request of an `api`, each address has its own. */
export const ExchangeSummary = z.object({
  /** The request's or the address's name, where the run has parts. */
  part: z.string().max(NAME_LENGTH_MAX).optional(),
  method: z.string().max(20),
  /** Without user, password and query. */
  url: z.string().max(2_000),
  status: z.number().int().optional(),
  httpVersion: z.string().max(10).optional(),
  /** `192.0.2.1:443`. */
  address: z.string().max(100).optional(),
  /** Milliseconds after the attempt's start. */
  startMs: z.number().nonnegative(),
  ms: z.number().nonnegative(),
  phases: z.array(Phase).max(20),
  bodyBytes: z.number().int().nonnegative().optional(),
})
export type ExchangeSummary = z.infer<typeof ExchangeSummary>

/** An attempt that failed and was repeated. The last attempt is the run itself. */
export const EarlierAttempt = z.object({
  /** Milliseconds after the run's start. */
  startMs: z.number().nonnegative(),
  durationMs: z.number().nonnegative(),
  verdict: Verdict,
  error: RunError.optional(),
  phases: z.array(Phase).max(50),
})
export type EarlierAttempt = z.infer<typeof EarlierAttempt>

/** Pages, failed requests and console lines that a journey's run tells of, each. */
export const PAGES_MAX = 20
export const FAILED_REQUESTS_MAX = 20
export const CONSOLE_LINES_MAX = 50

const shortText = z.string().max(1_000)
const ms = z.number().nonnegative()
const count = z.number().int().nonnegative()
/** When, in milliseconds after the run's start, and during which step. */
const moment = { atMs: ms, step: z.string().max(NAME_LENGTH_MAX).optional() }

/** One document that the browser showed, with the web vitals that it had until it was left. */
export const PageRecord = z.object({
  ...moment,
  /** Without its query. */
  url: z.string().max(2_000),
  status: z.number().int().optional(),
  /** From the start of the navigation. */
  ttfbMs: ms.optional(),
  fcpMs: ms.optional(),
  lcpMs: ms.optional(),
  domReadyMs: ms.optional(),
  loadMs: ms.optional(),
  /** Slowest interaction. */
  inpMs: ms.optional(),
  cls: ms.optional(),
})
export type PageRecord = z.infer<typeof PageRecord>

export const FailedRequest = z.object({
  ...moment,
  method: z.string().max(20),
  url: z.string().max(2_000),
  /** Playwright's word for what was wanted: `document`, `script`, `fetch`. */
  resource: z.string().max(40),
  status: z.number().int().optional(),
  failure: shortText.optional(),
})
export type FailedRequest = z.infer<typeof FailedRequest>

export const ConsoleLine = z.object({
  ...moment,
  /** `exception`: one that the page did not catch. */
  kind: z.enum(['error', 'warning', 'exception']),
  text: shortText,
  /** Where, as `https://shop.example.com/app.js:12`. */
  place: z.string().max(2_000).optional(),
})
export type ConsoleLine = z.infer<typeof ConsoleLine>

/** What a journey's browser saw. Lists are bounded; the counts are of all. */
export const BrowserRecord = z.object({
  /** `chromium 145.0.7632.6`. */
  engine: z.string().max(NAME_LENGTH_MAX),
  /** Opening the context and its page, before the journey's time. */
  prepareMs: ms,
  /** Pictures and what else was done outside the journey's time. */
  evidenceMs: ms,
  pages: z.array(PageRecord).max(PAGES_MAX),
  requests: count,
  /** Received over the line, in bytes. */
  bytes: count,
  failedRequestCount: count,
  failedRequests: z.array(FailedRequest).max(FAILED_REQUESTS_MAX),
  consoleErrorCount: count,
  consoleWarningCount: count,
  exceptionCount: count,
  console: z.array(ConsoleLine).max(CONSOLE_LINES_MAX),
})
export type BrowserRecord = z.infer<typeof BrowserRecord>

/**
 * What was found, layer by layer, right after a failure and outside its measured time. `firstBroken`
 * is the index of the first layer that is broken; absent when each works by itself.
 */
export const Diagnosis = z.object({
  layers: z
    .array(
      z.object({
        layer: z.enum(['dns', 'tcp', 'tls', 'http']),
        /** What was asked: a resolver, an address. */
        subject: z.string().max(300),
        isFine: z.boolean(),
        ms: z.number().nonnegative(),
        /** What came, in words. */
        message: z.string().max(1_000),
      }),
    )
    .max(LAYERS_MAX),
  firstBroken: z.number().int().nonnegative().optional(),
})
export type Diagnosis = z.infer<typeof Diagnosis>

/** Why a probe was told to run a check now. */
export const RunNowReason = z.enum([
  /** Another region saw it fail. */
  'confirmation',
  /** A person wants to know. */
  'manual',
  /** Its service is verified or watched closer after an incident. */
  'closer_look',
  /** A reason of a newer version. */
  'other',
])
export type RunNowReason = z.infer<typeof RunNowReason>

/** Of a run that nobody scheduled: the command that asked for it. */
export const RunCommand = z.object({
  commandId: z.uuid(),
  // A newer coordinator may have reasons that we do not know. They are reasons all the same.
  reason: RunNowReason.catch('other'),
})
export type RunCommand = z.infer<typeof RunCommand>

export const Run = z.object({
  runId: RunId,
  checkId: CheckId,
  regionId: RegionId,
  probeId: ProbeId,
  /** Of a run outside the grid the instant at which it was started; it ends no slot. */
  slotAt: Instant,
  startedAt: Instant,
  /** Absent for a run of a slot. */
  command: RunCommand.optional(),
  /** Milliseconds of the last attempt, from start to verdict, without queueing and without artifacts. */
  durationMs: z.number().nonnegative(),
  /** 1 for the first try; more when earlier ones failed and were repeated. */
  attempt: z.number().int().positive(),
  earlierAttempts: z.array(EarlierAttempt).max(EARLIER_ATTEMPTS_MAX).optional(),
  verdict: Verdict,
  error: RunError.optional(),
  phases: z.array(Phase).max(50),
  steps: z.array(Step).max(STEPS_MAX),
  assertions: z.array(Assertion).max(ASSERTIONS_MAX),
  facts: Facts,
  artifacts: z.array(Artifact).max(ARTIFACTS_MAX),
  log: z.array(z.string().max(1_000)).max(LOG_LINES_MAX),
  exchanges: z.array(ExchangeSummary).max(EXCHANGES_MAX).optional(),
  diagnosis: Diagnosis.optional(),
  browser: BrowserRecord.optional(),
  /**
   * Files that may come after the run, by their names alone; which of them came, only their upload
   * tells. See `later-artifact.ts`.
   */
  laterArtifacts: z.array(ArtifactName).max(ARTIFACTS_MAX).optional(),
  quality: Quality.optional(),
  /** W3C trace id, 32 hex digits. */
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  /** Hash of the definition that was run. */
  definitionHash: z.string(),
  /** Hash of the journey's file, where there is one. */
  scriptHash: z.string().optional(),
})
export type Run = z.infer<typeof Run>

/** Whether the run ends a slot; one that was commanded is a vote and no more. */
export const isOfSlot = (run: Pick<Run, 'command'>) => run.command === undefined

/** The step in which a journey failed first, if it failed in one. */
export function failingStep(run: Pick<Run, 'steps'>): Step | undefined {
  return run.steps.find((step) => step.status === 'failed')
}
