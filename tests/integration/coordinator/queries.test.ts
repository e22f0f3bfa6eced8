import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { queryReaders } from '../../../src/coordinator/queries/registry.ts'
import type { Reading } from '../../../src/domain/signal/judge-reading.ts'
import {
  declareIncident,
  getIncident,
  listIncidents,
  listQueries,
} from '../../../src/protocol/public-api.ts'
import type { Query, QueryOf } from '../../../src/protocol/query.ts'
import { createHttpClient } from '../../../src/runtime/http-client.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { listenOnLoopback } from '../../support/listen.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000

type Asked = { method: string; url: URL; headers: IncomingMessage['headers']; body: string }
type Answered = { status?: number; body: object | string }

/** A system that is asked for numbers: keeps what it was asked, and answers as told. */
async function startSystem(answer: (asked: Asked) => Answered) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const one = {
      method: request.method ?? '',
      url: new URL(request.url ?? '', 'http://system'),
      headers: request.headers,
      body: await text(request),
    }
    asked.push(one)
    const { status = 200, body } = answer(one)
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  return { url: await listenOnLoopback(server), asked }
}

const common = { serviceId: 'storefront', everyMs: MINUTE, overMs: 5 * MINUTE, name: 'errors' }
const prometheus = (url: string, more: Partial<QueryOf<'prometheus'>> = {}): Query => ({
  ...{ ...common, id: 'p', kind: 'prometheus', url, query: 'sum(rate(errors{code=~"5.."}[5m]))' },
  ...{ alert: { above: 0.05, forMs: 0 } },
  ...more,
})
const loki = (url: string, more: Partial<QueryOf<'loki'>> = {}): Query => ({
  ...{ ...common, id: 'l', kind: 'loki', url, query: '{app="orders"}' },
  ...{ alert: { above: 0.05, forMs: 0 } },
  ...more,
})
const elasticsearch = (url: string, more: Partial<QueryOf<'elasticsearch'>> = {}): Query => ({
  ...{ ...common, id: 'e', kind: 'elasticsearch', url, index: 'logs-*' },
  ...{ alert: { above: 5, forMs: 0 } },
  ...more,
})

async function read(
  query: Query,
  secret?: string,
  scanned: (bytes: number) => void = () => undefined,
): Promise<Reading> {
  const http = createHttpClient()
  try {
    const reader = queryReaders[query.kind] as (
      of: Query,
      context: Parameters<(typeof queryReaders)['loki']>[1],
    ) => Promise<Reading>
    return await reader(query, {
      http,
      secret,
      signal: AbortSignal.timeout(5_000),
      now: () => noon,
      scanned,
    })
  } finally {
    await http.close()
  }
}

const vector = (...values: string[]) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: values.map((value) => ({ metric: {}, value: [1773586030.123, value] })),
  },
  warnings: [],
})

test.each([
  { why: 'a vector of one', body: vector('0.97'), reads: { kind: 'number', value: 0.97 } },
  {
    why: 'a scalar',
    body: { status: 'success', data: { resultType: 'scalar', result: [1, '3'] } },
    reads: { kind: 'number', value: 3 },
  },
  { why: 'an empty result is no data', body: vector(), reads: { kind: 'no_data' } },
  { why: 'NaN is no data', body: vector('NaN'), reads: { kind: 'no_data' } },
  { why: '+Inf is no data', body: vector('+Inf'), reads: { kind: 'no_data' } },
  { why: 'several series', body: vector('1', '2'), reads: { kind: 'unknown' } },
  {
    why: 'a query that is wrong',
    status: 400,
    body: { status: 'error', errorType: 'bad_data', error: 'parse error' },
    reads: { kind: 'unknown', reason: 'it answered 400: parse error' },
  },
  { why: 'overload', status: 503, body: 'busy', reads: { kind: 'unknown' } },
  { why: 'a page of a proxy', body: '<html>', reads: { kind: 'unknown' } },
  {
    why: 'a matrix',
    body: { status: 'success', data: { resultType: 'matrix', result: [] } },
    reads: { kind: 'unknown' },
  },
])('Prometheus: $why', async ({ status = 200, body, reads }) => {
  const { url, asked } = await startSystem(() => ({ status, body }))
  expect(await read(prometheus(url), 'token')).toMatchObject(reads)
  expect(asked).toMatchObject([
    {
      method: 'POST',
      url: { pathname: '/api/v1/query' },
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: 'Bearer token',
      },
    },
  ])
  expect(new URLSearchParams(asked[0]?.body).get('query')).toBe(
    'sum(rate(errors{code=~"5.."}[5m]))',
  )
})

