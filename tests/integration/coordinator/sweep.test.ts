import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
  type Problem,
} from '../../../src/protocol/public-api.ts'
import type { Query } from '../../../src/protocol/query.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { listenOnLoopback } from '../../support/listen.ts'
import { listening } from '../../support/listening-regions.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const CHECK = aCheck('http', {
  id: 'shop-home',
  schedule: { kind: 'interval', everyMs: 300_000 },
  timeoutMs: 3_000,
})

/** Answers PromQL: a number for what it knows, nothing for the rest. */
async function startPrometheus() {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const query = new URLSearchParams(body).get('query') ?? ''
      const result = query === 'empty' ? [] : [{ metric: {}, value: [1, '0.2'] }]
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }))
    })
  })
  return listenOnLoopback(server)
}

const queryOf = (id: string, url: string, query: string): Query => ({
  ...{ id, name: id, kind: 'prometheus', url, query, serviceId: 'storefront' },
  ...{ everyMs: 60_000, overMs: 300_000, means: 'orders that fail, last 5 min' },
  alert: { above: 0.05, forMs: 3_600_000 },
})

async function declared(coordinator: TestCoordinator): Promise<string> {
  const { answer } = await coordinator.post(
    declareIncident,
    {},
    {
      ...{ by: 'Ada', serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1' },
      reason: 'a customer called',
    },
  )
  return answer.incident.id
}

const sweptEvent = async (coordinator: TestCoordinator, incidentId: string) =>
  (await coordinator.get(getIncident, { incidentId })).events.find(
    (event) => event.type === 'swept',
  )

describe.each(DATABASES)('on %s', (database) => {
  test('a sweep asks every query and runs every check at once, and pins what they said to the timeline', async () => {
    const clock = movableClock(noon)
    const url = await startPrometheus()
    const coordinator = await startCoordinator({
      ...{ database, clock },
      fleet: aFleet({
        checks: [CHECK, aCheck('http', { id: 'elsewhere', serviceId: 'other' })],
        services: ['storefront', 'other'].map((id) => ({
          ...{ id, name: id, tier: 'core' as const, owner: undefined },
        })),
        queries: [queryOf('order-errors', url, 'sum(errors)'), queryOf('empty', url, 'empty')],
        silentAfterMs: 86_400_000,
      }),
    })
    const held = await listening(coordinator, ['eu-west', 'us-east'])
    const incidentId = await declared(coordinator)
    const order = { by: 'Grace', commandId: 'sweep-number-one' }
    const first = await coordinator.post(INCIDENT_COMMANDS.sweep, { incidentId }, order)
    expect(first.status).toBe(200)
    const again = await coordinator.post(INCIDENT_COMMANDS.sweep, { incidentId }, order)
    expect(again.answer.isRepeated).toBe(true)
    const another = await coordinator.post(INCIDENT_COMMANDS.sweep, { incidentId }, { by: 'Ada' })
    expect(another.answer as Problem).toMatchObject({
      code: 'incident.no_change',
      detail: expect.stringContaining('under way'),
    })

    const [command] = (await held.get('eu-west')) ?? []
    expect(command).toMatchObject({ checkId: CHECK.id, reason: 'manual' })
    if (!command) return
    await coordinator.ingest([
      aRun({
        ...{ checkId: CHECK.id, regionId: 'eu-west', slotAt: noon + 1, startedAt: noon + 1 },
        ...{ verdict: 'failed', error: { type: 'timeout', message: 'no answer\nat all' } },
        command: { commandId: command.commandId, reason: 'manual' },
      }),
    ])
    await until('a run is not enough', async () => {
      const { events } = await coordinator.get(getIncident, { incidentId })
      return events.some(({ type }) => type === 'sweep_begun')
    })
    expect(await sweptEvent(coordinator, incidentId)).toBeUndefined()
    // The other region was told, and says nothing until its time is over.
    clock.advance(30_000)
    const swept = await until('it is over', () => sweptEvent(coordinator, incidentId))
    expect(swept).toMatchObject({
      actor: { kind: 'person', name: 'Grace' },
      result: {
        queries: [
          {
            ...{ queryId: 'order-errors', source: 'prometheus', asks: 'sum(errors)' },
            ...{ means: 'orders that fail, last 5 min', limit: 'above 0.05 is bad' },
            deadlineMs: 10_000,
            answer: { kind: 'number', value: 0.2, isBad: true },
          },
          { queryId: 'empty', answer: { kind: 'no_data', reason: 'the result is empty' } },
        ],
        checks: [
          {
            checkId: CHECK.id,
            regions: [
              { kind: 'run', regionId: 'eu-west', verdict: 'failed', message: 'no answer' },
              { kind: 'late', regionId: 'us-east' },
              { kind: 'unreachable', regionId: 'ap-south' },
            ],
          },
        ],
        left: 0,
      },
    })
  })

  test('a coordinator that dies in the middle of a sweep loses nothing: the next one ends it', async () => {
    const clock = movableClock(noon)
    const location = await freshDatabase(database)
    const fleet = aFleet({ checks: [CHECK], silentAfterMs: 86_400_000 })
    const coordinator = await startCoordinator({ database: location, clock, fleet })
    await listening(coordinator, ['eu-west'])
    const incidentId = await declared(coordinator)
    await coordinator.post(INCIDENT_COMMANDS.sweep, { incidentId }, { by: 'Ada' })
    await coordinator.stop()
    clock.advance(60_000)
    const next = await startCoordinator({ database: location, clock, fleet })
    const swept = await until('it is over', () => sweptEvent(next, incidentId))
    expect(swept?.type === 'swept' && swept.result.checks[0]?.regions).toMatchObject([
      { kind: 'late', regionId: 'eu-west' },
      { kind: 'unreachable' },
      { kind: 'unreachable' },
    ])
  })
})

test('what cannot be swept is refused with its reason', async () => {
  const clock = movableClock(noon)
  const fleet = aFleet({ checks: [], silentAfterMs: 86_400_000 })
  const coordinator = await startCoordinator({ database: 'sqlite', clock, fleet })
  const incidentId = await declared(coordinator)
  const { status, answer } = await coordinator.post(
    INCIDENT_COMMANDS.sweep,
    { incidentId },
    { by: 'Ada' },
  )
  expect([status, answer.detail]).toEqual([
    409,
    'no query and no check that a probe can run is defined for its services',
  ])
})
