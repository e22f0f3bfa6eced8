import { randomUUID } from 'node:crypto'
import type { ProbedCheck } from '../protocol/check.ts'
import { nextSlot } from '../protocol/schedule.ts'
import type { Logger } from '../runtime/logger.ts'
import { type ExecuteParts, executeRun } from './execute-run.ts'
import { probeFault } from './probe-fault.ts'
import type { ProbeMetrics } from './probe-metrics.ts'
import type { PendingRecording, Recordings } from './recordings.ts'
import type { Decision, DueSlot } from './scheduler.ts'
import type { Spool } from './spool/spool.ts'

export type PerformParts = ExecuteParts & {
  spool: Spool
  metrics: ProbeMetrics
  logger: Logger
  recordings: Recordings
  /** Stopping took too long: the spool is closed, and the next start accounts for the run. */
  hasGivenUp(): boolean
}

/** Only who may be repeated must know when the next slot comes. */
const nextSlotFor = (check: ProbedCheck, regionId: string, slotAt: number) =>
  check.retry && nextSlot(check, regionId, slotAt)

/** Does what the scheduler decided; each slot ends up in the spool. */
export type SlotPerformer = {
  /** @param onMeasured told when the check's place is free, before the run is recorded. */
  start(slot: DueSlot, onMeasured: () => void): Promise<void>
  shed(decision: Extract<Decision, { kind: 'shed' }>): Promise<void>
  /** Accounts for the runs that an earlier process began and never ended. */
  recordInterrupted(): Promise<void>
}

export function createSlotPerformer(parts: PerformParts): SlotPerformer {
  const { spool, metrics, logger, recordings, clock, regionId, probeId } = parts
  return {
    async start({ check, slotAt, command }, onMeasured) {
      const runId = randomUUID()
      const begun = {
        runId,
        checkId: check.id,
        slotAt,
        definitionHash: check.hash,
        ...(command && { command }),
      }
      // Not waited for: the disk must not decide when a run starts.
      void spool.begin({ ...begun, startedAt: clock.now() })
      const startedAt = clock.now()
      // Nothing if the clock was set back by a little since the slot.
      const queueMs = command ? 0 : Math.max(0, startedAt - slotAt)
      if (!command) metrics.lag(check, queueMs / 1_000)
      let recording: PendingRecording | undefined
      const { run, artifacts } = await executeRun(
        check,
        {
          runId,
          slotAt,
          startedAt,
          command,
          queueMs,
          nextSlotAt: nextSlotFor(check, regionId, slotAt),
          onMeasured(measured) {
            // The slots of the check that fail are recorded; who asked waits for no recording.
            if (command) onMeasured()
            else recording = recordings.begin({ check, runId, ...measured }, onMeasured)
          },
        },
        parts,
      )
      if (parts.hasGivenUp()) return
      const announced = recording && { laterArtifacts: [...recording.names] }
      await spool.record({ ...run, ...announced }, artifacts)
      metrics.ran(check, run)
      const { verdict, error, durationMs } = run
      const level = verdict === 'passed' ? 'debug' : 'info'
      logger[level]({ check: check.id, runId, verdict, error, durationMs }, 'run recorded')
      await recording?.attach()
    },
    async shed({ slot: { check, slotAt }, error }) {
      const identity = { runId: randomUUID(), checkId: check.id, regionId, probeId, slotAt }
      const run = probeFault(
        { ...identity, startedAt: clock.now(), definitionHash: check.hash },
        error,
      )
      metrics.shed(check)
      metrics.ran(check, run)
      if (!parts.hasGivenUp()) await spool.record(run)
      logger.info({ check: check.id, slotAt, error }, 'slot shed')
    },
    async recordInterrupted() {
      for (const begun of spool.interrupted)
        await spool.record(
          probeFault(
            { ...begun, regionId, probeId },
            { type: 'probe.interrupted', message: 'the probe was stopped during this run' },
          ),
        )
      if (spool.interrupted.length > 0)
        logger.warn({ runs: spool.interrupted.length }, 'runs were interrupted by the last stop')
    },
  }
}