test.each([
  { part: '5', whole: '100', reads: { kind: 'number', value: 0.05 } },
  { part: '5', whole: '9', reads: { kind: 'no_data' } },
  { part: '0', whole: '0', reads: { kind: 'no_data' } },
])('a share: $part of $whole', async ({ part, whole, reads }) => {
  const { url } = await startSystem(({ body }) => ({
    body: vector(body.includes('all') ? whole : part),
  }))
  const query = prometheus(url, {
    ratioOf: 'sum(all)',
    alert: { above: 0.05, forMs: 0, samplesMin: 10 },
  })
  expect(await read(query)).toMatchObject(reads)
})

test.each([
  { matching: vector('12'), lines: vector('120'), reads: { kind: 'number', value: 0.1 } },
  // There are lines, and none of them matches.
  { matching: vector(), lines: vector('120'), reads: { kind: 'number', value: 0 } },
  // There are no lines: nothing is known.
  { matching: vector(), lines: vector(), reads: { kind: 'no_data' } },
])('Loki: the share of lines that match a pattern', async ({ matching, lines, reads }) => {
  const { url, asked } = await startSystem((one) => ({
    body: one.url.searchParams.get('query')?.includes('|~') ? matching : lines,
  }))
  expect(await read(loki(url, { pattern: 'out-of-memory', tenant: 'shop' }))).toMatchObject(reads)
  expect(asked.map((one) => one.url.searchParams.get('query'))).toEqual([
    'sum(count_over_time({app="orders"} [300s]))',
    expect.stringMatching(
      /^sum\(count_over_time\(\{app="orders"\} \|~ "\(\?i\)\(out of memory\|.*\)" \[300s\]\)\)$/,
    ),
  ])
  expect(asked[0]).toMatchObject({
    method: 'GET',
    url: { pathname: '/loki/api/v1/query' },
    headers: { 'x-scope-orgid': 'shop' },
  })
})

test('Loki: what is refused is told in its plain words', async () => {
  const { url } = await startSystem(() => ({ status: 400, body: 'parse error at line 1' }))
  expect(await read(loki(url, { query: '{app=' }))).toEqual({
    kind: 'unknown',
    reason: 'it answered 400: parse error at line 1',
  })
})

const hits = (value: number, more: object = {}) => ({
  ...{ took: 3, timed_out: false, _shards: { total: 5, successful: 5, skipped: 0, failed: 0 } },
  hits: { total: { value, relation: 'eq' }, max_score: null, hits: [] },
  ...more,
})

