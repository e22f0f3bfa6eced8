import { expect, onTestFinished, test } from 'vitest'
import { readCloudwatch } from '../../../src/coordinator/queries/cloudwatch.ts'
import { readElasticsearch } from '../../../src/coordinator/queries/elasticsearch.ts'
import { readLoki } from '../../../src/coordinator/queries/loki.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../src/protocol/public-api.ts'
import type { Query, QueryOf } from '../../../src/protocol/query.ts'
import { createHttpClient } from '../../../src/runtime/http-client.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { json, startMessageService } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const WEEK = 7 * 24 * 60 * MINUTE
const INCIDENT = { incidentId: 'INC-1' }

/** Prometheus' instant query: 100 a week ago, and now whatever it is told. */
async function startPrometheus() {
  const now = { orders: 100 }
  const asked: (number | undefined)[] = []
  const service = await startMessageService(({ path, body }) => {
    const form = new URLSearchParams(body)
    const time = form.get('time')
    if (path !== '/api/v1/query' || form.get('query') !== 'orders') return json(400, {})
    asked.push(time === null ? undefined : at(time))
    const value = time === null ? now.orders : 100
    return json(200, {
      status: 'success',
      data: { resultType: 'vector', result: [{ metric: {}, value: [0, String(value)] }] },
    })
  })
  return { url: service.url, now, asked }
}

test.each(DATABASES)(
  'customers who stay away hold the door, and it opens when they are back, on %s',
  async (database) => {
    const prometheus = await startPrometheus()
    const query: Query = {
      ...{ id: 'orders', name: 'Orders', serviceId: 'storefront', kind: 'prometheus' },
      ...{ url: prometheus.url, query: 'orders', everyMs: MINUTE, overMs: 5 * MINUTE },
    }
    const clock = movableClock(noon + MINUTE)
    const fleet = aFleet({
      silentAfterMs: WEEK,
      checks: [],
      queries: [query],
      services: [
        {
          ...{ id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined },
          throughput: { queryId: 'orders', shareMin: 0.8, isRequired: true },
        },
      ],
    })
    const coordinator = await startCoordinator({ database, clock, fleet })
    const by = 'ada'
    const declared = { serviceId: 'storefront', title: 'No orders', severity: 'SEV-3' }
    await coordinator.post(declareIncident, {}, { by, ...declared, reason: 'none came' })
    const shown = () => coordinator.get(getIncident, INCIDENT)
    const throughput = async () =>
      (await shown()).gate?.conditions.find(({ name }) => name === 'throughput')
    // Nobody asks before it is verified.
    expect(prometheus.asked).toEqual([])

    prometheus.now.orders = 20
    await coordinator.post(INCIDENT_COMMANDS.mitigated, INCIDENT, { by, note: 'rolled back' })
    for (const readings of [1, 2]) {
      await until(`${readings} readings`, async () =>
        (await throughput())?.reason.startsWith(`Orders: ${readings} of 3 readings`),
      )
      expect(await throughput()).toMatchObject({ state: 'waiting' })
      clock.advance(MINUTE)
    }
    const restart = await until('the time begins anew', async () =>
      (await shown()).events.find(({ type }) => type === 'gate_restarted'),
    )
    expect(restart).toMatchObject({
      condition: 'throughput',
      reason: 'Orders is 20, 20 % of the 100 of this hour last week; at least 80 % is asked for',
    })
    expect(prometheus.asked.filter((time) => time !== undefined)).toEqual(
      [10, 30, 50].map((minutes) => noon - WEEK + minutes * MINUTE),
    )

    prometheus.now.orders = 95
    for (const readings of [1, 2, 3]) {
      const before = prometheus.asked.length
      clock.advance(MINUTE)
      await until(`reading ${readings}`, () => prometheus.asked.length > before)
    }
    await until('it does as much as last week', async () => (await throughput())?.state === 'met')
  },
)

test('each kind of query can be asked about another time', async () => {
  const service = await startMessageService(({ path }) =>
    path.includes('_search')
      ? json(200, {
          timed_out: false,
          _shards: { total: 1, failed: 0 },
          hits: { total: { value: 7, relation: 'eq' } },
        })
      : path.startsWith('/loki')
        ? json(200, { status: 'success', data: { resultType: 'scalar', result: [0, '7'] } })
        : json(200, {
            ...{ queryId: 'q', status: 'Complete' },
            results: [[{ field: 'value', value: '7' }]],
          }),
  )
  const http = createHttpClient()
  onTestFinished(() => http.close())
  const common = {
    ...{ id: 'orders', name: 'Orders', serviceId: 'storefront', url: service.url },
    ...{ query: 'orders', everyMs: MINUTE, overMs: 5 * MINUTE },
  }
  const context = {
    ...{ http, signal: AbortSignal.timeout(10_000), at: noon, scanned: () => undefined },
    ...{ now: () => noon + WEEK, secret: 'key-id:key' },
  }
  const loki: QueryOf<'loki'> = { ...common, kind: 'loki' }
  const elasticsearch: QueryOf<'elasticsearch'> = {
    ...common,
    kind: 'elasticsearch',
    index: 'orders',
  }
  const cloudwatch: QueryOf<'cloudwatch'> = {
    ...common,
    ...{ kind: 'cloudwatch', region: 'eu-west-1', secret: 'AWS', logGroups: ['orders'] },
  }
  for (const reading of [
    await readLoki(loki, context),
    await readElasticsearch(elasticsearch, context),
    await readCloudwatch(cloudwatch, context),
  ])
    expect(reading).toEqual({ kind: 'number', value: 7 })
  const [first, second, third] = service.taken
  expect(new URL(first?.path ?? '', service.url).searchParams.get('time')).toBe(
    '2026-03-13T12:00:00.000Z',
  )
  expect(JSON.parse(second?.body ?? '').query.bool.filter[0].range['@timestamp']).toEqual({
    ...{ gte: noon - 5 * MINUTE, lt: noon, format: 'epoch_millis' },
  })
  expect(JSON.parse(third?.body ?? '')).toMatchObject({
    startTime: (noon - 5 * MINUTE) / 1_000,
    endTime: noon / 1_000,
  })
})
