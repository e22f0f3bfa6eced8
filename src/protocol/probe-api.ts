import { z } from 'zod'
import { CheckDefinition } from './check.ts'
import { RegionNetwork } from './config.ts'
import { CheckId, Instant, ProbeId, RegionId, RunId } from './ids.ts'
import { Run, RunCommand } from './run.ts'

/**
 * What probes and coordinator say to each other. Probes always dial out:
 *
 *     GET  /api/probe/v1/assignment?region=eu-west   → Assignment
 *     POST /api/probe/v1/heartbeat                   Heartbeat → HeartbeatAnswer
 *     POST /api/probe/v1/runs                        IngestBatch → IngestReceipt
 *     PUT  /api/probe/v1/runs/:runId/artifacts/:name the file's bytes → 204
 *     GET  /api/probe/v1/commands?region=eu-west     → Commands, held open until there is one
 *     GET  /api/probe/v1/on-call-plan                → OnCallPlan, for people, while the coordinator is away
 *     POST /api/probe/v1/enrol                       Enrol → Enrolled, with no other proof than its token
 *
 * Each other carries `authorization: Bearer <the probe's credential>`. Errors are problem details (`problem.ts`).
 */
export const PROBE_API_PREFIX = '/api/probe/v1'

/** Most runs in one batch, and its most bytes; the coordinator refuses more with 413. */
export const BATCH_RUNS_MAX = 200
export const BATCH_BYTES_MAX = 4 * 1024 * 1024

/** One artifact's most bytes. Larger ones are dropped by the probe, and counted. */
export const ARTIFACT_BYTES_MAX = 10 * 1024 * 1024

/** How often a probe reports; a region is silent after several of these. */
export const HEARTBEAT_EVERY_MS = 5_000

/**
 * A probe asks for a credential of its own, with the one-time token that an admin made. It makes the
 * secret itself and sends only the hash of it, so that an answer that is lost can be asked for again.
 */
export const Enrol = z.object({
  token: z.string().max(200),
  probeId: ProbeId,
  /** SHA-256 of the secret, in hexadecimal. */
  secretHash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type Enrol = z.infer<typeof Enrol>

/** What the probe may speak for from here on. */
export const Enrolled = z.object({ probeId: ProbeId, regionId: RegionId })
export type Enrolled = z.infer<typeof Enrolled>

/** What a probe's own credential begins with. */
export const PROBE_SECRET_PREFIX = 'fwp_'

export const Assignment = z.object({
  /** Changes whenever anything in it does. */
  hash: z.string(),
  regionId: RegionId,
  checks: z.array(CheckDefinition),
  /** How the region's probes see the network; an older coordinator does not say. */
  network: RegionNetwork.optional(),
})
export type Assignment = z.infer<typeof Assignment>

/** Tolerant on its way in: a check of a kind that this probe does not know is left out, not fatal. */
export const AssignmentEnvelope = z.object({
  hash: z.string(),
  regionId: RegionId,
  checks: z.array(z.unknown()),
  network: RegionNetwork.optional(),
})

export const Heartbeat = z.object({
  probeId: ProbeId,
  regionId: RegionId,
  /** When this process started; a change means a restart. */
  startedAt: Instant,
  sentAt: Instant,
  version: z.string().max(80),
  assignmentHash: z.string().optional(),
  capacity: z.object({
    network: z.number().int().nonnegative(),
    browsers: z.number().int().nonnegative(),
  }),
  running: z.object({
    network: z.number().int().nonnegative(),
    browsers: z.number().int().nonnegative(),
  }),
  spool: z.object({
    runs: z.number().int().nonnegative(),
    bytes: z.number().int().nonnegative(),
    droppedRuns: z.number().int().nonnegative(),
    droppedArtifacts: z.number().int().nonnegative(),
    damagedRecords: z.number().int().nonnegative(),
  }),
  /** Slots shed because the probe could not keep up, since its start. */
  shedSlots: z.number().int().nonnegative(),
  /** Chromium's version, or why there is none. */
  browser: z.string().max(500).optional(),
})
export type Heartbeat = z.infer<typeof Heartbeat>

export const HeartbeatAnswer = z.object({
  /** Coordinator's wall clock; from it the probe knows its own offset. */
  now: Instant,
  /** Differs from the probe's own: fetch the assignment. */
  assignmentHash: z.string(),
})
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>

export const IngestBatch = z.object({
  probeId: ProbeId,
  regionId: RegionId,
  runs: z.array(Run).min(1).max(BATCH_RUNS_MAX),
})
export type IngestBatch = z.infer<typeof IngestBatch>

/** The envelope alone: each run is parsed by itself, so that one bad run cannot block the others. */
export const IngestEnvelope = z.object({
  probeId: ProbeId,
  regionId: RegionId,
  runs: z.array(z.unknown()).min(1).max(BATCH_RUNS_MAX),
})

/** Every run of the batch is in exactly one of the lists; the probe may forget them all. */
export const IngestReceipt = z.object({
  stored: z.array(RunId),
  /** Stored by an earlier delivery, or its slot already has a run. */
  duplicate: z.array(RunId),
  /** Never will be stored; `index` is its place in the batch. */
  rejected: z.array(
    z.object({ index: z.number().int(), runId: z.string().optional(), reason: z.string() }),
  ),
})
export type IngestReceipt = z.infer<typeof IngestReceipt>

/**
 * How long the coordinator holds a request for commands before it answers with none: an answer at least
 * so often, so that both sides notice a cut.
 */
export const COMMANDS_HELD_MS = 10_000

/** Most commands that wait for a region, and that one answer brings. */
export const COMMANDS_MAX = 200

/** Run a check now, outside its grid; every probe that cannot lets it be, and nothing is owed. */
export const RunNow = z.object({
  kind: z.literal('run-now'),
  ...RunCommand.shape,
  checkId: CheckId,
  /** Of the coordinator's clock: who has not begun by then does not begin. */
  notAfter: Instant,
})
export type RunNow = z.infer<typeof RunNow>

export const Commands = z.object({
  /** Coordinator's wall clock, which the commands' times are of. */
  now: Instant,
  commands: z.array(RunNow).max(COMMANDS_MAX),
})
export type Commands = z.infer<typeof Commands>

/** Tolerant on its way in: a command of a kind that this probe does not know is let be. */
export const CommandsEnvelope = z.object({
  now: Instant,
  commands: z.array(z.unknown()).max(COMMANDS_MAX),
})
