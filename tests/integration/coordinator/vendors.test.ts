import { createServer } from 'node:http'
import { describe, expect, test } from 'vitest'
import { getIncident, listIncidents } from '../../../src/protocol/public-api.ts'
import type { Vendor } from '../../../src/protocol/signal.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES, type Database } from '../../support/databases.ts'
import { listenOnLoopback } from '../../support/listen.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')

/** A status page as Atlassian Statuspage serves it, and what a page may do instead. */
async function startStatuspage() {
  const page = {
    url: '',
    /** How often it was read, and how often it was said that nothing is new. */
    read: 0,
    unchanged: 0,
    status: 'operational',
    incidents: [] as object[],
    misbehave: undefined as 'down' | 'no json' | 'another form' | 'too large' | undefined,
  }
  const component = (id: string, name: string, status: string) => ({
    ...{ id, name, status, created_at: '2020-01-01T00:00:00.000Z', position: 1 },
    ...{ description: null, showcase: true, start_date: null, group_id: null, page_id: 'p' },
    ...{ group: false, only_show_if_degraded: false },
  })
  const server = createServer((request, response) => {
    if (request.url !== '/api/v2/summary.json') return response.writeHead(404).end()
    page.read++
    if (page.misbehave === 'down') return response.writeHead(503).end('maintenance')
    if (page.misbehave === 'no json') return response.end('<html>')
    if (page.misbehave === 'another form') return response.end('{"components":"none"}')
    if (page.misbehave === 'too large') return response.end(`{"a":"${'x'.repeat(2_000_000)}"}`)
    const etag = `"${page.status}-${page.incidents.length}"`
    if (request.headers['if-none-match'] === etag) {
      page.unchanged++
      return response.writeHead(304).end()
    }
    response.writeHead(200, { 'content-type': 'application/json', etag })
    return response.end(
      JSON.stringify({
        page: { id: 'p', name: 'Payments', url: page.url, time_zone: 'Etc/UTC' },
        status: { indicator: 'none', description: 'All Systems Operational' },
        components: [
          component('c1', 'API', page.status),
          component('c2', 'Dashboard', 'major_outage'),
        ],
        incidents: page.incidents,
        scheduled_maintenances: [],
      }),
    )
  })
  page.url = await listenOnLoopback(server)
  return page
}

async function start(database: Database) {
  const page = await startStatuspage()
  const clock = movableClock(noon)
  const vendor: Vendor = {
    ...{ id: 'payments', name: 'Payments Inc.', url: page.url, components: ['API'] },
    ...{ serviceId: 'storefront', everyMs: 60_000 },
    severities: { minor: 'SEV-4', major: 'SEV-3', critical: 'SEV-1' },
  }
  const coordinator = await startCoordinator({
    ...{ database, clock },
    fleet: aFleet({ vendors: [vendor], checks: [], silentAfterMs: 86_400_000 }),
  })
  /** Waits until the page was read once more, after the interval. */
  const lookAgain = async () => {
    const before = page.read
    clock.advance(60_000)
    await until('the page is read', () => page.read > before)
  }
  const incident = async () => {
    const [summary] = (await coordinator.get(listIncidents, {}, {})).data
    return summary && (await coordinator.get(getIncident, { incidentId: summary.id }))
  }
  await until('the page is read at once', () => page.read > 0)
  return { page, clock, coordinator, lookAgain, incident }
}

describe.each(DATABASES)('on %s', (database) => {
  test("a vendor's trouble with what we use is a finding, becomes worse, and is over", async () => {
    const { page, lookAgain, incident } = await start(database)
    await lookAgain()
    expect(page.unchanged).toBe(1)
    expect(await incident()).toBeUndefined()

    page.status = 'partial_outage'
    await lookAgain()
    const opened = await until('an incident is open', incident)
    expect(opened).toMatchObject({
      headline: 'Payments Inc.: API: partial outage',
      incident: {
        severity: 'SEV-3',
        findings: [
          { layer: 'vendors', source: { name: 'Payments Inc.', link: expect.any(String) } },
        ],
      },
      triage: { corroboration: { seen: [{ layer: 'vendors', findings: 1 }] } },
    })

    page.status = 'major_outage'
    await lookAgain()
    await until('it is worse', async () => (await incident())?.incident.severity === 'SEV-1')

    page.status = 'operational'
    await lookAgain()
    await until('it is over', async () => {
      const { incident: now, events } = (await incident()) ?? {}
      return (
        now?.state === 'verifying' &&
        events?.some(
          (event) =>
            event.type === 'finding_cleared' &&
            event.reason === 'its status page says that all is well',
        )
      )
    })
  }, 40_000)
})

test('a page that cannot be read is unknown, and changes nothing', async () => {
  const { page, lookAgain, incident } = await start('sqlite')
  page.status = 'partial_outage'
  await lookAgain()
  const opened = await until('an incident is open', incident)
  for (const misbehave of ['down', 'no json', 'another form', 'too large'] as const) {
    page.misbehave = misbehave
    await lookAgain()
  }
  // One look more, so that what was made of the one before is certain.
  await lookAgain()
  expect((await incident())?.incident).toEqual(opened.incident)
})

test('an incident that touches what we use is one since it began, whatever the component says', async () => {
  const { page, lookAgain, incident } = await start('sqlite')
  const anIncident = (touched: string) => ({
    ...{ id: touched, name: `Trouble with ${touched}`, status: 'investigating', impact: 'major' },
    ...{ created_at: '2026-03-13T11:50:00.000Z', started_at: '2026-03-13T11:48:00.000Z' },
    ...{ shortlink: 'https://stspg.io/x', page_id: 'p', resolved_at: null, monitoring_at: null },
    components: [],
    incident_updates: [
      {
        ...{ id: 'u', status: 'investigating', body: '…' },
        affected_components: [
          { code: 'c', name: touched, old_status: 'operational', new_status: 'operational' },
        ],
      },
    ],
  })
  page.incidents = [anIncident('Dashboard')]
  await lookAgain()
  page.incidents = [anIncident('Dashboard'), anIncident('API')]
  await lookAgain()
  const opened = await until('an incident is open', incident)
  expect(opened).toMatchObject({
    headline: 'Payments Inc.: Trouble with API',
    incident: {
      impactStartedAt: at('2026-03-13T11:48:00Z'),
      findings: [{ source: { link: 'https://stspg.io/x' } }],
    },
  })
})
