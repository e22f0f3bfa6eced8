import { describe, expect, test } from 'vitest'
import { getIncident, listChanges, listIncidents } from '../../../src/protocol/public-api.ts'
import type { Change } from '../../../src/protocol/signal.ts'
import { aRun, at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator, type TestCoordinatorOptions } from '../../support/coordinator.ts'
import { DATABASES, type Database, freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const TOKEN = 'what-pipelines-know'

const aChange = (overrides: Partial<Change> = {}): Change => ({
  id: 'pipeline-812',
  serviceId: 'storefront',
  kind: 'deploy',
  summary: 'release 812',
  at: noon - 12 * MINUTE,
  ...overrides,
})

async function start(database: TestCoordinatorOptions['database'], more: object = {}) {
  const clock = movableClock(noon + 5_000)
  const coordinator = await startCoordinator({
    database,
    clock,
    secrets: { CHANGE_TOKEN: TOKEN },
    fleet: aFleet({
      services: [
        { id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined, needs: ['db'] },
        { id: 'db', name: 'Database', tier: 'core', owner: undefined },
        { id: 'blog', name: 'Blog', tier: 'minor', owner: undefined },
      ],
      changeSecret: 'CHANGE_TOKEN',
    }),
    ...more,
  })
  const tell = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${coordinator.address}/api/v1/changes`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${TOKEN}`,
        ...headers,
      },
    })
  return { clock, coordinator, tell }
}

async function fail({ coordinator }: Awaited<ReturnType<typeof start>>) {
  for (const regionId of ['eu-west', 'us-east', 'ap-south'])
    await coordinator.ingest([
      aRun({
        regionId,
        slotAt: noon,
        startedAt: noon,
        verdict: 'failed',
        error: { type: 'connect.refused', message: 'refused' },
      }),
    ])
  return until('an incident is open', async () => (await coordinator.get(listIncidents)).data[0])
}

describe.each(DATABASES)('on %s', (kind: Database) => {
  test('what was told before an incident is on its card, also of what is needed', async () => {
    const started = await start(kind)
    const { coordinator, tell } = started
    const told = [
      aChange({ version: '2.14.0', link: 'https://ci.example.com/812', by: 'Ada' }),
      aChange({ id: 'schema', serviceId: 'db', kind: 'migration', at: noon - 3 * MINUTE }),
      aChange({ id: 'late', at: noon + 1_000, summary: 'told when it was done' }),
      aChange({ id: 'old', at: noon - 61 * MINUTE }),
      aChange({ id: 'other', serviceId: 'blog' }),
    ]
    for (const change of told) expect((await tell(change)).status).toBe(200)
    // Told again, with other words: it stays as it was.
    const again = await tell(aChange({ summary: 'another' }))
    expect(await again.json()).toMatchObject({
      isRepeated: true,
      change: { summary: 'release 812', version: '2.14.0' },
    })

    const { id } = await fail(started)
    const { triage } = await coordinator.get(getIncident, { incidentId: id })
    expect(triage.changes).toMatchObject({
      list: [
        { id: 'late', isOfNeeded: false },
        { id: 'schema', serviceName: 'Database', isOfNeeded: true },
        { id: 'pipeline-812', serviceName: 'Storefront', by: 'Ada' },
      ],
      more: 0,
    })
    const listed = await coordinator.get(listChanges, {}, { service: 'storefront' })
    expect(listed.data.map((change) => change.id)).toEqual(['late', 'pipeline-812', 'old'])
    const recent = await coordinator.get(listChanges, {}, { since: -10 * MINUTE })
    expect(recent.data.map((change) => change.id)).toEqual(['late', 'schema'])
  })

  test('many of one moment are stored once each, and none takes effect in the future', async () => {
    const { coordinator, tell } = await start(kind)
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        tell(aChange({ id: `c${index % 3}`, at: noon + 3_600_000 })),
      ),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const { data } = await coordinator.get(listChanges)
    expect(data.map(({ id }) => id)).toEqual(['c0', 'c1', 'c2'])
    expect(data.every((change) => change.at === noon + 5_000)).toBe(true)
  })

  test('old ones go with the rest of the history', async () => {
    const database = await freshDatabase(kind)
    const { coordinator, tell } = await start(database)
    await tell(aChange({ id: 'old', at: noon - 2 * 3_600_000 }))
    await tell(aChange({ id: 'new' }))
    await coordinator.stop()
    const later = await start(database, { limits: { historyKeptMs: 3_600_000 } })
    await until('the old one is gone', async () => {
      const { data } = await later.coordinator.get(listChanges)
      return data.length === 1 && data[0]?.id === 'new'
    })
  })
})

test('who has not the secret, says nonsense, too much, or at a bad time is refused', async () => {
  const { tell } = await start('sqlite')
  const answered = async (response: Promise<Response>) => {
    const { status } = await response
    const { code } = (await (await response).json()) as { code: string }
    return `${status} ${code}`
  }
  const basic = { authorization: `Basic ${Buffer.from(`ci:${TOKEN}`).toString('base64')}` }
  expect((await tell(aChange(), basic)).status).toBe(200)
  expect(await answered(tell(aChange(), { authorization: 'Bearer other' }))).toBe(
    '401 signal.refused',
  )
  // A stranger does not even learn what the form is.
  expect(await answered(tell('{', { authorization: '' }))).toBe('401 signal.refused')
  expect(await answered(tell('{'))).toBe('400 request.invalid')
  expect(await answered(tell({ ...aChange(), kind: 'party' }))).toBe('400 request.invalid')
  expect(await answered(tell({ ...aChange(), link: 'javascript:alert(1)' }))).toBe(
    '400 request.invalid',
  )
  expect(await answered(tell(aChange({ serviceId: 'nope' })))).toBe('404 service.unknown')
  expect(await answered(tell({ ...aChange(), more: 'x'.repeat(20_000) }))).toBe(
    '413 request.too_large',
  )

  const busy = await start('sqlite', { limits: { inboxDeliveriesMax: 0 } })
  const many = await busy.tell(aChange())
  expect(many.status).toBe(503)
  expect(many.headers.get('retry-after')).not.toBeNull()

  const closed = await start('sqlite', { fleet: aFleet() })
  expect((await closed.tell(aChange())).status).toBe(401)
})

test('a pipeline tells by the command, and the card is read in a terminal', async () => {
  const started = await start('sqlite')
  const { coordinator } = started
  const folder = await tempFolder()
  const environment = {
    FIREWATCH_COORDINATOR_URL: coordinator.address,
    FIREWATCH_CHANGE_TOKEN: TOKEN,
    FIREWATCH_USER: 'Ada',
  }
  const change = (...words: string[]) => runFirewatch(['change', ...words], { folder, environment })
  const release = [
    ...['--service', 'storefront', '--summary', 'release 812', '--version', '2.14.0'],
    ...['--id', 'p812', '--at', '2026-03-13T11:48:00Z'],
  ]
  expect(await change(...release)).toMatchObject({
    code: 0,
    stdout: 'p812: deploy of storefront\n',
    stderr: '',
  })
  expect((await change(...release)).stdout).toContain('it was told already')
  expect(await change(...release, '--link', 'ci 812')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--link'),
  })
  expect(await change(...release, '--service', 'nope')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nope'),
  })

  await fail(started)
  const shown = await runFirewatch(['incident', 'show', '1'], { folder, environment })
  expect(shown.stdout).toContain('What changed')
  expect(shown.stdout).toContain('12 min before')
  expect(shown.stdout).toContain('deploy: release 812 (2.14.0), Storefront, by Ada')
}, 60_000)
