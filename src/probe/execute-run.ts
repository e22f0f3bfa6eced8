import { rm } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { Retry } from '../protocol/check-base.ts'
import {
  EARLIER_ATTEMPTS_MAX,
  type EarlierAttempt,
  LOG_LINES_MAX,
  type Run,
  type RunCommand,
  type RunErrorType,
  type Verdict,
} from '../protocol/run.ts'
import type { ArtifactFile } from './checks/check-runner.ts'
import { clip } from './checks/record-findings.ts'
import { type RunCheckContext, type RunOutcome, runCheck } from './checks/run-check.ts'
import type { Diagnoser } from './diagnose/diagnose.ts'
import { isRetried } from './is-retried.ts'
import type { UplinkJudge } from './judge-uplink.ts'
import { plainDuration } from './network/phase-meter.ts'
import { beginRunTrace } from './run-trace.ts'

const LOG_LINE_LENGTH_MAX = 500

export type ExecuteParts = Omit<RunCheckContext, 'runId' | 'traceparent'> & {
  clock: Clock
  probeId: string
  uplink: UplinkJudge
  diagnoser: Diagnoser
  /** Gets secrets ready that are not at hand; its time is in no run. */
  prepareSecrets?: ((check: ProbedCheck) => Promise<void>) | undefined
}

export type RunOrder = {
  runId: string
  slotAt: number
  startedAt: number
  /** Where it is the run of no slot. */
  command?: RunCommand | undefined
  /** Time that the slot waited for a place; a phase of its own, never part of the duration. */
  queueMs?: number
  /** The check's next slot, by which every attempt must be over; absent where there is none. */
  nextSlotAt?: number | undefined
  /** Told when the target is no longer measured: what is left is to find out whose fault it was. */
  onMeasured?: (measured: MeasuredRun) => void
}

/** What is known of a run before it is found out whose fault it was. */
export type MeasuredRun = {
  verdict: Verdict
  errorType: RunErrorType | undefined
  traceparent: string
}

export type ExecutedRun = { run: Run; artifacts: ArtifactFile[] }

/**
 * Runs a check now: with its trace, repeated where the check wants that, and with a verdict on the probe
 * itself. Never throws. The run is the last attempt; whose fault a failure is, and which layer is broken,
 * is found out after it, once.
 */
export async function executeRun(
  check: ProbedCheck,
  order: RunOrder,
  { probeId, uplink, diagnoser, prepareSecrets, ...parts }: ExecuteParts,
): Promise<ExecutedRun> {
  const { runId, slotAt, startedAt, command, queueMs = 0 } = order
  await prepareSecrets?.(check)
  const trace = beginRunTrace(check, startedAt)
  const context = { ...parts, runId, traceparent: trace.traceparent }
  const { last, startMs, earlier } = await runAttempts(check, order, context)
  order.onMeasured?.({
    verdict: last.verdict,
    errorType: last.error?.type,
    traceparent: trace.traceparent,
  })
  const outcome = await diagnoser.explain(check, await judgeOwnNetwork(check, last, uplink))
  const { artifacts, phases, ...rest } = outcome
  const run: Run = {
    ...rest,
    runId,
    checkId: check.id,
    regionId: parts.regionId,
    probeId,
    slotAt,
    startedAt,
    ...(command && { command }),
    attempt: earlier.length + 1,
    ...(earlier.length > 0 && { earlierAttempts: earlier }),
    phases: queueMs > 0 ? [{ name: 'queue', ms: queueMs }, ...phases] : phases,
    artifacts: artifacts.map(({ path: _, ...artifact }) => artifact),
    traceId: trace.traceId,
    definitionHash: check.hash,
  }
  trace.end(run, startMs)
  return { run, artifacts }
}

type Attempts = {
  last: RunOutcome
  /** When the last one began, in milliseconds after the run. */
  startMs: number
  earlier: EarlierAttempt[]
}

/**
 * Runs the check until an attempt need not be repeated, or there is no time for another one: an attempt
 * begins only when its whole time limit fits in before the check's next slot.
 */
async function runAttempts(
  check: ProbedCheck,
  { nextSlotAt = Infinity }: RunOrder,
  context: RunCheckContext,
): Promise<Attempts> {
  const { clock, stopSignal } = context
  const startedAt = clock.monotonic()
  const earlier: EarlierAttempt[] = []
  const lines: string[] = []
  for (;;) {
    const startMs = clock.monotonic() - startedAt
    const outcome = await runCheck(check, context)
    const because = reasonToRepeat(outcome, check.retry, earlier.length)
    const fits = clock.now() + check.timeoutMs <= nextSlotAt
    if (because === undefined || stopSignal.aborted || !fits) {
      if (because !== undefined && !fits) lines.push(noTimeLeft(earlier.length, check.timeoutMs))
      return { last: withAttempts(outcome, earlier.length + 1, lines), startMs, earlier }
    }
    earlier.push(toEarlier(outcome, startMs))
    lines.push(describeAttempt(outcome, earlier.length, because))
    await forgetArtifacts(outcome)
  }
}

function reasonToRepeat(
  outcome: RunOutcome,
  retry: Retry | undefined,
  repeated: number,
): string | undefined {
  if (!retry || repeated >= Math.min(retry.times, EARLIER_ATTEMPTS_MAX)) return undefined
  const decision = isRetried(outcome, retry)
  return decision.isRetried ? decision.because : undefined
}

const toEarlier = (
  { durationMs, verdict, error, phases }: RunOutcome,
  startMs: number,
): EarlierAttempt => ({ startMs, durationMs, verdict, ...(error && { error }), phases })

const describeAttempt = ({ error, durationMs }: RunOutcome, number: number, because: string) =>
  `attempt ${number} failed after ${plainDuration(durationMs)} and was repeated at once, because ${because}: ${error?.message ?? ''}`

const noTimeLeft = (repeated: number, timeoutMs: number) =>
  `attempt ${repeated + 1} failed and was not repeated: another one may take ${plainDuration(timeoutMs)}, and the check's next slot comes before that`

function withAttempts(outcome: RunOutcome, attempts: number, lines: string[]): RunOutcome {
  if (lines.length === 0) return outcome
  const log = [...lines.map((line) => clip(line, LOG_LINE_LENGTH_MAX)), ...outcome.log]
  const facts = attempts > 1 ? { attempts, ...outcome.facts } : outcome.facts
  return { ...outcome, facts, log: log.slice(0, LOG_LINES_MAX) }
}

/** Only the last attempt's are kept: they explain the verdict. */
async function forgetArtifacts({ artifacts }: RunOutcome): Promise<void> {
  for (const { path } of artifacts) await rm(path, { force: true })
}

/** The probe looks at its own network before it blames the target for a failure of the network. */
async function judgeOwnNetwork(
  check: ProbedCheck,
  outcome: RunOutcome,
  uplink: UplinkJudge,
): Promise<RunOutcome> {
  const { verdict, error, phases } = outcome
  if (verdict !== 'failed' || !error) return outcome
  const ours = await uplink.judge(check, { error, phases })
  return ours ? { ...outcome, verdict: 'probe_fault', error: ours } : outcome
}
