import type { Clock } from '../base/clock.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import type { Run } from '../protocol/run.ts'
import type { ArtifactFile } from './checks/check-runner.ts'
import { runCheck } from './checks/run-check.ts'
import type { ConnectTo } from './connect-to.ts'
import type { JourneyHosts } from './journey/journey-hosts.ts'
import { judgeQuality } from './judge-quality.ts'
import type { QualityMonitor } from './quality.ts'
import { beginRunTrace } from './run-trace.ts'

export type ExecuteParts = {
  clock: Clock
  regionId: string
  probeId: string
  connectTo: ConnectTo
  secret(name: string): string | undefined
  journeyHosts: JourneyHosts
  quality: QualityMonitor
  /** Aborts when the probe stops. */
  stopSignal: AbortSignal
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
  check: CheckDefinition,
  order: RunOrder,
  parts: ExecuteParts,
): Promise<ExecutedRun> {
  const { clock, regionId, probeId, connectTo, secret, journeyHosts, quality, stopSignal } = parts
  const { runId, slotAt, startedAt, queueMs = 0 } = order
  const trace = beginRunTrace(check, startedAt)
  const endQuality = quality.begin()
  const measured = await runCheck(check, {
    clock,
    runId,
    regionId,
    traceparent: trace.traceparent,
    connectTo,
    secret,
    journeyHosts,
    stopSignal,
  })
  const fitness = endQuality()
  // A journey's times are taken in a process of its own, which our standstill does not touch.
  const outcome = check.kind === 'journey' ? measured : judgeQuality(measured, fitness)
  const { artifacts, phases, ...rest } = outcome
  const run: Run = {
    ...rest,
    runId,
    checkId: check.id,
    regionId,
    probeId,
    slotAt,
    startedAt,
    attempt: 1,
    phases: queueMs > 0 ? [{ name: 'queue', ms: queueMs }, ...phases] : phases,
    artifacts: artifacts.map(({ path: _, ...artifact }) => artifact),
    quality: fitness,
    traceId: trace.traceId,
    definitionHash: check.hash,
  }
  trace.end(run)
  return { run, artifacts }
}