test.each([
  { why: 'a count', body: hits(7), reads: { kind: 'number', value: 7 } },
  { why: 'none is none', body: hits(0), reads: { kind: 'number', value: 0 } },
  {
    why: 'counted up to a limit',
    body: hits(0, { hits: { total: { value: 10_000, relation: 'gte' } } }),
    reads: { kind: 'number', value: 10_000, atLeast: true },
  },
  { why: 'it timed out', body: hits(0, { timed_out: true }), reads: { kind: 'unknown' } },
  {
    why: 'a shard failed',
    body: hits(0, { _shards: { total: 5, successful: 4, failed: 1 } }),
    reads: { kind: 'unknown', reason: '1 of 5 shards failed' },
  },
  {
    why: 'no index has the name',
    body: hits(0, { _shards: { total: 0, successful: 0, failed: 0 } }),
    reads: { kind: 'no_data' },
  },
  {
    why: 'it is refused',
    status: 429,
    body: { error: { type: 'es_rejected_execution_exception', reason: 'full' }, status: 429 },
    reads: { kind: 'unknown', reason: 'it answered 429: es_rejected_execution_exception: full' },
  },
])('Elasticsearch: $why', async ({ status = 200, body, reads }) => {
  const { url, asked } = await startSystem(() => ({ status, body }))
  expect(await read(elasticsearch(url, { query: 'level:error' }), 'aWQ6a2V5')).toMatchObject(reads)
  expect(asked[0]).toMatchObject({
    method: 'POST',
    url: { pathname: '/logs-*/_search' },
    headers: { authorization: 'ApiKey aWQ6a2V5' },
  })
  expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
    size: 0,
    track_total_hits: true,
    query: {
      bool: {
        filter: [
          { range: { '@timestamp': { gte: 'now-300s' } } },
          { query_string: { query: 'level:error' } },
        ],
      },
    },
  })
})

test('Elasticsearch: the share of documents that match a pattern', async () => {
  const { url } = await startSystem(({ body }) => ({
    body: hits(body.includes('match_phrase') ? 3 : 60),
  }))
  expect(await read(elasticsearch(url, { pattern: 'disk-full' }))).toEqual({
    kind: 'number',
    value: 0.05,
  })
})

test.each(DATABASES)(
  'on %s a number that stays bad opens an incident; good for as long, it is over',
  async (database) => {
    const system = { value: '0.2', isDown: false }
    const { url, asked } = await startSystem(() =>
      system.isDown ? { status: 503, body: 'busy' } : { body: vector(system.value) },
    )
    const clock = movableClock(noon)
    const query = prometheus(url, {
      name: 'Orders that fail',
      alert: { above: 0.05, forMs: 2 * MINUTE },
      severity: 'SEV-1',
    })
    const coordinator = await startCoordinator({
      ...{ database, clock },
      fleet: aFleet({ queries: [query], checks: [], silentAfterMs: 86_400_000 }),
    })
    const next = async () => {
      const before = asked.length
      clock.advance(MINUTE)
      await until('it is asked again', () => asked.length > before)
    }
    const incident = async () => {
      const [summary] = (await coordinator.get(listIncidents)).data
      return summary && coordinator.get(getIncident, { incidentId: summary.id })
    }
    await until('it is asked at once', () => asked.length > 0)
    await next()
    expect(await incident()).toBeUndefined()
    await next()
    const opened = await until('an incident is open', incident)
    expect(opened).toMatchObject({
      headline: 'prometheus: Orders that fail',
      incident: {
        severity: 'SEV-1',
        impactStartedAt: noon,
        findings: [{ layer: 'metrics', reason: '0.2, above 0.05 is bad for 2 min' }],
      },
    })
    // It cannot be asked: nothing changes.
    system.isDown = true
    await next()
    await next()
    system.isDown = false
    system.value = '0.01'
    await next()
    await next()
    expect((await incident())?.incident.state).toBe('triage')
    await next()
    await until('it is over', async () => (await incident())?.incident.state === 'verifying')
  },
  30_000,
)

test('Elasticsearch: the distinct values of a field', async () => {
  const { url, asked } = await startSystem(() => ({
    body: hits(9_000, { aggregations: { distinct: { value: 2_391 } } }),
  }))
  const query = elasticsearch(url, { query: 'status:[500 TO 599]', distinct: 'client.ip' })
  expect(await read(query)).toEqual({ kind: 'number', value: 2_391 })
  expect(JSON.parse(asked[0]?.body ?? '').aggs).toEqual({
    distinct: { cardinality: { field: 'client.ip' } },
  })
})

