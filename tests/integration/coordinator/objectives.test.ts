import { describe, expect, test } from 'vitest'
import type { Objective } from '../../../src/protocol/objective.ts'
import { getIncident, listIncidents, listObjectives } from '../../../src/protocol/public-api.ts'
import type { Run } from '../../../src/protocol/run.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES, type Database } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const availability: Objective = {
  id: 'storefront/availability',
  serviceId: 'storefront',
  name: 'availability',
  target: 0.999,
  periodMs: 7 * DAY,
  checks: ['shop-home'],
}
const quick: Objective = {
  ...availability,
  id: 'storefront/quick',
  name: 'quick',
  target: 0.99,
  latencyMs: 500,
}

// Regions that nobody sends for are silent, and one that is alone in failing is no alert.
const check = aCheck('http', {
  id: 'shop-home',
  alert: { failuresToFire: 100, regionsMin: 3, passesToResolve: 1 },
})

async function start(database: Database) {
  const clock = movableClock(noon)
  const fleet = aFleet({ checks: [check], objectives: [availability, quick] })
  const coordinator = await startCoordinator({ database, clock, fleet })
  const statusOf = async (id: string) => {
    const { data } = await coordinator.get(listObjectives)
    return data.find(({ objective }) => objective.id === id)?.status
  }
  const evaluated = (id: string, since: number) =>
    until(`${id} is evaluated`, async () => {
      const status = await statusOf(id)
      return status && status.evaluatedAt >= since && status
    })
  return { clock, coordinator, evaluated, statusOf }
}

/** One run a minute in two regions, `minutes` of them up to `endedAt`. */
const runs = (minutes: number, endedAt: number, overrides: Partial<Run> = {}): Run[] =>
  Array.from({ length: minutes }, (_, minute) =>
    ['eu-west', 'us-east'].map((regionId) =>
      aRun({
        checkId: 'shop-home',
        regionId,
        slotAt: endedAt - (minute + 1) * MINUTE,
        durationMs: 100,
        ...overrides,
      }),
    ),
  ).flat()

const bad: Partial<Run> = { verdict: 'failed', error: { type: 'assertion', message: 'HTTP 502' } }

describe.each(DATABASES)('on %s', (database) => {
  test('runs are counted over the period, the last hour and late ones alike', async () => {
    const { clock, coordinator, evaluated } = await start(database)
    const send = async (batch: Run[]) => {
      for (const regionId of ['eu-west', 'us-east'])
        await coordinator.ingest(
          batch.filter((run) => run.regionId === regionId),
          regionId,
        )
    }
    await send(runs(50, noon))
    await send(runs(60, noon - 2 * DAY))
    await send(runs(10, noon - 3 * DAY, { durationMs: 900 }))
    clock.advance(20_000)
    const first = await evaluated('storefront/availability', clock.now())
    expect(first.lastHour).toEqual({ good: 100, bad: 0, unknown: 0 })
    expect(first.period).toEqual({ good: 240, bad: 0, unknown: 0 })
    expect(first).toMatchObject({ state: 'quiet', spentShare: 0, burnRate: 0 })
    const slow = await evaluated('storefront/quick', clock.now())
    expect(slow.period).toEqual({ good: 220, bad: 20, unknown: 0 })

    // A probe that was cut off brings what it measured two days ago.
    await send(runs(5, noon - 2 * DAY - HOUR, bad))
    clock.advance(20_000)
    const corrected = await evaluated('storefront/availability', clock.now())
    expect(corrected.period).toEqual({ good: 240, bad: 10, unknown: 0 })
    expect(corrected.spentShare).toBeCloseTo(10 / 250 / 0.001, 6)
  })

  test('a fast burn is a finding of the service, and ends by proof', async () => {
    const { clock, coordinator, evaluated } = await start(database)
    const send = async (batch: Run[]) => {
      for (const regionId of ['eu-west', 'us-east'])
        await coordinator.ingest(
          batch.filter((run) => run.regionId === regionId),
          regionId,
        )
    }
    await send(runs(40, noon - 6 * MINUTE))
    await send(runs(6, noon, bad))
    clock.advance(20_000)
    const burning = await evaluated('storefront/availability', clock.now())
    expect(burning).toMatchObject({
      state: 'burning',
      action: 'page',
      regions: ['eu-west', 'us-east'],
    })
    const [opened] = (await coordinator.get(listIncidents)).data
    expect(opened).toMatchObject({
      severity: 'SEV-2',
      severityReason: expect.stringContaining('burns so fast'),
    })
    const { incident } = await coordinator.get(getIncident, { incidentId: opened?.id ?? '' })
    expect(incident.findings.map(({ key }) => key)).toContain('objective:storefront/availability')

    clock.advance(7 * HOUR)
    await evaluated('storefront/availability', clock.now())
    const stays = await coordinator.get(getIncident, { incidentId: opened?.id ?? '' })
    expect(stays.incident.findings[0]?.clearedAt).toBeUndefined()

    await send(runs(30, clock.now()))
    clock.advance(20_000)
    await until('its finding is clear', async () => {
      const { incident } = await coordinator.get(getIncident, { incidentId: opened?.id ?? '' })
      return incident.findings.every(({ clearedAt }) => clearedAt !== undefined)
    })
  })
})
