import { BURN_WINDOWS } from '../domain/objective/burn-windows.ts'
import type { WindowTally } from '../domain/objective/evaluate-burn.ts'
import { countableUntil, lastBurningSpan } from '../domain/objective/traffic-spans.ts'
import type { Objective } from '../protocol/objective.ts'
import { sumsSince } from './store/objectives.ts'
import type { Session } from './store/store.ts'
import { spansBetween, trafficBetween } from './store/traffic.ts'

/** As far back as the newest span that burns is looked for. */
const LAST_BAD_WITHIN_MS = 6 * 3_600_000

/**
 * What requests of users were within each window. Windows end where counting has come to: a span that is
 * not complete says nothing. What should have been counted since, and was not, is unknown.
 */
export async function trafficTallies(
  tx: Session,
  objective: Objective,
  { countedUntil, now }: { countedUntil: number; now: number },
): Promise<{ tally(windowMs: number): WindowTally; lastBadAt: number | undefined }> {
  const overdue = spansBetween(countedUntil, countableUntil(now))
  const windows = new Set([
    ...BURN_WINDOWS.flatMap(({ longMs, shortMs }) => [longMs, shortMs]),
    objective.periodMs,
  ])
  const tallies = new Map<number, WindowTally>()
  for (const windowMs of windows) {
    const [sums] = await sumsSince(tx, objective.id, countedUntil - windowMs)
    const { good = 0, bad = 0, unknown = 0 } = sums ?? {}
    const missing = Math.min(overdue, spansBetween(0, windowMs))
    tallies.set(windowMs, { good, bad, unknown: unknown + missing, badRegions: [] })
  }
  const recent = await trafficBetween(tx, objective.id, {
    from: countedUntil - LAST_BAD_WITHIN_MS,
    until: countedUntil,
  })
  return {
    tally: (windowMs) => tallies.get(windowMs) ?? { good: 0, bad: 0, unknown: 0, badRegions: [] },
    lastBadAt: lastBurningSpan(recent, objective),
  }
}
