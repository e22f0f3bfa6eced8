import { expect, test } from 'vitest'
import { getIncident, listIncidents } from '../../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const SLOT_MS = 30_000
const REGIONS = ['eu-west', 'us-east', 'ap-south']

const openIncidents = async (coordinator: TestCoordinator) =>
  (await coordinator.get(listIncidents, {}, { state: 'open' })).data

/** A quarter of an hour: a blip in one region, an outage of six minutes, and a quiet end. */
async function tellStory(coordinator: TestCoordinator, clock: ReturnType<typeof movableClock>) {
  for (let slot = 0; slot < 27; slot++) {
    const slotAt = noon + slot * SLOT_MS
    clock.set(slotAt + 1_000)
    for (const regionId of REGIONS) {
      const isBlip = slot === 3 && regionId === 'eu-west'
      const isOut = slot >= 10 && slot < 22
      const verdict = isBlip || isOut ? 'failed' : 'passed'
      await coordinator.ingest([aRun({ regionId, slotAt, startedAt: slotAt, verdict })])
    }
    if (slot === 10)
      await until('it fires', async () => (await openIncidents(coordinator)).length === 1)
    if (slot === 24)
      await until(
        'it verifies',
        async () => (await openIncidents(coordinator))[0]?.state === 'verifying',
      )
  }
  clock.advance(60_000)
}

test.each(DATABASES)('a rule is played over stored runs and compared, on %s', async (database) => {
  const clock = movableClock(noon)
  const schedule = { kind: 'interval' as const, everyMs: SLOT_MS }
  const fleet = aFleet({ checks: [aCheck('http', { schedule })] })
  const coordinator = await startCoordinator({ database, clock, fleet })
  await tellStory(coordinator, clock)
  const folder = await tempFolder()
  const play = async (...words: string[]) => {
    const from = ['backtest', '--check', 'shop-home', '--coordinator', coordinator.address]
    return runFirewatch([...from, ...words], { folder })
  }

  const { incident } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
  const present = await play('--since', '1h', '--json')
  expect(present).toMatchObject({ code: 0, stderr: '' })
  const played = JSON.parse(present.stdout)
  expect(played).toMatchObject({
    runs: 81,
    real: 1,
    false: 0,
    missed: [],
    firings: [
      {
        firedAt: incident.openedAt,
        badSince: incident.impactStartedAt,
        incidentId: 'INC-1',
        detectionMs: 1_000,
        regions: REGIONS,
      },
    ],
  })

  const nervous = await play('--since', '1h', '--rule', '{ regions: 1, flapping: never }')
  expect(nervous.stdout).toMatch(
    /2026-03-13T12:01:31\s+1 min\s+false\s+1\.0 s\s+–\s+failed in eu-west/,
  )
  expect(nervous.stdout).toMatch(/2 alerts, 1 real, 1 false, 0 missed; detected after 1\.0 s/)

  const never = await play(
    ...['--since', '1h', '--json'],
    ...['--rule', '{ regions: 9, failuresToFire: 50, latency: { above: 5x baseline } }'],
  )
  expect(JSON.parse(never.stdout)).toMatchObject({ firings: [], missed: [{ id: 'INC-1' }] })
})

test.each([
  { words: ['--rule', '{ ratio: { above: 5 } }'], says: '"above" cannot be 5; expected a share' },
  { words: ['--rule', '{ ratoi: never }'], says: 'unknown key "ratoi"; did you mean "ratio"?' },
  { words: ['--rule', '{ ratio: { above: 5%, within: 24h } }'], says: 'looks at up to' },
  { words: ['--since', '40d'], says: 'at most 31 days' },
  { words: ['--check', 'nope'], says: 'nope' },
])('$words is refused', async ({ words, says }) => {
  const { address } = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  const command = ['backtest', '--check', 'shop-home', '--coordinator', address, ...words]
  const { code, stderr } = await runFirewatch(command, { folder: await tempFolder() })
  expect(stderr).toContain(says)
  expect(code).toBe(2)
})
