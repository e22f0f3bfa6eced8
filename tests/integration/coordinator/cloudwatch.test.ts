import { expect, test } from 'vitest'
import { readCloudwatch } from '../../../src/coordinator/queries/cloudwatch.ts'
import type { Query, QueryOf } from '../../../src/protocol/query.ts'
import { createHttpClient } from '../../../src/runtime/http-client.ts'
import { at } from '../../support/builders.ts'
import { AWS_KEYS, startCloudwatchLogs } from '../../support/cloudwatch-logs.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const SECRET = `${AWS_KEYS.accessKeyId}:${AWS_KEYS.secretAccessKey}`
const MINUTE = 60_000

const queryOf = (url: string, more: Partial<QueryOf<'cloudwatch'>> = {}) => ({
  ...{ id: 'order-errors', name: 'order-errors', kind: 'cloudwatch' as const, url },
  ...{ region: 'eu-west-1', secret: 'AWS_LOGS', logGroups: ['/shop/orders'] },
  ...{ query: 'filter level = "error" | stats count(*) as value' },
  ...{ serviceId: 'storefront', everyMs: 5 * MINUTE, overMs: 10 * MINUTE },
  alert: { above: 5, forMs: 0 },
  ...more,
})

async function read(
  query: QueryOf<'cloudwatch'>,
  { secret = SECRET, withinMs = 5_000 }: { secret?: string; withinMs?: number } = {},
) {
  const http = createHttpClient()
  let bytes = 0
  try {
    const reading = await readCloudwatch(query, {
      ...{ http, secret, signal: AbortSignal.timeout(withinMs), now: () => noon + 400 },
      scanned: (count) => {
        bytes += count
      },
    })
    return { reading, bytes }
  } finally {
    await http.close()
  }
}

const row = (...fields: [string, string][]) => [fields.map(([field, value]) => ({ field, value }))]
const statistics = { recordsMatched: 30, recordsScanned: 1_500, bytesScanned: 4_096 }

test('a query is started with its time in seconds, waited for, and counted for what it scanned', async () => {
  const { url, calls } = await startCloudwatchLogs(() => ({
    ...{ running: 1, statistics },
    results: row(['value', '17'], ['@ptr', 'x']),
  }))
  expect(await read(queryOf(url))).toEqual({
    reading: { kind: 'number', value: 17 },
    bytes: 4_096,
  })
  expect(calls).toEqual([
    {
      operation: 'StartQuery',
      body: {
        logGroupNames: ['/shop/orders'],
        startTime: Math.floor((noon + 400 - 10 * MINUTE) / 1_000),
        endTime: noon / 1_000 + 1,
        queryString: 'filter level = "error" | stats count(*) as value',
        limit: 2,
      },
    },
    { operation: 'GetQueryResults', body: { queryId: 'query-1' } },
    { operation: 'GetQueryResults', body: { queryId: 'query-1' } },
  ])
})

test.each([
  { why: 'nothing matched', becomes: { results: [] }, reads: { kind: 'no_data' } },
  {
    why: 'several rows',
    becomes: { results: [...row(['value', '1']), ...row(['value', '2'])] },
    reads: { kind: 'unknown' },
  },
  {
    why: 'several fields',
    becomes: { results: row(['bin', '1'], ['value', '2']) },
    reads: { kind: 'unknown' },
  },
  { why: 'no number', becomes: { results: row(['value', '']) }, reads: { kind: 'no_data' } },
  {
    why: 'it timed out there',
    becomes: { status: 'Timeout' },
    reads: { kind: 'unknown', reason: 'the query ended as Timeout' },
  },
  {
    why: 'too many at once',
    becomes: { refuse: 'LimitExceededException', message: 'concurrency' },
    reads: { kind: 'unknown', reason: 'it answered 400: LimitExceededException: concurrency' },
  },
  {
    why: 'a query that is wrong',
    becomes: { refuse: 'MalformedQueryException', message: 'unexpected |' },
    reads: { kind: 'unknown', reason: 'it answered 400: MalformedQueryException: unexpected |' },
  },
])('$why', async ({ becomes, reads }) => {
  const { url } = await startCloudwatchLogs(() => becomes)
  expect((await read(queryOf(url))).reading).toMatchObject(reads)
})

