import { describe, expect, test } from 'vitest'
import { getCheck, listIncidents } from '../../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const REGIONS = ['eu-west', 'us-east', 'ap-south']
const RULE = { failuresToFire: 3, regionsMin: 2, passesToResolve: 2 }

const openIncidents = async (coordinator: TestCoordinator) =>
  (await coordinator.get(listIncidents, {}, { state: 'open' })).data

const alertOf = async (coordinator: TestCoordinator) =>
  (await coordinator.get(getCheck, { checkId: 'shop-home' })).overview.alert

async function everywhere(
  coordinator: TestCoordinator,
  slotAt: number,
  verdict: 'passed' | 'degraded' | 'failed',
  durationMs = 120,
) {
  for (const regionId of REGIONS)
    await coordinator.ingest([aRun({ regionId, slotAt, startedAt: slotAt, verdict, durationMs })])
}

describe.each(DATABASES)('on %s', (database) => {
  test('degraded is an incident of its own severity, and failing makes it graver', async () => {
    const clock = movableClock(noon)
    const rule = { ...RULE, degraded: { count: 3, of: 3, severity: 'SEV-4' as const } }
    const fleet = aFleet({ checks: [aCheck('http', { alert: rule })] })
    const coordinator = await startCoordinator({ database, clock, fleet })
    for (const slot of [0, 1, 2]) {
      clock.set(noon + slot * 10_000 + 5_000)
      await everywhere(coordinator, noon + slot * 10_000, 'degraded')
    }
    const incident = await until('it opens', async () => (await openIncidents(coordinator))[0])
    expect(incident).toMatchObject({
      severity: 'SEV-4',
      severityReason: 'The alert rule of shop-home says so.',
      title: 'Storefront: shop-home is degraded',
    })
    clock.set(noon + 35_000)
    await everywhere(coordinator, noon + 30_000, 'failed')
    await until(
      'it is graver',
      async () => (await openIncidents(coordinator))[0]?.severity === 'SEV-1',
    )
    expect((await alertOf(coordinator)).firedBy).toEqual(['regions', 'degraded'])
  })

  test('what is slower than the same hour of the weeks before fires; the store knows that hour', async () => {
    const WEEK_MS = 7 * 86_400_000
    const clock = movableClock(noon)
    const latency = {
      above: { kind: 'baseline' as const, times: 5 },
      percentile: 0.95,
      withinMs: 600_000,
      forMs: 0,
      samplesMin: 6,
      severity: 'SEV-2' as const,
    }
    const fleet = aFleet({ checks: [aCheck('http', { alert: { ...RULE, latency } })] })
    const limits = { historyKeptMs: 60 * 86_400_000 }
    const coordinator = await startCoordinator({ database, clock, fleet, limits })
    for (const week of [1, 2])
      for (const slot of [0, 1])
        await everywhere(coordinator, noon - week * WEEK_MS + slot * 10_000, 'passed', 100)
    for (const slot of [0, 1]) {
      clock.set(noon + slot * 10_000 + 5_000)
      await everywhere(coordinator, noon + slot * 10_000, 'passed', 501)
    }
    const incident = await until('it opens', async () => (await openIncidents(coordinator))[0])
    expect(incident.severity).toBe('SEV-2')
    expect((await alertOf(coordinator)).reason).toBe(
      'p95 of the last 10m is 501 ms (6 runs); the limit is 500 ms, 5 times what is usual at this hour of the week',
    )
  })

  test.each([
    { areHeard: true, why: 'probes that are heard tell nothing of it' },
    { areHeard: false, why: 'that its regions are silent is told once' },
  ])('no data: $why', async ({ areHeard }) => {
    const clock = movableClock(noon + 5_000)
    const rule = { ...RULE, noData: { afterMs: 60_000, severity: 'SEV-3' as const } }
    const fleet = aFleet({ checks: [aCheck('http', { alert: rule })] })
    const coordinator = await startCoordinator({ database, clock, fleet })
    await everywhere(coordinator, noon, 'passed')
    await until('it passes', async () => (await alertOf(coordinator)).healthy.length === 3)
    clock.advance(70_000)
    if (areHeard) for (const regionId of REGIONS) await coordinator.heartbeat(regionId)
    const alert = await until('nothing is known', async () => {
      const found = await alertOf(coordinator)
      return found.noData === undefined ? false : found
    })
    expect(alert.state).toBe('quiet')
    await until('somebody is told', async () => (await openIncidents(coordinator)).length > 0)
    const told = await openIncidents(coordinator)
    // A heartbeat may come a moment after the clock was moved; then the fleet has its word as well.
    const of = told.map(({ serviceId }) => serviceId)
    if (areHeard) expect(of).toContain('storefront')
    else expect(of).toEqual(['fleet'])
    if (areHeard) {
      const incident = told.find(({ serviceId }) => serviceId === 'storefront')
      expect(incident?.headline).toBe('nothing is known of shop-home')
      await everywhere(coordinator, clock.now(), 'passed')
      await until(
        'it is known again',
        async () => (await alertOf(coordinator)).noData === undefined,
      )
    }
  })
})