const byZone = (zones: Record<string, string>) => ({
  status: 'success',
  data: {
    resultType: 'vector',
    result: Object.entries(zones).map(([zone, value]) => ({
      ...{ metric: { zone }, value: [1773586030.123, value] },
    })),
  },
})
const ZONES = { by: 'zone', alert: { above: 0.01, forMs: 0 } } as const

test('Prometheus: a share for each zone, with its counts', async () => {
  const { url } = await startSystem(({ body }) => ({
    body: body.includes('all')
      ? byZone({ a: '900', b: '1000', c: '0' })
      : byZone({ b: '380', gone: '5' }),
  }))
  const query = prometheus(url, {
    ...ZONES,
    query: 'sum by (zone) (e)',
    ratioOf: 'sum by (zone) (all)',
  })
  expect(await read(query)).toEqual({
    ...{ kind: 'number', value: 0.38 },
    table: {
      ...{ by: 'zone', isShare: true, more: 0, bad: 1, silent: 1 },
      rows: [
        { label: 'b', number: 0.38, part: 380, whole: 1_000, isBad: true },
        // Of that zone there is a whole, and none of it fails.
        { label: 'a', number: 0, part: 0, whole: 900, isBad: false },
      ],
    },
  })
})

test.each([
  {
    why: 'the share alone is given; of nothing there is none',
    body: byZone({ a: '0.001', b: '0.2', c: 'NaN' }),
    reads: { kind: 'number', value: 0.2, table: { rows: [{ label: 'b' }, { label: 'a' }] } },
  },
  { why: 'nothing is given', body: byZone({}), reads: { kind: 'no_data' } },
  {
    why: 'a zone has several series',
    body: vector('1', '2'),
    reads: { kind: 'unknown', reason: expect.stringContaining('sum by (zone) (…)') },
  },
  {
    why: 'there are too many',
    body: byZone(Object.fromEntries(Array.from({ length: 201 }, (_, index) => [index, '1']))),
    reads: { kind: 'unknown', reason: 'zone has 201 values; at most 200 are a table' },
  },
])('Prometheus by zone: $why', async ({ body, reads }) => {
  const { url } = await startSystem(() => ({ body }))
  expect(await read(prometheus(url, { ...ZONES, query: 'x' }))).toMatchObject(reads)
})

test('where no part is found at all, nothing is known of any zone', async () => {
  const { url } = await startSystem(({ body }) => ({
    body: body.includes('all') ? byZone({ a: '900' }) : byZone({}),
  }))
  const query = prometheus(url, { ...ZONES, query: 'misspelt', ratioOf: 'all' })
  expect(await read(query)).toMatchObject({ kind: 'no_data' })
})

test('Loki: the share of lines that match a pattern, for each zone', async () => {
  const { url, asked } = await startSystem((one) => ({
    body: one.url.searchParams.get('query')?.includes('|~')
      ? byZone({ b: '30' })
      : byZone({ a: '100', b: '100' }),
  }))
  expect(await read(loki(url, { ...ZONES, pattern: 'disk-full' }))).toMatchObject({
    ...{ kind: 'number', value: 0.3 },
    table: {
      rows: [
        { label: 'b', part: 30 },
        { label: 'a', number: 0 },
      ],
    },
  })
  expect(asked[0]?.url.searchParams.get('query')).toBe(
    'sum by (zone) (count_over_time({app="orders"} [300s]))',
  )
})

