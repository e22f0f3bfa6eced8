import { expect, test } from 'vitest'
import {
  type BucketRuns,
  bucketGrid,
  createLatencyColumns,
} from '../../../../src/domain/measurement/latency-columns.ts'
import { targetPhases } from '../../../../src/domain/measurement/target-phases.ts'

const grid = { since: 1_000, bucketMs: 100, buckets: 4 }

const ran = (overrides: Partial<BucketRuns> = {}): BucketRuns => ({
  regionId: 'eu-west',
  runs: overrides.durationsMs?.length ?? 0,
  failed: 0,
  flagged: 0,
  durationsMs: [],
  phases: [],
  ...overrides,
})

test('a bucket without a run is a gap, and the others are not drawn into it', () => {
  const columns = createLatencyColumns(grid, ['eu-west'])
  columns.add(0, ran({ durationsMs: [30, 10], phases: [{ dns: 3 }, { dns: 1, connect: 2 }] }))
  columns.add(3, ran({ durationsMs: [70], phases: [{ connect: 4.123_4 }] }))
  expect(columns.finish()).toEqual([
    {
      regionId: 'eu-west',
      runs: [2, 0, 0, 1],
      failed: [0, 0, 0, 0],
      flagged: [0, 0, 0, 0],
      total: { p50: [10, null, null, 70], p95: [30, null, null, 70] },
      phases: {
        dns: { p50: [1, null, null, null], p95: [3, null, null, null] },
        connect: { p50: [2, null, null, 4.12], p95: [2, null, null, 4.12] },
      },
    },
  ])
})

test('runs whose times are not the target’s are counted, and leave a gap', () => {
  const columns = createLatencyColumns(grid, ['eu-west'])
  columns.add(1, ran({ runs: 2, failed: 1, flagged: 2 }))
  expect(columns.finish()).toMatchObject([
    {
      runs: [0, 2, 0, 0],
      failed: [0, 1, 0, 0],
      flagged: [0, 2, 0, 0],
      total: { p50: [null, null, null, null] },
    },
  ])
})

test('regions are told apart, in the order asked for, also one without a run', () => {
  const columns = createLatencyColumns(grid, ['us-east', 'ap-south'])
  columns.add(0, ran({ durationsMs: [5] }))
  columns.add(0, ran({ regionId: 'us-east', durationsMs: [9] }))
  expect(columns.finish()).toMatchObject([
    { regionId: 'us-east', total: { p50: [9, null, null, null] } },
    { regionId: 'ap-south', runs: [0, 0, 0, 0], phases: {} },
  ])
})

test.each([
  { since: 0, until: 1_000, buckets: 10, expected: { since: 100, bucketMs: 100, buckets: 10 } },
  { since: 40, until: 1_040, buckets: 10, expected: { since: 100, bucketMs: 100, buckets: 10 } },
  { since: 90, until: 1_090, buckets: 10, expected: { since: 100, bucketMs: 100, buckets: 10 } },
  { since: 0, until: 1, buckets: 3, expected: { since: -1, bucketMs: 1, buckets: 3 } },
])('from $since until $until the buckets stay where they are', ({ expected, ...given }) => {
  expect(bucketGrid(given.since, given.until, given.buckets)).toEqual(expected)
})

test('a phase that came twice is added up, and the queue is the probe’s own', () => {
  expect(
    targetPhases([
      { name: 'queue', ms: 40 },
      { name: 'dns', ms: 1.000_4 },
      { name: 'connect', ms: 2 },
      { name: 'dns', ms: 0.5 },
    ]),
  ).toEqual({ dns: 1.5, connect: 2 })
})
