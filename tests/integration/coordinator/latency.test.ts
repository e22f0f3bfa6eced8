import { describe, expect, test } from 'vitest'
import {
  getFailures,
  getLatency,
  LATENCY_REACH_MS_MAX,
  urlFor,
} from '../../../src/protocol/public-api.ts'
import type { Run } from '../../../src/protocol/run.ts'
import { aRun, at } from '../../support/builders.ts'
import { startCoordinator } from '../../support/coordinator.ts'
import { DATABASES, type Database } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE_MS = 60_000
const params = { checkId: 'shop-home' }
const busy = {
  eventLoopUtilization: 1,
  eventLoopLagMs: 900,
  concurrentRuns: 3,
  flagged: 'the probe was too busy',
}

const start = (database: Database) => startCoordinator({ database, clock: movableClock(noon) })

const timeout = (within: string): Partial<Run> => ({
  verdict: 'failed',
  error: { type: 'timeout', message: `no result within ${within}` },
})

describe.each(DATABASES)('on %s', (database) => {
  test('latencies are told by bucket, region and phase, and nothing is told where nothing ran', async () => {
    const coordinator = await start(database)
    const slot = (minutesAgo: number, durationMs: number, overrides: Partial<Run> = {}) =>
      aRun({ slotAt: noon - minutesAgo * MINUTE_MS, durationMs, ...overrides })
    await coordinator.ingest([
      slot(9.5, 100, {
        phases: [
          { name: 'queue', ms: 9 },
          { name: 'dns', ms: 10 },
        ],
      }),
      slot(9.2, 300, {
        phases: [
          { name: 'dns', ms: 30 },
          { name: 'firstByte', ms: 200 },
        ],
      }),
      slot(5.5, 900, { quality: busy }),
      slot(5.2, 700, timeout('5 s')),
      slot(3.5, 800, { verdict: 'probe_fault' }),
      slot(30, 5_000),
    ])
    await coordinator.ingest([slot(9.5, 50, { regionId: 'us-east' })])

    const query = { since: -10 * MINUTE_MS, buckets: 10 }
    const latency = await coordinator.get(getLatency, params, query)

    const gap = null
    expect(latency).toEqual({
      since: noon - 9 * MINUTE_MS,
      bucketMs: MINUTE_MS,
      buckets: 10,
      regions: latency.regions,
    })
    const shifted = await coordinator.get(getLatency, params, { ...query, until: noon - 1 })
    expect(shifted.since).toBe(noon - 10 * MINUTE_MS)
    expect(shifted.regions).toEqual([
      {
        regionId: 'eu-west',
        runs: [2, 0, 0, 0, 2, 0, 0, 0, 0, 0],
        failed: [0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        flagged: [0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        total: {
          p50: [100, gap, gap, gap, 700, gap, gap, gap, gap, gap],
          p95: [300, gap, gap, gap, 700, gap, gap, gap, gap, gap],
        },
        phases: {
          dns: {
            p50: [10, gap, gap, gap, gap, gap, gap, gap, gap, gap],
            p95: [30, gap, gap, gap, gap, gap, gap, gap, gap, gap],
          },
          firstByte: {
            p50: [200, gap, gap, gap, gap, gap, gap, gap, gap, gap],
            p95: [200, gap, gap, gap, gap, gap, gap, gap, gap, gap],
          },
        },
      },
      expect.objectContaining({ regionId: 'us-east', runs: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] }),
      expect.objectContaining({ regionId: 'ap-south', runs: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] }),
    ])
    const one = await coordinator.get(getLatency, params, { ...query, region: 'us-east' })
    expect(one.regions.map(({ regionId }) => regionId)).toEqual(['us-east'])
  })

  test.each([
    { name: 'too far back', query: { since: -LATENCY_REACH_MS_MAX - 1 }, status: 400 },
    { name: 'an end before its start', query: { since: noon, until: noon - 1 }, status: 400 },
    { name: 'too many buckets', query: { buckets: 201 }, status: 400 },
    { name: 'an unknown check', query: {}, checkId: 'nobody', status: 404 },
  ])('latencies are refused for $name', async ({ query, checkId = 'shop-home', status }) => {
    const coordinator = await start(database)
    const url = urlFor(getLatency, { checkId }, query)
    expect((await fetch(coordinator.address + url)).status).toBe(status)
  })

  test('failures are grouped by cause, and those of the probes are told apart', async () => {
    const coordinator = await start(database)
    const slot = (index: number, overrides: Partial<Run>) =>
      aRun({ slotAt: noon - 10 * MINUTE_MS + index * 10_000, ...overrides })
    const latest = slot(4, { ...timeout('7.5 s'), regionId: 'us-east' })
    await coordinator.ingest([
      slot(0, timeout('5 s')),
      slot(1, {}),
      slot(2, timeout('6 s')),
      slot(3, {
        verdict: 'failed',
        error: { type: 'connect.refused', message: '192.0.2.7 refused' },
      }),
      slot(5, {
        verdict: 'degraded',
        assertions: [
          { level: 'should', subject: 'total', expected: '≤ 800 ms', actual: '1 s', held: false },
        ],
      }),
      slot(6, { verdict: 'probe_fault', error: { type: 'probe.overload', message: 'too busy' } }),
      slot(-400, timeout('5 s')),
    ])
    await coordinator.ingest([latest])

    const { failures, probeFaults } = await coordinator.get(getFailures, params, {
      since: -15 * MINUTE_MS,
    })

    expect(failures.map(({ runs, message }) => [runs, message])).toEqual([
      [1, 'total: expected ≤ 800 ms, got 1 s'],
      [3, 'no result within 7.5 s'],
      [1, '192.0.2.7 refused'],
    ])
    expect(failures[1]).toMatchObject({
      verdict: 'failed',
      errorType: 'timeout',
      firstSlotAt: noon - 10 * MINUTE_MS,
      lastSlotAt: latest.slotAt,
      regionIds: ['eu-west', 'us-east'],
      lastRunId: latest.runId,
    })
    expect(probeFaults.map(({ errorType, runs }) => [errorType, runs])).toEqual([
      ['probe.overload', 1],
    ])
  })

  test('no more groups are told than a person reads, the latest first', async () => {
    const coordinator = await start(database)
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    const runs = Array.from({ length: 60 }, (_, index) =>
      aRun({
        slotAt: noon - 3_600_000 + index * 10_000,
        verdict: 'failed',
        error: {
          type: 'other',
          message: `${letters[Math.floor(index / 26)]}${letters[index % 26]}`,
        },
      }),
    )
    await coordinator.ingest(runs)
    const { failures } = await coordinator.get(getFailures, params)
    expect(failures).toHaveLength(50)
    expect(failures[0]?.lastRunId).toBe(runs.at(-1)?.runId)
  })
})
