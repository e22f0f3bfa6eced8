import { describe, expect, test } from 'vitest'
import {
  addSilence,
  endSilence,
  getCheck,
  getIncident,
  getNow,
  listIncidents,
  listSilences,
  urlFor,
} from '../../../src/protocol/public-api.ts'
import type { Silence } from '../../../src/protocol/suppression.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const REGIONS = ['eu-west', 'us-east', 'ap-south']

async function runs(
  coordinator: TestCoordinator,
  slotAt: number,
  { verdict = 'failed', checkId = 'shop-home', regions = REGIONS } = {},
) {
  for (const regionId of regions)
    await coordinator.ingest([aRunOf(slotAt, { checkId, regionId, verdict })])
}

const aRunOf = (slotAt: number, run: { checkId: string; regionId: string; verdict: string }) =>
  aRun({ ...run, slotAt, startedAt: slotAt, verdict: run.verdict as 'failed' })

const alertOf = async (coordinator: TestCoordinator, checkId = 'shop-home') =>
  (await coordinator.get(getCheck, { checkId })).overview.alert

const untilAlert = (
  coordinator: TestCoordinator,
  what: string,
  is: (alert: Awaited<ReturnType<typeof alertOf>>) => boolean,
  checkId?: string,
) =>
  until(what, async () => {
    const alert = await alertOf(coordinator, checkId)
    if (!is(alert)) throw new Error(JSON.stringify(alert))
    return alert
  })

const openIncidents = async (coordinator: TestCoordinator) =>
  (await coordinator.get(listIncidents, {}, { state: 'open' })).data

/** The service has its incident; the fleet may have another, of regions that a moved clock made silent. */
const untilIncident = (coordinator: TestCoordinator, serviceId = 'storefront') =>
  until(`${serviceId} has an incident`, async () => {
    const found = (await openIncidents(coordinator)).some((one) => one.serviceId === serviceId)
    if (!found) throw new Error(JSON.stringify(await alertOf(coordinator)))
    return true
  })

