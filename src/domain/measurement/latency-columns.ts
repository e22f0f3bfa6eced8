import { percentile } from './percentile.ts'

/** The conclusive runs of one region in one bucket. */
export type BucketRuns = {
  regionId: string
  runs: number
  /** Of these, those that failed. */
  failed: number
  /** Of these, those whose times are not the target's; see `Quality.flagged`. */
  flagged: number
  /** Of each run that is not flagged. */
  durationsMs: readonly number[]
  /** Of the same: milliseconds of each phase, by its name. */
  phases: readonly Readonly<Record<string, number>>[]
}

/** One value for each bucket, oldest first. Null: nothing was measured in it. */
export type PercentileColumns = { p50: (number | null)[]; p95: (number | null)[] }

export type RegionLatency = {
  regionId: string
  /** In each bucket, as in {@link BucketRuns}. */
  runs: number[]
  failed: number[]
  flagged: number[]
  total: PercentileColumns
  phases: Record<string, PercentileColumns>
}

export type BucketGrid = { since: number; bucketMs: number; buckets: number }

/**
 * Buckets that do not move while time goes on: they lie on multiples of their own length, and the last
 * one has `until` in it.
 */
export function bucketGrid(since: number, until: number, buckets: number): BucketGrid {
  const bucketMs = Math.max(1, Math.ceil((until - since) / buckets))
  const end = (Math.floor(until / bucketMs) + 1) * bucketMs
  return { since: end - buckets * bucketMs, bucketMs, buckets }
}

/** Makes columns of what ran in each bucket; buckets may come in any order, and those without runs not at all. */
export type LatencyColumns = {
  add(bucket: number, runs: BucketRuns): void
  finish(): RegionLatency[]
}

export function createLatencyColumns(grid: BucketGrid, regionIds: string[]): LatencyColumns {
  const regions = new Map(regionIds.map((id) => [id, emptyRegion(id, grid.buckets)]))
  return {
    add(bucket, { regionId, runs, failed, flagged, durationsMs, phases }) {
      const region = regions.get(regionId)
      if (!region) return
      region.runs[bucket] = runs
      region.failed[bucket] = failed
      region.flagged[bucket] = flagged
      place(region.total, bucket, durationsMs)
      for (const [name, values] of byName(phases)) {
        region.phases[name] ??= emptyColumns(grid.buckets)
        place(region.phases[name], bucket, values)
      }
    },
    finish: () => [...regions.values()],
  }
}

function byName(phases: BucketRuns['phases']): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const run of phases)
    for (const name in run) {
      const values = found.get(name)
      if (values) values.push(run[name] ?? 0)
      else found.set(name, [run[name] ?? 0])
    }
  return found
}

function place(columns: PercentileColumns, bucket: number, values: readonly number[]): void {
  if (values.length === 0) return
  const ascending = Float64Array.from(values).sort()
  columns.p50[bucket] = rounded(percentile(ascending, 0.5))
  columns.p95[bucket] = rounded(percentile(ascending, 0.95))
}

const emptyColumns = (buckets: number): PercentileColumns => ({
  p50: Array.from({ length: buckets }, () => null),
  p95: Array.from({ length: buckets }, () => null),
})

const zeros = (buckets: number): number[] => Array.from({ length: buckets }, () => 0)

const emptyRegion = (regionId: string, buckets: number): RegionLatency => ({
  regionId,
  runs: zeros(buckets),
  failed: zeros(buckets),
  flagged: zeros(buckets),
  total: emptyColumns(buckets),
  phases: {},
})

/** Hundredths of a millisecond are more than anybody reads. */
const rounded = (ms: number): number => Math.round(ms * 100) / 100