test('Elasticsearch: the share of documents for each value of a field', async () => {
  const buckets = (counts: Record<string, number>, rest = 0) =>
    hits(0, {
      aggregations: {
        by: {
          ...{ doc_count_error_upper_bound: 0, sum_other_doc_count: rest },
          buckets: Object.entries(counts).map(([key, doc_count]) => ({ key, doc_count })),
        },
      },
    })
  const system = { rest: 0 }
  const { url, asked } = await startSystem(({ body }) => ({
    body: body.includes('500') ? buckets({ b: 20 }) : buckets({ a: 100, b: 100 }, system.rest),
  }))
  const query = elasticsearch(url, {
    ...{ query: 'status:500', ratioOf: '*', by: 'cloud.zone' },
    alert: { above: 0.01, forMs: 0 },
  })
  expect(await read(query)).toMatchObject({
    ...{ kind: 'number', value: 0.2 },
    table: { by: 'cloud.zone', rows: [{ label: 'b', part: 20, whole: 100 }, { label: 'a' }] },
  })
  expect(JSON.parse(asked[0]?.body ?? '').aggs).toEqual({
    by: { terms: { field: 'cloud.zone', size: 200 } },
  })
  system.rest = 7
  expect(await read(query)).toEqual({
    kind: 'unknown',
    reason: 'cloud.zone has more than 200 values, which are no table',
  })
})

test('one bad zone opens an incident, whose card says that it is that zone alone', async () => {
  const { url } = await startSystem(({ body }) => ({
    body: body.includes('all') ? byZone({ a: '1000', b: '1000' }) : byZone({ a: '1', b: '380' }),
  }))
  const query = prometheus(url, {
    ...{ ...ZONES, name: 'Orders that fail', query: 'errors', ratioOf: 'all' },
  })
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock: movableClock(noon) },
    fleet: aFleet({ queries: [query], checks: [], silentAfterMs: 86_400_000 }),
  })
  const summary = await until(
    'an incident is open',
    async () => (await coordinator.get(listIncidents)).data[0],
  )
  const { incident, triage } = await until('its reading is kept', async () => {
    const shown = await coordinator.get(getIncident, { incidentId: summary.id })
    return shown.triage.affected.tables && shown
  })
  expect(incident.findings[0]?.reason).toMatch(/^zone b: 0\.38, above 0\.01 is bad/)
  expect(triage.affected.tables).toMatchObject([
    {
      ...{ queryId: 'p', name: 'Orders that fail', at: noon },
      segment: 'zone b only: 38 % (380 of 1,000), the other at most 0.1 %',
      table: { rows: [{ label: 'b' }, { label: 'a' }] },
    },
  ])
})

test('lines that are refused are compared with what is usual at this hour of the week', async () => {
  const share = { usual: 2, now: 8 }
  const { url, asked } = await startSystem(({ url: { searchParams } }) => {
    const matches = searchParams.get('query')?.includes('|~')
    const of = searchParams.has('time') ? share.usual : share.now
    return { body: vector(String(matches ? of : 100)) }
  })
  const query = loki(url, {
    ...{ name: 'Refused', pattern: 'connection-refused' },
    alert: { above: 0.001, timesBaseline: 5, forMs: 0 },
  })
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock },
    fleet: aFleet({ queries: [query], checks: [], silentAfterMs: 86_400_000 }),
  })
  const judged = (isBad: boolean) =>
    until(`it is ${isBad ? 'bad' : 'usual'}`, async () => {
      const answer = (await coordinator.get(listQueries)).data[0]?.last?.answer
      return answer?.kind === 'number' && answer.isBad === isBad
    })
  await judged(false)
  const times = asked.flatMap((one) => one.url.searchParams.get('time') ?? [])
  expect([...new Set(times)]).toEqual(
    [6, -1, -8, -15].map((day) => new Date(Date.UTC(2026, 2, day, 12, 30)).toISOString()),
  )
  expect((await coordinator.get(listIncidents)).data).toEqual([])

  // Within the hour what is usual is not asked for again.
  const before = asked.length
  share.now = 12
  clock.advance(MINUTE)
  await judged(true)
  expect(asked).toHaveLength(before + 2)
  const summary = await until(
    'an incident is open',
    async () => (await coordinator.get(listIncidents)).data[0],
  )
  const { incident } = await coordinator.get(getIncident, { incidentId: summary.id })
  expect(incident.findings[0]?.reason).toBe(
    '0.12, above 0.1 is bad for 0 ms; usual at this hour of the week is 0.02',
  )
})

