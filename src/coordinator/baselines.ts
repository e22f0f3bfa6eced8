import { baselineHours, baselineOf, baselineUntil } from '../domain/alerting/baseline.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import { servedDurations } from './store/latency.ts'
import type { Session } from './store/store.ts'

/**
 * What is usual for a check at this hour of the week, as its rule asks. Each is read once an hour: the
 * hours that it looks at are over.
 */
export type Baselines = {
  /** Milliseconds; undefined when nobody knows, or when the rule does not ask. */
  at(session: Session, check: CheckDefinition, now: number): Promise<number | undefined>
}

const HOUR_MS = 3_600_000

export function createBaselines(): Baselines {
  const kept = new Map<string, { hash: string; until: number; baselineMs: number }>()
  return {
    async at(session, check, now) {
      const rule = check.alert.latency
      if (rule?.above.kind !== 'baseline') return undefined
      const known = kept.get(check.id)
      if (known && known.hash === check.hash && now < known.until) return known.baselineMs
      const durations: number[] = []
      for (const since of baselineHours(now))
        durations.push(
          ...(await servedDurations(session, check.id, { since, until: since + HOUR_MS })),
        )
      const baselineMs = baselineOf(durations, rule)
      // What is not known is few runs, and quickly read again when more have come.
      if (baselineMs !== undefined)
        kept.set(check.id, { hash: check.hash, until: baselineUntil(now), baselineMs })
      return baselineMs
    },
  }
}
