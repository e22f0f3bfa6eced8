import type { z } from 'zod'
import { AppError } from '../base/app-error.ts'
import { resolveAlert } from '../definitions/resolve-alert.ts'
import { baselineHours, baselineOf } from '../domain/alerting/baseline.ts'
import { voteFreshForMs } from '../domain/alerting/counted-votes.ts'
import { replayAlerts } from '../domain/alerting/replay-alerts.ts'
import { voteReach } from '../domain/alerting/vote-reach.ts'
import {
  BACKTEST_INCIDENTS_MAX,
  BACKTEST_REACH_MS_MAX,
  type BacktestPiece,
  type BacktestRequest,
} from '../protocol/backtest.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import { slotPeriodMs } from '../protocol/schedule.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { quietAlert } from './store/alerts.ts'
import { listIncidents } from './store/incidents.ts'
import { servedDurations } from './store/latency.ts'
import { type StoredVote, votesBetween } from './store/runs.ts'

/** Runs of one piece: a fraction of a second, in which nobody else is answered. */
const RUNS_PER_PIECE = 2_000
/** Votes that one evaluation may look at, as for rules of the files. */
const VOTES_MAX = 7_500
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/**
 * Plays a rule over a piece of a check's stored runs.
 *
 * @throws {AppError} `check.unknown`, `request.invalid`
 */
export async function backtestPiece(
  parts: CoordinatorParts,
  checkId: string,
  { rule, since, until, cursor }: z.output<typeof BacktestRequest>,
): Promise<BacktestPiece> {
  const { store, fleet, clock } = parts
  const defined = fleet.checks.find((candidate) => candidate.id === checkId)
  if (!defined) throw new AppError('check.unknown', checkId)
  if (defined.kind === 'heartbeat')
    throw new AppError('request.invalid', 'a job that calls by itself has no runs to play')
  if (until <= since || until - since > BACKTEST_REACH_MS_MAX)
    throw new AppError('request.invalid', 'until: expected after since, and at most 31 days later')

  const check = withRule(parts, defined, rule)
  const periodMs = slotPeriodMs(check, clock.now())
  const freshForMs = voteFreshForMs(check, periodMs)
  const { backMs, votesMax } = voteReach(check, periodMs, freshForMs)
  if (votesMax > VOTES_MAX)
    throw new AppError(
      'request.invalid',
      `rule: it looks at up to ${votesMax} runs at once; expected a shorter "within" or "for"`,
    )
  const from = Math.max(since, cursor?.from ?? since)
  const end = await endOfPiece(parts, check, from, until)
  const runs = await votesBetween(store, checkId, {
    since: from - backMs - freshForMs,
    until: end + freshForMs,
    limit: 3 * (RUNS_PER_PIECE + VOTES_MAX),
  })
  const baselines = await baselinesOf(parts, check, from, end)
  const { ended, state } = replayAlerts({
    check,
    // What came too late was history when it came.
    runs: runs.filter((run) => run.receivedAt - run.slotAt <= freshForMs && run.receivedAt < end),
    freshForMs,
    backMs,
    baselineAt: (now) => baselines.get(hourOf(now)),
    from,
    until: end,
    state: cursor ?? { alert: quietAlert(since, check.regions) },
  })
  const isLast = end >= until
  return {
    firings: isLast && state.firing ? [...ended, state.firing] : ended,
    runs: runs.filter((run) => run.receivedAt >= from && run.receivedAt < end).length,
    ...(!cursor && { incidents: await incidentsWithin(parts, check.serviceId, since, until) }),
    ...(!isLast && {
      next: {
        from: end,
        alert: state.alert,
        ...(state.dueAt !== undefined && { dueAt: state.dueAt }),
        ...(state.firing && { firing: state.firing }),
      },
    }),
  }
}

function withRule(
  { fleet }: CoordinatorParts,
  check: CheckDefinition,
  written: z.output<typeof BacktestRequest>['rule'],
): CheckDefinition {
  const regions = check.regions.map(
    (id) => fleet.regions.find((region) => region.id === id) ?? { id },
  )
  const rule = written ? resolveAlert(written, regions) : check.alert
  // Silence is no alert, and nobody knows any more who listened then.
  const { noData: _, ...alert } = rule
  return { ...check, alert }
}

/** So far that there are not too many runs, nor too many hours whose baseline must be read. */
async function endOfPiece(
  { store }: CoordinatorParts,
  check: CheckDefinition,
  from: number,
  until: number,
): Promise<number> {
  const dayEnd = asksBaseline(check) ? from + DAY_MS : until
  const runs: StoredVote[] = await votesBetween(store, check.id, {
    since: from,
    until,
    limit: RUNS_PER_PIECE,
  })
  const last = runs.length < RUNS_PER_PIECE ? undefined : runs.at(-1)
  // At least a little further, or a piece might be none.
  return Math.min(until, dayEnd, last ? Math.max(from + 1, last.slotAt) : until)
}

const asksBaseline = ({ alert }: CheckDefinition) => alert.latency?.above.kind === 'baseline'

const hourOf = (instant: number) => Math.floor(instant / HOUR_MS) * HOUR_MS

async function baselinesOf(
  { store }: CoordinatorParts,
  check: CheckDefinition,
  from: number,
  until: number,
): Promise<Map<number, number>> {
  const found = new Map<number, number>()
  const rule = check.alert.latency
  if (!rule || !asksBaseline(check)) return found
  for (let hour = hourOf(from); hour < until; hour += HOUR_MS) {
    const durations: number[] = []
    for (const since of baselineHours(hour))
      durations.push(...(await servedDurations(store, check.id, { since, until: since + HOUR_MS })))
    const baselineMs = baselineOf(durations, rule)
    if (baselineMs !== undefined) found.set(hour, baselineMs)
  }
  return found
}

async function incidentsWithin(
  { store }: CoordinatorParts,
  serviceId: string,
  since: number,
  until: number,
) {
  const incidents = await listIncidents(store, {
    service: serviceId,
    limit: BACKTEST_INCIDENTS_MAX,
  })
  return incidents.filter(
    ({ impactStartedAt, recoveredAt }) =>
      impactStartedAt < until && (recoveredAt ?? until) >= since,
  )
}
