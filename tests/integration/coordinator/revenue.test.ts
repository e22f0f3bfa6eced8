import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { getPostmortem } from '../../../src/protocol/postmortem-api.ts'
import { getIncident, INCIDENT_COMMANDS } from '../../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { stayClean } from '../../support/stay-clean.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const REGIONS = ['eu-west', 'us-east', 'ap-south']
const params = { incidentId: 'INC-1' }

test('an incident says what was lost, by what failed, to those inside and to nobody else', async () => {
  const clock = movableClock(noon + 5_000)
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    fleet: aFleet({
      silentAfterMs: 86_400_000,
      checks: [aCheck('http')],
      services: [
        {
          ...{ id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined },
          revenuePerMinute: { amount: 350, currency: 'EUR' },
        },
      ],
      statusPage: {
        title: 'Shop',
        components: [{ id: 'shop', name: 'Shop', services: ['storefront'] }],
      },
    }),
  })
  const give = (name: keyof typeof INCIDENT_COMMANDS, body: object) =>
    coordinator.post(INCIDENT_COMMANDS[name], params, {
      ...{ by: 'Ada', commandId: randomUUID(), ...body },
    })
  const run = (regionId: string, slotAt: number, isFailed: boolean) =>
    coordinator.ingest([
      aRun({
        ...{ regionId, slotAt, startedAt: slotAt },
        ...(isFailed && {
          verdict: 'failed' as const,
          error: { type: 'connect.refused' as const, message: 'refused' },
        }),
      }),
    ])
  for (const regionId of REGIONS) await run(regionId, noon, regionId !== 'ap-south')
  const answer = () => coordinator.get(getIncident, params)
  await until('it is open', async () => (await answer().catch(() => undefined)) !== undefined)
  clock.set(noon + 6 * MINUTE + 5_000)
  for (const regionId of REGIONS) await run(regionId, noon + 6 * MINUTE, regionId === 'eu-west')

  const words =
    "about EUR 1,050 so far: 6 min at EUR 350 a minute (services.yaml), times the 50 % of its failing checks' runs that failed (3 of 6)"
  const { triage } = await answer()
  expect(triage.affected.revenue).toEqual([{ serviceId: 'storefront', name: 'Storefront', words }])
  const shown = await runFirewatch(['incident', 'show', '1'], {
    folder: await tempFolder(),
    environment: { FIREWATCH_COORDINATOR_URL: coordinator.address },
  })
  expect(shown.stdout.replaceAll(/\s+/g, ' ')).toContain(`revenue ${words}`)

  // The public reads the draft as it is, and finds no sum in it.
  const { leading } = await answer()
  await give('declare', {})
  await give('update', {
    ...leading?.draft.internal,
    severity: undefined,
    public: leading?.draft.public,
  })
  for (const path of ['/status', '/status/api/v2/incidents.json']) {
    const page = await (await fetch(coordinator.address + path)).text()
    expect(page).toContain('Shop')
    expect(page).not.toMatch(/EUR|350|1,050/)
  }

  for (const slotAt of [noon + 7 * MINUTE, noon + 7 * MINUTE + 10_000]) {
    clock.set(slotAt + 1_000)
    for (const regionId of REGIONS) await run(regionId, slotAt, false)
  }
  const stateOf = async () => (await answer()).incident.state
  await until('it verifies', async () => (await stateOf()) === 'verifying')
  await give('override-gate', { reason: 'nobody walks through it here' })
  await stayClean(coordinator, clock, 31 * MINUTE)
  await until('it is restored', async () => (await stateOf()) === 'restored')
  const { figures, body } = await coordinator.get(getPostmortem, params)
  expect(figures.find(({ name }) => name === 'revenue_lost')).toMatchObject({
    value: 'about EUR 1,050',
    from: 'probe',
    because: words.replace('about EUR 1,050 so far: ', ''),
  })
  expect(body.impact).toContain('Revenue lost: {{revenue_lost}}.')
})