test('with a pattern the number is the share of what was scanned, by one query', async () => {
  const { url, calls } = await startCloudwatchLogs(() => ({
    results: row(['count(*)', '30']),
    statistics,
  }))
  const { query: _, ...query } = queryOf(url, { pattern: 'disk-full' })
  expect(await read(query)).toEqual({
    reading: { kind: 'number', value: 0.02 },
    bytes: 4_096,
  })
  expect(calls[0]?.body.queryString).toBe(
    'filter @message like /(?i)(no space left on device|ENOSPC|disk full|disk quota exceeded)/ | stats count(*)',
  )
  expect(calls.filter(({ operation }) => operation === 'StartQuery')).toHaveLength(1)
})

test('a share of another query', async () => {
  const { url } = await startCloudwatchLogs((text) => ({
    results: row(['value', text.includes('error') ? '5' : '200']),
  }))
  const query = queryOf(url, { ratioOf: 'stats count(*) as value' })
  expect((await read(query)).reading).toEqual({ kind: 'number', value: 0.025 })
})

test('what nobody waits for any more is stopped, because it costs', async () => {
  const { url, calls } = await startCloudwatchLogs(() => ({ running: 1_000 }))
  await expect(read(queryOf(url), { withinMs: 700 })).rejects.toThrow()
  await until('it is stopped', () => calls.some(({ operation }) => operation === 'StopQuery'))
})

test.each([
  { why: 'keys that are not its own', secret: 'AKIDEXAMPLE:wrong', says: /InvalidSignature/ },
  { why: 'half a key', secret: 'AKIDEXAMPLE', says: /<access key id>:<secret access key>/ },
])('$why', async ({ secret, says }) => {
  const { url } = await startCloudwatchLogs(() => ({ results: row(['value', '1']) }))
  const { reading } = await read(queryOf(url), { secret })
  expect(reading).toMatchObject({ kind: 'unknown', reason: expect.stringMatching(says) })
  expect(JSON.stringify(reading)).not.toContain('wrong')
})

test.each(DATABASES)(
  'on %s a query that has scanned what it may in a day is not asked again until the next, also after a restart',
  async (database) => {
    const { url, calls } = await startCloudwatchLogs(() => ({
      results: row(['value', '1']),
      statistics: { ...statistics, bytesScanned: 600 },
    }))
    const started = () => calls.filter(({ operation }) => operation === 'StartQuery').length
    const clock = movableClock(noon)
    const query: Query = queryOf(url, { scanBytesMax: 1_000 })
    const location = await freshDatabase(database)
    const start = () =>
      startCoordinator({
        ...{ database: location, clock, secrets: { AWS_LOGS: SECRET } },
        fleet: aFleet({ queries: [query], checks: [], silentAfterMs: 7 * 86_400_000 }),
      })
    let coordinator = await start()
    const metric = async (name: RegExp) =>
      Number(
        name.exec(await (await fetch(`${coordinator.address}/metrics`)).text())?.[1] ?? Number.NaN,
      )
    const scanned = () => metric(/^synthetics_queries_scanned_total\{[^}]*\} (\d+)/m)
    const unknown = () =>
      metric(/^synthetics_queries_readings_total\{[^}]*outcome="unknown"[^}]*\} (\d+)/m)
    await until('it is asked', async () => (await scanned()) === 600)
    clock.advance(5 * MINUTE)
    await until('it is asked again', async () => (await scanned()) === 1_200)
    await coordinator.stop()
    clock.advance(5 * MINUTE)
    coordinator = await start()
    await until('it is refused', async () => (await unknown()) === 1)
    expect(started()).toBe(2)
    clock.advance(86_400_000)
    await until('it is asked the next day', () => started() === 3)
  },
)
