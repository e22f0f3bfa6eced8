import type { Firing } from '../../protocol/backtest.ts'
import type { CheckDefinition } from '../../protocol/check.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import type { RegionVote } from './condition.ts'
import { evaluateAlert, nextEvaluationAt } from './evaluate-alert.ts'
import { isServed } from './judge-conditions.ts'

export type ReplayState = {
  alert: AlertStatus
  /** When it must be evaluated next although no run comes in. */
  dueAt?: number | undefined
  firing?: Firing | undefined
}

export type Replay = {
  check: Pick<CheckDefinition, 'name' | 'alert' | 'regions'>
  /** All runs that may count, in any order; each is seen from its `receivedAt` on. */
  runs: readonly RegionVote[]
  freshForMs: number
  /** From `voteReach`. */
  backMs: number
  /** What is usual at an instant; undefined when nobody knows. */
  baselineAt?(now: number): number | undefined
  from: number
  /** Not included. */
  until: number
  state: ReplayState
}

/**
 * Plays a rule over recorded runs, as the coordinator would have: it looks whenever a run came in, and
 * when time alone may change something. The same pure function decides. Pieces of time, one after the
 * other, give what the whole gives.
 */
export function replayAlerts(replay: Replay): { ended: Firing[]; state: ReplayState } {
  const { check, freshForMs, backMs, baselineAt, from, until } = replay
  const runs = replay.runs.toSorted((a, b) => seenAt(a) - seenAt(b))
  let { alert, dueAt, firing } = replay.state
  const ended: Firing[] = []
  let seen = 0
  let forgotten = 0
  const advanceTo = (now: number) => {
    while (seen < runs.length && seenAt(runs[seen] as RegionVote) <= now) seen++
    // Runs come in nearly in order; those beyond the reach of the rule are at the front.
    while (forgotten < seen && seenAt(runs[forgotten] as RegionVote) < now - backMs - freshForMs)
      forgotten++
  }

  const evaluate = (now: number) => {
    advanceTo(now)
    const votes = runs.slice(forgotten, seen).filter((run) => run.slotAt >= now - backMs)
    const input = {
      check,
      alert,
      votesByRegion: Map.groupBy(votes, (vote) => vote.regionId),
      freshForMs,
      baselineMs: baselineAt?.(now),
      now,
    }
    const decision = evaluateAlert(input)
    alert = decision.next
    dueAt = nextEvaluationAt(input, decision.next)
    if (decision.kind === 'fire')
      firing = {
        firedAt: now,
        ...(decision.badSince !== undefined && { badSince: decision.badSince }),
        reason: decision.next.reason,
        regions: decision.regions,
        ...(decision.severity && { severity: decision.severity }),
        isServed: decision.isServed,
      }
    if (firing && decision.kind === 'update')
      firing = {
        ...firing,
        regions: check.regions.filter((region) =>
          [...(firing?.regions ?? []), ...decision.regions].includes(region),
        ),
        isServed: firing.isServed && isServed(decision.next.firedBy ?? []),
      }
    if (firing && decision.kind === 'resolve') {
      ended.push({ ...firing, endedAt: now })
      firing = undefined
    }
  }

  const arrivals = [...new Set(runs.map(seenAt))].filter((at) => at >= from && at < until)
  for (const arrival of [...arrivals, until]) {
    // Each step must lead on, or a due instant that stays due would be looked at for ever.
    let last = from - 1
    while (dueAt !== undefined && dueAt < arrival && dueAt > last) {
      last = dueAt
      evaluate(Math.max(from, dueAt))
    }
    if (arrival < until) evaluate(arrival)
  }
  return { ended, state: { alert, dueAt, firing } }
}

const seenAt = (run: RegionVote) => run.receivedAt ?? run.slotAt