test('what is usual is asked for anew where a stop came in between', async () => {
  const held = { is: true, count: 0 }
  const server = createServer((request, response) => {
    const ofBefore = new URL(request.url ?? '', 'http://loki').searchParams.has('time')
    if (ofBefore && held.is) held.count++
    else response.end(JSON.stringify(vector(ofBefore ? '1' : '100')))
  })
  const query = loki(await listenOnLoopback(server), {
    ...{ query: 'sum(count_over_time({app="orders"}[5m]))' },
    alert: { above: 10, timesBaseline: 5, forMs: 0 },
  })
  const clock = movableClock(noon)
  const location = await freshDatabase('sqlite')
  const fleet = aFleet({ queries: [query], checks: [], silentAfterMs: 86_400_000 })
  const start = () => startCoordinator({ database: location, clock, fleet })
  const first = await start()
  await until('the weeks before are asked for', () => held.count > 0)
  await first.stop()
  held.is = false
  clock.advance(MINUTE)
  const second = await start()
  await until('it is judged', async () => {
    const answer = (await second.get(listQueries)).data[0]?.last?.answer
    return answer?.kind === 'number' && answer.isBad
  })
})

test('how many users are affected is asked while an incident is open, and shown with what it counts', async () => {
  const { url, asked } = await startSystem(() => ({ body: vector('2391') }))
  const clock = movableClock(noon)
  const { alert: _, ...counting } = loki(url, {
    ...{ query: 'count(sum by (client) (…))', impact: 'users' },
    means: 'distinct client addresses, last 10 min',
  })
  const other = prometheus(url, { query: 'up' })
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock },
    fleet: aFleet({ queries: [counting as Query, other], checks: [], silentAfterMs: 86_400_000 }),
  })
  await until('what has an alert is asked', () => asked.length > 0)
  expect(asked.map((one) => one.url.pathname)).toEqual(['/api/v1/query'])
  await coordinator.post(
    declareIncident,
    {},
    {
      ...{ by: 'Ada', serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1' },
      reason: 'a customer called',
    },
  )
  const [summary] = (await coordinator.get(listIncidents)).data
  const users = await until('it is asked', async () => {
    const { triage } = await coordinator.get(getIncident, { incidentId: summary?.id ?? '' })
    return triage.affected.users?.asked && triage.affected.users
  })
  expect(users).toEqual({
    ...{ queryId: 'l', source: 'loki', means: 'distinct client addresses, last 10 min' },
    asked: { at: noon, answer: { kind: 'number', value: 2_391 } },
  })
})

test.each(DATABASES)('on %s a hold-down outlives a restart', async (database) => {
  const { url, asked } = await startSystem(() => ({ body: vector('0.2') }))
  const clock = movableClock(noon)
  const location = await freshDatabase(database)
  const query = prometheus(url, { alert: { above: 0.05, forMs: 2 * MINUTE } })
  const fleet = aFleet({ queries: [query], checks: [], silentAfterMs: 86_400_000 })
  const start = () => startCoordinator({ database: location, clock, fleet })
  const next = async () => {
    const before = asked.length
    clock.advance(MINUTE)
    await until('it is asked again', () => asked.length > before)
  }
  const first = await start()
  await until('it is asked at once', () => asked.length > 0)
  await next()
  await first.stop()
  const second = await start()
  expect(asked).toHaveLength(2)
  await next()
  const incident = await until(
    'it is open two minutes after the first bad reading',
    async () => (await second.get(listIncidents)).data[0],
  )
  expect(incident.impactStartedAt).toBe(noon)
  expect(asked).toHaveLength(3)
})
