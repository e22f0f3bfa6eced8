import { setImmediate as letOthersRun } from 'node:timers/promises'
import { AppError } from '../../../base/app-error.ts'
import { bucketGrid, createLatencyColumns } from '../../../domain/measurement/latency-columns.ts'
import type { CheckDefinition } from '../../../protocol/check.ts'
import { getLatency, LATENCY_REACH_MS_MAX } from '../../../protocol/public-api.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { bucketRuns } from '../../store/latency.ts'
import { defineRoute } from '../define-route.ts'

const DAY_MS = 86_400_000

export const getLatencyRoute = defineRoute(getLatency, async ({ params, query }, parts) => {
  const check = definedCheck(parts, params.checkId)
  const until = query.until ?? parts.clock.now()
  const since = sinceInstant(query.since, until)
  if (since >= until || until - since > LATENCY_REACH_MS_MAX)
    throw new AppError('request.invalid', 'since: before until, and at most 31 days before it')
  const grid = bucketGrid(since, until, query.buckets)
  const regionIds = check.regions.filter((id) => query.region === undefined || id === query.region)
  const columns = createLatencyColumns(grid, regionIds)
  for (let bucket = 0; bucket < grid.buckets && regionIds.length > 0; bucket++) {
    const from = grid.since + bucket * grid.bucketMs
    const found = await bucketRuns(parts.store, {
      checkId: check.id,
      regionIds,
      since: from,
      until: from + grid.bucketMs,
    })
    for (const runs of found) columns.add(bucket, runs)
    // SQLite answers at once, and holds everything up while it does.
    await letOthersRun()
  }
  return {
    since: grid.since,
    bucketMs: grid.bucketMs,
    buckets: grid.buckets,
    regions: columns.finish(),
  }
})

/** @throws {AppError} `check.unknown` */
export function definedCheck({ fleet }: CoordinatorParts, checkId: string): CheckDefinition {
  const check = fleet.checks.find(({ id }) => id === checkId)
  if (!check) throw new AppError('check.unknown', checkId)
  return check
}

/** An instant, or so many milliseconds before `until` when it is negative; a day when absent. */
export function sinceInstant(since: number | undefined, until: number): number {
  const given = since ?? -DAY_MS
  return given < 0 ? until + given : given
}
