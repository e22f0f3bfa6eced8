import { rm } from 'node:fs/promises'
import { messageOf } from '../base/app-error.ts'
import type { Clock } from '../base/clock.ts'
import type { ProbedCheck } from '../protocol/check.ts'
import { RECORDING_NAMES } from '../protocol/recording.ts'
import type { RunErrorType, Verdict } from '../protocol/run.ts'
import type { Logger } from '../runtime/logger.ts'
import { decideRecording } from './decide-recording.ts'
import type { JourneyHosts, RecordContext } from './journey/journey-hosts.ts'
import type { ProbeMetrics } from './probe-metrics.ts'
import type { Spool } from './spool/spool.ts'

/** Runs journeys once more, with everything recorded, when their runs were such that it is wanted. */
export type Recordings = {
  /**
   * Begins to record, if that is wanted; the recording takes the browser's place that the run had.
   *
   * @param onDone told when the place is free again; at once when nothing is recorded.
   */
  begin(measured: Measured, onDone: () => void): PendingRecording | undefined
}

export type Measured = {
  check: ProbedCheck
  verdict: Verdict
  errorType: RunErrorType | undefined
  runId: string
  traceparent: string
}

export type PendingRecording = {
  /** What the run announces. */
  names: readonly string[]
  /** Hands the files to the spool when they are there. Call it once the run is recorded. */
  attach(): Promise<void>
}

export type RecordingParts = {
  clock: Clock
  logger: Logger
  journeyHosts: Pick<JourneyHosts, 'record'>
  spool: Pick<Spool, 'attach'>
  metrics: Pick<ProbeMetrics, 'recorded' | 'notRecorded'>
  secret: RecordContext['secret']
  policy: RecordContext['policy']
  stopSignal: AbortSignal
  /** The spool is closed. */
  hasGivenUp(): boolean
}

export function createRecordings(parts: RecordingParts): Recordings {
  const { clock, logger, journeyHosts, spool, metrics, secret, policy, stopSignal, hasGivenUp } =
    parts
  /** By check; bounded by the number of journeys. */
  const lastAt = new Map<string, number>()
  let isBusy = false

  return {
    begin({ check, verdict, errorType, runId, traceparent }, onDone) {
      const now = clock.now()
      const decision = decideRecording({
        check,
        verdict,
        errorType,
        now,
        lastAt: lastAt.get(check.id),
        isBusy,
      })
      if (!decision.isRecorded) {
        if (decision.because !== 'not wanted') metrics.notRecorded(check, decision.because)
        onDone()
        return undefined
      }
      isBusy = true
      lastAt.set(check.id, now)
      const recorded = journeyHosts
        .record(decision.check, { runId, traceparent, secret, policy, stopSignal })
        .catch((error: unknown) => {
          logger.warn({ check: check.id, runId, error: messageOf(error) }, 'not recorded')
          return undefined
        })
        .finally(() => {
          isBusy = false
          onDone()
        })
      return {
        names: RECORDING_NAMES,
        async attach() {
          const made = await recorded
          if (!hasGivenUp()) await spool.attach(runId, made?.files ?? [])
          if (!made) return
          await rm(made.folder, { recursive: true, force: true })
          const { verdict } = made.recording
          metrics.recorded(check, verdict)
          const names = made.files.map(({ name }) => name)
          logger.info({ check: check.id, runId, verdict, names }, 'recorded')
        },
      }
    },
  }
}