async function post(
  coordinator: TestCoordinator,
  path: string,
  body: unknown,
): Promise<{ status: number; body: Silence & { code?: string; detail?: string } }> {
  const answer = await fetch(coordinator.address + path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  return { status: answer.status, body: (await answer.json()) as never }
}

const wanted = (overrides: object = {}) => ({
  author: 'Ana',
  reason: 'known, a fix is on its way',
  scope: { checks: ['shop-home'] },
  forMs: 3_600_000,
  ...overrides,
})

describe.each(DATABASES)('on %s', (database) => {
  test('a silence hides the incident, not the alert; its end tells of it at once', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock })
    const { body: silence } = await post(coordinator, urlFor(addSilence), wanted())
    await runs(coordinator, noon)
    const alert = await untilAlert(coordinator, 'it fires', ({ state }) => state === 'firing')
    expect(alert.suppressed).toMatchObject({
      kind: 'silence',
      by: silence.id,
      reason: 'silenced by Ana: known, a fix is on its way',
    })
    expect(await openIncidents(coordinator)).toEqual([])
    expect((await coordinator.get(getNow)).silences).toMatchObject([{ id: silence.id }])

    const path = urlFor(endSilence, { silenceId: silence.id })
    expect((await post(coordinator, path, { author: 'Ben' })).body.endedBy).toBe('Ben')
    await untilIncident(coordinator)
    expect((await alertOf(coordinator)).suppressed).toBeUndefined()
    expect((await coordinator.get(listSilences, {}, { state: 'active' })).data).toEqual([])
    expect((await coordinator.get(listSilences)).data).toMatchObject([{ endedBy: 'Ben' }])
    // To end it again changes nothing.
    expect((await post(coordinator, path, { author: 'Cy' })).body.endedBy).toBe('Ben')
  })

  test('a silence runs out by itself, without a run that comes in', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock })
    await post(coordinator, urlFor(addSilence), wanted({ forMs: 60_000 }))
    await runs(coordinator, noon)
    await untilAlert(coordinator, 'it is silenced', ({ suppressed }) => suppressed !== undefined)
    clock.advance(60_000)
    await untilIncident(coordinator)
  })

  test('a silence until resolved ends with what it covers', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock })
    await post(coordinator, urlFor(addSilence), wanted({ untilResolved: true }))
    await runs(coordinator, noon)
    await untilAlert(coordinator, 'it is silenced', ({ suppressed }) => suppressed !== undefined)
    clock.set(noon + 25_000)
    for (const slotAt of [noon + 10_000, noon + 20_000])
      await runs(coordinator, slotAt, { verdict: 'passed' })
    await untilAlert(coordinator, 'it is over', ({ state }) => state === 'quiet')
    expect((await coordinator.get(listSilences)).data).toMatchObject([{ endedBy: 'resolved' }])
    expect(await openIncidents(coordinator)).toEqual([])
  })

  test('maintenance hides what fires in it, and its end tells of what still does', async () => {
    const clock = movableClock(noon + 5_000)
    const maintenance = [
      {
        id: 'upgrade',
        reason: 'the shop is upgraded',
        scope: { services: ['storefront'] },
        when: { kind: 'once' as const, from: noon, until: noon + 30_000 },
      },
    ]
    const coordinator = await startCoordinator({ database, clock, fleet: aFleet({ maintenance }) })
    await runs(coordinator, noon)
    await untilAlert(
      coordinator,
      'maintenance is the reason',
      ({ suppressed }) => suppressed?.reason === 'maintenance upgrade: the shop is upgraded',
    )
    expect((await coordinator.get(getNow)).maintenance).toMatchObject([{ id: 'upgrade' }])
    clock.set(noon + 30_000)
    await untilIncident(coordinator)
    expect((await coordinator.get(getNow)).maintenance).toEqual([])
  })

  test('what needs a failing service is listed under it, and told once that is well', async () => {
    const clock = movableClock(noon + 5_000)
    const fleet = aFleet({
      services: [
        { id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined, needs: ['db'] },
        { id: 'db', name: 'Database', tier: 'core', owner: undefined },
      ],
      checks: [
        aCheck('http'),
        aCheck('tcp', { id: 'db-port', name: 'db-port', serviceId: 'db', hash: 'd' }),
      ],
    })
    const coordinator = await startCoordinator({ database, clock, fleet })
    await runs(coordinator, noon, { checkId: 'db-port' })
    await untilAlert(coordinator, 'db fails', ({ state }) => state === 'firing', 'db-port')
    await runs(coordinator, noon)
    const alert = await untilAlert(coordinator, 'it fires', ({ state }) => state === 'firing')
    expect(alert.suppressed).toMatchObject({
      kind: 'dependency',
      by: 'db',
      reason: 'storefront needs db, where db-port fails',
    })
    const [incident] = await openIncidents(coordinator)
    expect(incident).toMatchObject({ serviceId: 'db' })
    const whole = await coordinator.get(getIncident, { incidentId: incident?.id ?? '' })
    expect(whole.inhibited).toMatchObject([{ checkId: 'shop-home' }])

    clock.set(noon + 25_000)
    for (const slotAt of [noon + 10_000, noon + 20_000])
      await runs(coordinator, slotAt, { checkId: 'db-port', verdict: 'passed' })
    await untilIncident(coordinator)
  })

  test('a region in which everything fails alone is one finding, as severe as what fails there', async () => {
    const clock = movableClock(noon + 5_000)
    const ids = ['one', 'two', 'three', 'four']
    const all = [...ids, 'pay']
    const checks = all.map((id) =>
      aCheck('http', { ...{ id, name: id, hash: id }, tier: id === 'pay' ? 'core' : 'standard' }),
    )
    const coordinator = await startCoordinator({ database, clock, fleet: aFleet({ checks }) })
    for (const regionId of REGIONS) await coordinator.heartbeat(regionId)
    const pass = async (slots: number[], failing: readonly string[]) => {
      for (const slotAt of slots) {
        clock.set(slotAt + 5_000)
        // The others say what they see first: while nobody else tells, it is no trouble of the region alone.
        for (const regionId of ['us-east', 'ap-south', 'eu-west'])
          await coordinator.ingest(
            all.map((checkId) => {
              const isFailing = regionId === 'eu-west' && failing.includes(checkId)
              return aRunOf(slotAt, { checkId, regionId, verdict: isFailing ? 'failed' : 'passed' })
            }),
          )
      }
    }
    const fleetIncident = async () =>
      (await openIncidents(coordinator)).find(({ serviceId }) => serviceId === 'fleet')
    // Each check is known in each region first, so that it is four of five that fail, and never less.
    await pass([noon, noon + 10_000], [])
    for (const checkId of all)
      await untilAlert(
        coordinator,
        `${checkId} is well everywhere`,
        ({ healthy }) => healthy.length === REGIONS.length,
        checkId,
      )
    await pass([noon + 20_000, noon + 30_000, noon + 40_000], ids)
    const incident = await until('the region is told', fleetIncident)
    expect(incident.headline).toContain('eu-west is in trouble: 4 of 5 checks fail there')
    expect(incident).toMatchObject({
      severity: 'SEV-3',
      severityReason: 'Most checks fail in eu-west alone, none of them of a core function.',
    })
    for (const checkId of ids)
      await untilAlert(
        coordinator,
        `${checkId} is of the region`,
        ({ suppressed }) => suppressed?.kind === 'region',
        checkId,
      )
    expect(await openIncidents(coordinator)).toHaveLength(1)

    await pass([noon + 50_000, noon + 60_000, noon + 70_000], all)
    const worse = await until('a core check fails there too', async () => {
      const now = await fleetIncident()
      return now?.severity === 'SEV-2' && now
    })
    expect(worse.severityReason).toContain('most checks fail in one region alone')
    expect(await openIncidents(coordinator)).toHaveLength(1)
  })
})

test('a silence is refused with its reason', async () => {
  const coordinator = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  const refused = async (body: unknown) => {
    const answer = await post(coordinator, urlFor(addSilence), body)
    return `${answer.status} ${answer.body.detail}`
  }
  expect(await refused(wanted({ forMs: 86_400_001 }))).toMatch(/400 .*at most 24 hours/)
  expect(await refused(wanted({ scope: {} }))).toMatch(
    /400 .*at least one check, service or region/,
  )
  expect(await refused(wanted({ reason: '' }))).toMatch(/^400 /)
  expect(await refused(wanted({ scope: { checks: ['nope'] } }))).toBe(
    '400 scope: there is no check nope',
  )
  const unknown = urlFor(endSilence, { silenceId: '3b1f9a52-3a77-4b8e-9d0e-0c8d6a4f7b11' })
  expect(await post(coordinator, unknown, { author: 'Ana' })).toMatchObject({
    status: 404,
    body: { code: 'silence.unknown' },
  })
})
