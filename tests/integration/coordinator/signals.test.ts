import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { getIncident, listIncidents, urlFor } from '../../../src/protocol/public-api.ts'
import { SignalSource } from '../../../src/protocol/signal.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinatorOptions } from '../../support/coordinator.ts'
import { coordinatorProcess } from '../../support/coordinator-process.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'
import { fleetFolder } from '../definitions/fleet-folder.ts'

const noon = at('2026-03-13T12:00:00Z')
const TOKEN = 'alertmanager-token'
const PAGERDUTY_SECRET = 'pagerduty-secret'

const sources = [
  {
    id: 'prometheus-main',
    kind: 'alertmanager',
    name: 'Alertmanager',
    secret: 'ALERTMANAGER_TOKEN',
    service: { from: 'service', otherwise: 'storefront' },
    severity: { from: 'severity', map: { page: 'SEV-1' } },
  },
  { id: 'pd', kind: 'pagerduty', secret: 'PD_SECRET', service: 'storefront' },
].map((source) => SignalSource.parse(source))

const alert = (fingerprint: string, overrides: object = {}) => ({
  status: 'firing',
  labels: { alertname: 'HighErrorRate', service: 'storefront', severity: 'page' },
  annotations: { summary: `5xx above 5 % (${fingerprint})` },
  startsAt: '2026-03-13T11:58:00Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph',
  fingerprint,
  ...overrides,
})
const group = (...alerts: object[]) => ({ version: '4', status: 'firing', alerts })

async function start(
  database: TestCoordinatorOptions['database'],
  limits: TestCoordinatorOptions['limits'] = {},
) {
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    database,
    clock,
    limits,
    secrets: { ALERTMANAGER_TOKEN: TOKEN, PD_SECRET: PAGERDUTY_SECRET },
    fleet: aFleet({ signalSources: sources }),
  })
  const send = (source: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${coordinator.address}/api/v1/signals/${source}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    })
  const sendAlerts = (...alerts: object[]) =>
    send('prometheus-main', group(...alerts), { authorization: `Bearer ${TOKEN}` })
  const incident = async () => {
    const [summary] = (await coordinator.get(listIncidents)).data
    return summary && (await coordinator.get(getIncident, { incidentId: summary.id })).incident
  }
  return { clock, coordinator, send, sendAlerts, incident }
}

describe.each(DATABASES)('on %s', (database) => {
  test('an alert opens an incident, a repetition changes nothing, its end clears it', async () => {
    const { coordinator, sendAlerts, incident } = await start(database)
    expect((await sendAlerts(alert('a'))).status).toBe(200)
    const opened = await until('an incident is open', incident)
    expect(opened).toMatchObject({
      severity: 'SEV-1',
      serviceId: 'storefront',
      impactStartedAt: at('2026-03-13T11:58:00Z'),
      findings: [
        {
          key: 'signal:prometheus-main:a',
          kind: 'signal',
          layer: 'metrics',
          source: { name: 'Alertmanager', link: 'http://prometheus:9090/graph' },
        },
      ],
    })
    const { data } = await coordinator.get(listIncidents)
    expect(data[0]?.headline).toBe('Alertmanager: 5xx above 5 % (a)')

    await sendAlerts(alert('a'), alert('b'))
    const joined = await until('the other joins', async () => {
      const now = await incident()
      return now?.findings.length === 2 && now
    })
    await sendAlerts(alert('a'), alert('b'))
    await sendAlerts(alert('a', { status: 'resolved' }))
    const cleared = await until('the first is over', async () => {
      const now = await incident()
      return now?.findings.some(({ clearedAt }) => clearedAt !== undefined) && now
    })
    expect(cleared.lastSequence).toBe(joined.lastSequence + 1)
    expect(cleared.state).toBe('triage')

    await sendAlerts(alert('b', { status: 'resolved' }))
    await until('it is verified', async () => (await incident())?.state === 'verifying')
    // One that was on its way for long says nothing new.
    await sendAlerts(alert('a'))
    await sendAlerts(alert('c', { status: 'resolved' }))
    await until('both were looked at', async () => {
      const response = await fetch(`${coordinator.address}/api/v1/signals`)
      const { data } = (await response.json()) as { data: { key: string; times: number }[] }
      return data.some(({ key }) => key === 'c') && data.find(({ key }) => key === 'a')?.times === 5
    })
    expect((await incident())?.state).toBe('verifying')
  })

  test('who does not prove who it is changes nothing', async () => {
    const { send, coordinator } = await start(database)
    const body = JSON.stringify({
      event: {
        id: 'e',
        event_type: 'incident.triggered',
        occurred_at: '2026-03-13T11:59:00Z',
        data: { id: 'P1', title: 'orders return 500' },
      },
    })
    const sign = (secret: string) => ({
      'x-pagerduty-signature': `v1=${createHmac('sha256', secret).update(body).digest('hex')}`,
    })
    const refused = [
      await send('prometheus-main', group(alert('a'))),
      await send('prometheus-main', group(alert('a')), { authorization: 'Bearer other' }),
      await send('nobody', group(alert('a')), { authorization: `Bearer ${TOKEN}` }),
      await send('pd', body, sign('another')),
    ]
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401])
    expect(await refused[0]?.json()).toMatchObject({ code: 'signal.refused' })
    expect((await send('pd', body, sign(PAGERDUTY_SECRET))).status).toBe(200)
    await until('the signed one opened an incident', async () => {
      const { data } = await coordinator.get(listIncidents)
      return data[0]?.headline === 'pd: orders return 500'
    })
  })

  test('what is malformed is refused for good, and too much for now', async () => {
    const { send, sendAlerts } = await start(database, { inboxDeliveriesMax: 0 })
    const authorization = `Bearer ${TOKEN}`
    const odd = await send('prometheus-main', '{"version":', { authorization })
    expect(odd.status).toBe(400)
    const older = await send('prometheus-main', { version: '3', alerts: [] }, { authorization })
    expect(older.status).toBe(400)
    expect(await older.json()).toMatchObject({ detail: expect.stringContaining('version') })
    const large = await send('prometheus-main', ' '.repeat(3_000_000), { authorization })
    expect(large.status).toBe(413)
    const many = await sendAlerts(alert('a'))
    expect(many.status).toBe(503)
    expect(many.headers.get('retry-after')).not.toBeNull()
  })
})

