import { describeDuration } from '../../base/duration.ts'
import type { PhaseName, RunErrorType } from '../../protocol/run.ts'
import { type CheckContext, CheckError, type Findings } from '../checks/check-runner.ts'

/** What it means when the deadline passes just now; `what` reads well before "within 5 s". */
export type Overdue = { type: RunErrorType; what: string | (() => string) }

/**
 * The phase under way, for work that knows better when it began and ended: between an event of a socket
 * and the code that waits for it lies work of our own, which is no time of the target's.
 */
export type Span = {
  /** It begins only now; the last call counts. */
  begin(): void
  /** It ended now; the last call counts, and none when the work fails. */
  end(): void
}

export type PhaseMeter = {
  /**
   * Waits for the work and adds the time it took to the phase, however it ends. Waits no longer
   * than to the deadline, even when the work does not heed it, and then throws `overdue`.
   */
  measure<T>(phase: PhaseName, overdue: Overdue, work: (span: Span) => Promise<T>): Promise<T>
  /** The same meter, which tells `record` of each phase as well. */
  tellingAlso(record: (name: PhaseName, ms: number) => void): PhaseMeter
}

type MeterContext = Pick<CheckContext, 'clock' | 'signal'> & { findings: Pick<Findings, 'phase'> }

/** Measures the phases of one run, and knows in which one it hung. */
export function createPhaseMeter(context: MeterContext, timeoutMs: number): PhaseMeter {
  const { signal } = context
  // One listener for all phases: each of its own would cost more than some phases take.
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  aborted.catch(() => undefined)
  if (signal.aborted) reject(signal.reason)
  else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return meterUntil(aborted, context, timeoutMs)
}

function meterUntil(
  aborted: Promise<never>,
  { clock, findings, signal }: MeterContext,
  timeoutMs: number,
): PhaseMeter {
  return {
    async measure(phase, { type, what }, work) {
      let startedAt = clock.monotonic()
      let endedAt: number | undefined
      const span: Span = {
        begin() {
          startedAt = clock.monotonic()
        },
        end() {
          endedAt = clock.monotonic()
        },
      }
      try {
        signal.throwIfAborted()
        return await Promise.race([work(span), aborted])
      } catch (error) {
        endedAt = undefined
        if (!isPastDeadline(signal)) throw error
        const words = typeof what === 'string' ? what : what()
        throw new CheckError(type, `${words} within ${plainDuration(timeoutMs)}`, { cause: error })
      } finally {
        findings.phase(phase, Math.max(0, (endedAt ?? clock.monotonic()) - startedAt))
      }
    },
    tellingAlso(record) {
      const phase: Findings['phase'] = (name, ms) => {
        findings.phase(name, ms)
        record(name, ms)
      }
      return meterUntil(aborted, { clock, signal, findings: { phase } }, timeoutMs)
    },
  }
}

/** Whether the run's time is up; false when it is the probe that stops. */
export const isPastDeadline = (signal: AbortSignal): boolean =>
  signal.aborted && signal.reason?.name === 'TimeoutError'

export const plainDuration = (ms: number): string => describeDuration(ms).replace('.0 s', ' s')
