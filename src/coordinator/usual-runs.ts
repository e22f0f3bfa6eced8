import { baselineHours, baselineOf } from '../domain/alerting/baseline.ts'
import { GATE_SAMPLES_MIN, type GateCheck } from '../domain/incident/verification/judge-gate.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import { bucketRuns } from './store/latency.ts'
import type { Session } from './store/store.ts'

/** What was usual for a check before an instant; read once, since what lies before does not change. */
export type UsualRuns = {
  before(
    session: Session,
    check: Pick<CheckDefinition, 'id' | 'regions'>,
    instant: number,
  ): Promise<GateCheck['usual']>
}

const HOUR_MS = 3_600_000
const KEPT_MAX = 1_000

/** Takes the same hour of the weeks before together with the hour right before the instant. */
export function createUsualRuns(): UsualRuns {
  const kept = new Map<string, GateCheck['usual']>()
  return {
    async before(session, check, instant) {
      const key = `${check.id}\n${instant}`
      const known = kept.get(key)
      if (known) return known
      const found = { runs: 0, failed: 0, durationsMs: [] as number[] }
      for (const since of [...baselineHours(instant), instant - HOUR_MS]) {
        const until = Math.min(instant, since + HOUR_MS)
        const query = { checkId: check.id, regionIds: check.regions, since, until }
        for (const { runs, failed, durationsMs } of await bucketRuns(session, query)) {
          found.runs += runs
          found.failed += failed
          found.durationsMs.push(...durationsMs)
        }
      }
      const p95Ms = baselineOf(found.durationsMs, {
        percentile: 0.95,
        samplesMin: GATE_SAMPLES_MIN,
      })
      const usual = {
        runs: found.runs,
        failed: found.failed,
        ...(p95Ms !== undefined && { p95Ms }),
      }
      const [oldest] = kept.keys()
      if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest)
      kept.set(key, usual)
      return usual
    },
  }
}
