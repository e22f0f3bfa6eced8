import type { Quality, RunErrorType } from '../protocol/run.ts'
import type { RunOutcome } from './checks/run-check.ts'

/** Less is everyday: a collection of garbage, a large answer being parsed. */
const LAG_MS_MIN = 100
/** The part of the run's time that our own standstill must have for it to explain the verdict. */
const LAG_SHARE_MIN = 0.2

const TIMEOUTS: readonly RunErrorType[] = ['timeout', 'connect.timeout', 'dns.timeout']
const DURATIONS = ['dns', 'connect', 'tls', 'firstByte', 'download', 'query', 'total']

/**
 * The probe judges itself before it judges the target: when the target was too slow, and the event
 * loop stood still for a good part of that time, nobody knows who was slow, and the run is a
 * `probe_fault`. An answer that was wrong stays wrong however busy we were.
 */
export function judgeQuality(outcome: RunOutcome, { eventLoopLagMs: lagMs }: Quality): RunOutcome {
  if (lagMs < LAG_MS_MIN || lagMs < outcome.durationMs * LAG_SHARE_MIN) return outcome
  if (!isAboutTimeOnly(outcome)) return outcome
  const what = outcome.error?.message ?? 'slower than it should be'
  return {
    ...outcome,
    verdict: 'probe_fault',
    error: {
      type: 'probe.overload',
      message: `this probe stood still for ${Math.round(lagMs)} ms during the run, so its times are not the target's (${what})`,
    },
  }
}

function isAboutTimeOnly({ verdict, error, assertions }: RunOutcome): boolean {
  if (verdict !== 'failed' && verdict !== 'degraded') return false
  if (error && TIMEOUTS.includes(error.type)) return true
  if (error && error.type !== 'assertion') return false
  return assertions.every(({ held, subject }) => held || DURATIONS.includes(subject))
}
