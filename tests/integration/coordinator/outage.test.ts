import { describe, expect, test } from 'vitest'
import { getIncidentMatrix } from '../../../src/protocol/incident-matrix.ts'
import { getIncident, getNow, listIncidents } from '../../../src/protocol/public-api.ts'
import { aRun, at } from '../../support/builders.ts'
import { startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { stayClean } from '../../support/stay-clean.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const REGIONS = ['eu-west', 'us-east', 'ap-south']

const bad = (overrides = {}) =>
  aRun({
    verdict: 'failed',
    error: { type: 'assertion', message: 'status: expected 2xx, got 502' },
    ...overrides,
  })

const openIncidents = async (coordinator: TestCoordinator) =>
  (await coordinator.get(listIncidents, {}, { state: 'open' })).data

/** The alert has looked at everything that was sent. */
const evaluated = (coordinator: TestCoordinator, reason: RegExp) =>
  until(`the alert says ${reason}`, async () => {
    const now = await coordinator.get(getNow)
    const found = now.services[0]?.checks[0]?.alert.reason ?? ''
    if (!reason.test(found)) throw new Error(found)
    return true
  })

describe.each(DATABASES)('on %s', (database) => {
  test('two regions that fail open one incident with its reasons and evidence; it recovers, verifies and is restored', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock })
    await coordinator.ingest([bad({ regionId: 'eu-west', slotAt: noon, startedAt: noon })])
    await evaluated(coordinator, /eu-west/)
    expect(await openIncidents(coordinator)).toEqual([])

    const steps = [
      { name: 'open the homepage', status: 'passed' as const, startMs: 0, ms: 80 },
      { name: 'go to checkout', status: 'failed' as const, startMs: 80, ms: 40, error: 'HTTP 502' },
    ]
    const artifacts = [{ name: 'screenshot.png', mediaType: 'image/png', bytes: 4 }]
    await coordinator.ingest([
      bad({ regionId: 'us-east', slotAt: noon + 3_333, startedAt: noon + 3_333, steps, artifacts }),
    ])

    const incident = await until(
      'an incident is open',
      async () => (await openIncidents(coordinator))[0],
    )
    expect(incident).toMatchObject({
      id: 'INC-1',
      serviceId: 'storefront',
      severity: 'SEV-1',
      severityReason: expect.stringContaining('A core function fails everywhere'),
      scope: 'global',
      state: 'triage',
      impactStartedAt: noon,
    })
    const whole = await coordinator.get(getIncident, { incidentId: 'INC-1' })
    expect(whole.incident.findings).toMatchObject([
      {
        checkId: 'shop-home',
        regions: ['eu-west', 'us-east'],
        regionsWatching: 3,
        evidence: [
          { regionId: 'eu-west', message: 'status: expected 2xx, got 502' },
          { regionId: 'us-east', step: 'go to checkout', screenshot: 'screenshot.png' },
        ],
      },
    ])
    expect(whole.events.map((event) => event.type)).toEqual([
      'opened',
      'finding_joined',
      'evidence_added',
      'evidence_added',
    ])

    expect(whole.detection).toEqual({
      tookMs: 5_000,
      // Three looks in ten seconds; two of them, a run of its time limit, and the way to a decision.
      uncertainMs: expect.any(Number),
      promisedMs: expect.any(Number),
    })
    const scraped = async () => (await fetch(`${coordinator.address}/metrics`)).text()
    expect(await scraped()).toMatch(
      /synthetics_detection_delay_sum\{(?=[^}]*check_id="shop-home")(?=[^}]*promise="kept")[^}]*\} 5/,
    )
    const gauges = await until('the contract is told', async () => {
      const text = await scraped()
      return text.includes('synthetics_detection_worst') && text
    })
    const promised = (whole.detection?.promisedMs ?? 0) / 1_000
    expect(gauges).toMatch(
      new RegExp(
        `synthetics_detection_worst\\{(?=[^}]*check_id="shop-home")(?=[^}]*fails="everywhere")[^}]*\\} ${promised}\\b`,
      ),
    )

    const matrix = await coordinator.get(getIncidentMatrix, { incidentId: 'INC-1' })
    expect(matrix.checks).toMatchObject([
      {
        ...{ checkId: 'shop-home', isFinding: true },
        regions: [
          { regionId: 'eu-west', slots: 1, failed: 1 },
          { regionId: 'us-east', slots: 1, failed: 1 },
          { regionId: 'ap-south', failed: 0 },
        ],
      },
    ])
    const bucket = Math.floor((noon - matrix.since) / matrix.bucketMs)
    expect(matrix.checks[0]?.regions[0]?.ends[bucket]).toBe('failed')

    clock.set(noon + 30_000)
    for (const slotAt of [noon + 10_000, noon + 20_000])
      for (const regionId of REGIONS) await coordinator.ingest([aRun({ regionId, slotAt })])
    await until(
      'it verifies',
      async () => (await openIncidents(coordinator))[0]?.state === 'verifying',
    )

    await stayClean(coordinator, clock, 31 * 60_000)
    await until('it is restored', async () => {
      const { incident: now } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
      return now.state === 'restored'
    })
    const { events } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
    expect(events.map((event) => event.type).slice(-5)).toEqual([
      'finding_cleared',
      'recovered',
      'restored',
      'watch_started',
      'postmortem_moved',
    ])
  })

  test('one region that fails again and again is a regional incident, not a global one', async () => {
    const clock = movableClock(noon + 25_000)
    const coordinator = await startCoordinator({ database, clock })
    for (const slotAt of [noon, noon + 10_000, noon + 20_000]) {
      await coordinator.ingest([aRun({ regionId: 'us-east', slotAt })])
      await coordinator.ingest([aRun({ regionId: 'ap-south', slotAt })])
      await coordinator.ingest([bad({ regionId: 'eu-west', slotAt })])
    }

    const incident = await until(
      'an incident is open',
      async () => (await openIncidents(coordinator))[0],
    )
    expect(incident).toMatchObject({ severity: 'SEV-2', scope: 'regional' })
    expect(incident.headline).toContain('eu-west')
  })

  test('faults of probes never open an incident against the target', async () => {
    const clock = movableClock(noon + 25_000)
    const coordinator = await startCoordinator({ database, clock })
    const fault = {
      verdict: 'probe_fault' as const,
      error: { type: 'probe.browser_missing' as const, message: 'no Chromium' },
    }
    for (const slotAt of [noon, noon + 10_000, noon + 20_000])
      for (const regionId of REGIONS)
        await coordinator.ingest([aRun({ regionId, slotAt, ...fault })])

    await evaluated(coordinator, /./)
    await until('all of them are evaluated', async () => {
      const now = await coordinator.get(getNow)
      return now.services[0]?.checks[0]?.alert.unknown.length === 3
    })
    expect(await openIncidents(coordinator)).toEqual([])
  })

  test('failures that arrive hours late are history and open nothing', async () => {
    const clock = movableClock(noon + 3 * 3_600_000)
    const coordinator = await startCoordinator({ database, clock })
    for (const slotAt of [noon, noon + 10_000, noon + 20_000])
      for (const regionId of REGIONS) await coordinator.ingest([bad({ regionId, slotAt })])

    // A fresh pass afterwards proves that the evaluation has seen everything before it.
    await coordinator.ingest([aRun({ regionId: 'eu-west', slotAt: clock.now() - 1_000 })])
    await until('the fresh vote counts', async () => {
      const now = await coordinator.get(getNow)
      return now.services[0]?.checks[0]?.alert.healthy.includes('eu-west')
    })
    expect(await openIncidents(coordinator)).toEqual([])
    const now = await coordinator.get(getNow)
    expect(now.services[0]?.checks[0]?.alert.state).toBe('quiet')
  })

  test('a region that falls silent is the finding itself; what it watched is unknown, not down', async () => {
    const clock = movableClock(noon)
    const coordinator = await startCoordinator({ database, clock })
    for (const regionId of REGIONS) await coordinator.heartbeat(regionId)
    clock.advance(25_000)
    for (const regionId of ['eu-west', 'us-east']) await coordinator.heartbeat(regionId)
    clock.advance(10_000)

    const incident = await until(
      'an incident is open',
      async () => (await openIncidents(coordinator))[0],
    )
    expect(incident).toMatchObject({
      serviceId: 'fleet',
      title: 'Fleet: region ap-south is silent',
      severity: 'SEV-3',
    })
    expect(await openIncidents(coordinator)).toHaveLength(1)

    await coordinator.heartbeat('ap-south')
    await until(
      'it is heard again',
      async () => (await openIncidents(coordinator))[0]?.state === 'verifying',
    )
  })

  test('a coordinator that was away does not blame the regions for what it did not hear', async () => {
    const clock = movableClock(noon)
    const location = await freshDatabase(database)
    const first = await startCoordinator({ database: location, clock })
    for (const regionId of REGIONS) await first.heartbeat(regionId)
    await first.stop()
    clock.advance(3_600_000)

    const second = await startCoordinator({ database: location, clock })
    const now = await until('the ledger is caught up', async () => {
      const answer = await second.get(getNow)
      return answer.slotsLastHour.missed > 0 ||
        answer.services[0]?.checks[0]?.regions[0]?.slots.length
        ? answer
        : false
    })
    expect(now.regions.map((region) => region.state)).toEqual(['waiting', 'waiting', 'waiting'])
    expect(now.incidents).toEqual([])
  })
})
