import type { Clock } from '../base/clock.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import type { Run } from '../protocol/run.ts'
import type { ArtifactFile } from './checks/check-runner.ts'
import { type RunCheckContext, runCheck } from './checks/run-check.ts'
import { beginRunTrace } from './run-trace.ts'

export type ExecuteParts = Omit<RunCheckContext, 'runId' | 'traceparent'> & {
  clock: Clock
  probeId: string
}

export type RunOrder = {
  runId: string
  slotAt: number
  startedAt: number
  /** Time that the slot waited for a place; a phase of its own, never part of the duration. */
  queueMs?: number
}

export type ExecutedRun = { run: Run; artifacts: ArtifactFile[] }

/** Runs a check now: with its trace, and with a verdict on the probe itself. Never throws. */
export async function executeRun(
  check: ProbedCheck,
  order: RunOrder,
  { probeId, ...parts }: ExecuteParts,
): Promise<ExecutedRun> {
  const { runId, slotAt, startedAt, queueMs = 0 } = order
  const trace = beginRunTrace(check, startedAt)
  const outcome = await runCheck(check, { ...parts, runId, traceparent: trace.traceparent })
  const { artifacts, phases, ...rest } = outcome
  const run: Run = {
    ...rest,
    runId,
    checkId: check.id,
    regionId: parts.regionId,
    probeId,
    slotAt,
    startedAt,
    attempt: 1,
    phases: queueMs > 0 ? [{ name: 'queue', ms: queueMs }, ...phases] : phases,
    artifacts: artifacts.map(({ path: _, ...artifact }) => artifact),
    traceId: trace.traceId,
    definitionHash: check.hash,
  }
  trace.end(run)
  return { run, artifacts }
}
