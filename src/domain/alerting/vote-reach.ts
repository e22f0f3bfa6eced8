import type { AlertRule } from '../../protocol/alert-rule.ts'

/** Votes that are always read, whatever the rule: a restart or a gap must not cut a row short. */
const VOTES_MIN = 500

/** Runs may come more often than the grid says, by hand or after a change of the schedule. */
const SPARE = 1.5

/** How far back a rule looks, and how many votes that may be. */
export function voteReach(
  { alert, regions }: { alert: AlertRule; regions: readonly unknown[] },
  periodMs: number,
  freshForMs: number,
): { backMs: number; votesMax: number } {
  const longestRow =
    Math.max(
      alert.failuresToFire,
      alert.passesToResolve,
      alert.failures?.of ?? 0,
      alert.degraded?.of ?? 0,
    ) + 1
  const backMs = Math.max(
    // A row of failures may reach further back than one vote is fresh.
    freshForMs + longestRow * periodMs,
    ...[alert.ratio, alert.latency].map((rule) => (rule ? rule.withinMs + rule.forMs : 0)),
    alert.noData?.afterMs ?? 0,
  )
  const votes = Math.ceil((backMs / periodMs) * regions.length * SPARE)
  return { backMs, votesMax: Math.max(VOTES_MIN, votes) }
}