test.each(DATABASES)('on %s what a source said ends with the source', async (kind) => {
  const database = await freshDatabase(kind)
  const { clock, coordinator, sendAlerts, incident } = await start(database)
  await sendAlerts(alert('a'))
  await until('an incident is open', incident)
  await coordinator.stop()
  const later = await startCoordinator({ database, clock, fleet: aFleet() })
  const { incident: now, events } = await later.get(getIncident, { incidentId: 'INC-1' })
  expect(now.state).toBe('verifying')
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'finding_cleared',
      reason: 'its source is no longer defined',
    }),
  )
})

const LIVES = 2
const DELIVERIES = 40
/** Most of it is starting the coordinator. */
const LIVES_MS = 60_000

test(
  'what was answered survives kill -9 of the coordinator',
  async () => {
    const definitions = await fleetFolder({
      'config/signals.yaml': `sources:
  - { id: prometheus-main, kind: alertmanager, name: Alertmanager, secret: ALERTMANAGER_TOKEN, service: shop }
`,
    })
    const coordinator = await coordinatorProcess('sqlite', {
      definitions,
      environment: () => ({ ALERTMANAGER_TOKEN: TOKEN }),
    })
    const answered: string[] = []
    const deliver = async (fingerprint: string) => {
      const response = await fetch(`${coordinator.url}/api/v1/signals/prometheus-main`, {
        method: 'POST',
        body: JSON.stringify(group(alert(fingerprint))),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
      })
      expect(response.status).toBe(200)
      answered.push(fingerprint)
    }
    for (let life = 1; life <= LIVES; life++) {
      await coordinator.start()
      const before = answered.length
      const sent = Array.from({ length: DELIVERIES }, (_, index) => deliver(`${life}-${index}`))
      // In the middle of them: some wait for the loop that reads them, others have no answer yet.
      await Promise.any(sent)
      await coordinator.kill()
      await Promise.allSettled(sent)
      expect(answered.length).toBeGreaterThan(before)
    }
    await coordinator.start()
    const read = async <T>(contract: { response: z.ZodType<T> }, path: string) =>
      contract.response.parse(await (await fetch(`${coordinator.url}${path}`)).json())
    await until('each that was answered is a finding', async () => {
      const { data } = await read(listIncidents, urlFor(listIncidents))
      if (!data[0]) return false
      const path = urlFor(getIncident, { incidentId: data[0].id })
      const { incident } = await read(getIncident, path)
      const found = incident.findings.map(({ key }) => key).join(' ')
      return answered.every((fingerprint) => found.includes(fingerprint))
    })
    await coordinator.kill()
  },
  LIVES_MS,
)

test('a flood of one address is refused for now, not for good', async () => {
  const { send } = await start('sqlite')
  const statuses = new Set<number>()
  let last: Response | undefined
  for (let sent = 0; sent < 1_300 && last?.status !== 503; sent += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => send('nobody', '{}')))
    last = answers.at(-1)
    for (const { status } of answers) statuses.add(status)
  }
  expect(statuses).toEqual(new Set([401, 503]))
  expect(Number(last?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await last?.json()).toMatchObject({
    code: 'signal.too_many',
    detail: expect.stringContaining('1200 deliveries within a minute'),
  })
})
