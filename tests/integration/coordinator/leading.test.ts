import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  declareIncident,
  getIncident,
  getRunbook,
  INCIDENT_COMMANDS,
  listRunbooks,
} from '../../../src/protocol/public-api.ts'
import type { Runbook } from '../../../src/protocol/runbook.ts'
import type { StatusPage } from '../../../src/protocol/status-page.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { startNtfy } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const SECRET = { HOOK_SECRET: `whsec_${Buffer.from('a secret for tests only').toString('base64')}` }

const runbook: Runbook = {
  id: 'bad-deploy',
  title: 'Bad deploy',
  binding: { services: ['storefront'] },
  alert: 'It fails since a release.',
  severity: 'SEV-1',
  prerequisites: ['a shell'],
  steps: [
    { what: 'Look.', command: 'kubectl get pods', expected: 'a crash' },
    { what: 'Go back.', command: 'kubectl rollout undo', expected: 'done', onlyIf: 'It worked.' },
  ],
  escalation: 'The owner.',
}
const statusPage: StatusPage = {
  title: 'Lamp shop status',
  components: [
    { id: 'browsing', name: 'Browsing', services: ['storefront'], checks: ['shop-home'] },
    { id: 'checkout', name: 'Checkout', services: ['storefront'], checks: ['checkout-stop'] },
  ],
}
const fleet = (url?: string) =>
  aFleet({
    silentAfterMs: 86_400_000,
    checks: [aCheck('http'), aCheck('journey', { id: 'checkout-stop', name: 'Buy a lamp' })],
    updateEveryMs: { 'SEV-1': 15 * MINUTE, 'SEV-2': 30 * MINUTE },
    runbooks: [runbook],
    statusPage,
    channels:
      url === undefined
        ? []
        : [{ id: 'hook', kind: 'webhook' as const, url, secret: 'HOOK_SECRET' }],
  })

const give =
  (coordinator: TestCoordinator, incidentId: string, by = 'ada') =>
  (name: keyof typeof INCIDENT_COMMANDS, body: object) =>
    coordinator.post(
      INCIDENT_COMMANDS[name],
      { incidentId },
      { by, commandId: randomUUID(), ...body },
    )

const declared = (coordinator: TestCoordinator, title = 'Nobody can pay') =>
  coordinator.post(
    declareIncident,
    {},
    {
      ...{ by: 'ada', serviceId: 'storefront', title },
      ...{ severity: 'SEV-1', reason: 'twelve calls in ten minutes' },
    },
  )

const typesOf = async (coordinator: TestCoordinator, incidentId = 'INC-1') =>
  (await coordinator.get(getIncident, { incidentId })).events.map((event) =>
    event.type === 'update_reminded' ? `reminded ${event.stage}` : event.type,
  )

const update = {
  impact: 'Nobody can pay.',
  currentStatus: 'Rolling back.',
  nextSteps: 'Look again.',
}
const told = {
  title: 'Checkout does not work',
  status: 'investigating',
  acknowledgement: 'We know that Checkout does not work.',
  impact: 'Customers cannot pay.',
  work: 'We are bringing it back.',
  components: [{ id: 'checkout', status: 'major_outage' }],
}

describe.each(DATABASES)('on %s', (database) => {
  test('an incident is led: roles, the clock of updates, ticks, corrections, and channels hear of it', async () => {
    const clock = movableClock(noon)
    const receiver = await startWebhookReceiver()
    const location = await freshDatabase(database)
    const options = { database: location, clock, fleet: fleet(receiver.url), secrets: SECRET }
    const first = await startCoordinator(options)
    await declared(first)
    let order = give(first, 'INC-1')
    await order('acknowledge', {})
    expect((await first.get(getIncident, { incidentId: 'INC-1' })).leading?.offer).toEqual({
      role: 'operations_lead',
      to: 'ada',
    })
    await order('take-role', { role: 'incident_commander' })
    expect(
      await give(first, 'INC-1', 'grace')('take-role', { role: 'incident_commander' }),
    ).toMatchObject({
      status: 409,
      answer: { code: 'incident.reason_missing' },
    })
    await order('hand-over', { role: 'communications_lead', to: 'grace' })

    // What time brings about is in the database: another coordinator goes on with it.
    await first.stop()
    clock.advance(12 * MINUTE)
    const second = await startCoordinator(options)
    order = give(second, 'INC-1')
    await until('it reminds', async () => (await typesOf(second)).includes('reminded soon'))
    clock.advance(3 * MINUTE)
    await until('it is due', async () => {
      const types = await typesOf(second)
      return types.includes('reminded due') && types.includes('progress_missing')
    })
    expect(await order('update', update)).toMatchObject({
      status: 200,
      answer: { incident: { updates: { nextAt: noon + 30 * MINUTE } } },
    })
    clock.advance(20 * MINUTE)
    await until('it is overdue', async () => (await typesOf(second)).includes('reminded overdue'))

    await order('note', { text: 'rolled back 811', as: 'action' })
    const events = (await second.get(getIncident, { incidentId: 'INC-1' })).events
    const target = events.find((event) => event.type === 'noted' && event.as === 'action')?.sequence
    await order('correct', { target, text: 'rolled back 812', reason: 'typo' })
    await order('next-action', { text: 'look at the orders', who: 'grace' })
    await order('step-done', { runbookId: 'bad-deploy', step: 1, result: 'two crashed' })
    expect(await order('step-done', { runbookId: 'bad-deploy', step: 2 })).toMatchObject({
      status: 409,
      answer: { code: 'incident.reason_missing' },
    })
    const { leading, incident } = await second.get(getIncident, { incidentId: 'INC-1' })
    expect(incident.nextAction).toMatchObject({ text: 'look at the orders', who: 'grace' })
    expect(leading).toMatchObject({
      roles: [
        { role: 'incident_commander', person: 'ada' },
        { role: 'communications_lead', person: 'grace' },
      ],
      tried: [{ what: 'rolled back 812' }, { what: 'Look.', result: 'two crashed' }],
      corrections: [{ sequence: target, text: 'rolled back 812', by: 'ada', reason: 'typo' }],
      runbooks: [{ runbook: { id: 'bad-deploy' }, done: [{ step: 1, by: 'ada' }] }],
      updateEveryMs: 15 * MINUTE,
      draft: { internal: { severity: 'SEV-1', nextSteps: 'look at the orders. grace does it.' } },
    })
    expect(await second.get(getRunbook, { runbookId: 'bad-deploy' })).toEqual({ runbook })
    expect((await second.get(listRunbooks)).data).toHaveLength(1)

    const heard = await until('channels heard', () => {
      const bodies = receiver.received.map(({ body }) => JSON.parse(body))
      return bodies.some(({ data }) => /late\.$/.test(data.text ?? '')) && bodies
    })
    const texts = heard.map(({ type, data }) => [type, data.text ?? null, data.to ?? null])
    expect(texts).toContainEqual([
      'incident.command_taken',
      'I am acting as Incident Commander for this incident.',
      null,
    ])
    expect(texts).toContainEqual([
      'incident.update_reminded',
      'grace: the next update is promised for 12:15 UTC, within 3 min.',
      ['grace'],
    ])
    expect(texts).toContainEqual([
      'incident.update_posted',
      'Status Update - 12:15 UTC\nSeverity: SEV-1\nImpact: Nobody can pay.\nCurrent Status: Rolling back.\nNext Steps: Look again.\nNext Update: 12:30 UTC, or sooner if status changes',
      null,
    ])
  })

  test('only what is published is public: on the page, in its JSON and in the folder', async () => {
    const clock = movableClock(noon)
    const folder = join(await tempFolder(), 'status')
    const location = await freshDatabase(database)
    const options = { database: location, clock, fleet: fleet() }
    // Which days were measured is looked into at the start, and once a minute.
    const before = await startCoordinator(options)
    await before.ingest([
      aRun({
        checkId: 'shop-home',
        regionId: 'eu-west',
        slotAt: noon - MINUTE,
        startedAt: noon - MINUTE,
      }),
    ])
    await before.stop()
    const coordinator = await startCoordinator({ ...options, statusPageFolder: folder })
    await declared(coordinator, 'db-1 is full')
    await declared(coordinator, 'staging is odd')
    const order = give(coordinator, 'INC-1')
    const page = async (path = '/status') => {
      const response = await fetch(`${coordinator.address}${path}`)
      return { response, text: await response.text() }
    }
    const NOTHING = /INC-|db-1|staging|ada\b|Rolling back|twelve calls|checkout-stop|shop-home/
    const quiet = await page()
    expect(quiet.response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    expect(quiet.text).toContain('Everything works')
    expect(quiet.text).not.toMatch(NOTHING)

    // What is told inside is not told outside.
    await order('update', update)
    expect((await page()).text).toContain('Nothing was reported')
    await give(coordinator, 'INC-2')('update', update)
    expect(
      await order('update', { ...update, public: { ...told, work: 'ada restarts db-1.' } }),
    ).toMatchObject({
      status: 409,
      answer: {
        code: 'incident.public_text',
        detail: '“ada” names a person; “db-1” looks like the name of a machine',
      },
    })
    await order('update', { ...update, public: told })
    const loud = await page()
    expect(loud.text).toContain('Checkout does not work')
    expect(loud.text).toContain('Next update by 12:15 UTC')
    expect(loud.text).toContain('Something important does not work')
    expect(loud.text).not.toMatch(NOTHING)
    expect(loud.text).not.toContain('<script')

    const summary = await page('/status/api/v2/summary.json')
    expect(summary.response.headers.get('access-control-allow-origin')).toBe('*')
    expect(JSON.parse(summary.text)).toMatchObject({
      status: { indicator: 'critical' },
      components: [{ status: 'operational' }, { name: 'Checkout', status: 'major_outage' }],
      incidents: [{ name: 'Checkout does not work', status: 'investigating' }],
    })
    for (const name of ['status', 'components', 'incidents', 'incidents/unresolved'])
      expect((await page(`/status/api/v2/${name}.json`)).text).not.toMatch(NOTHING)
    expect((await page('/status/api/v2/secrets.json')).response.status).toBe(404)

    await until('the files are as the page', async () =>
      (await readFile(join(folder, 'index.html'), 'utf8').catch(() => '')).includes(
        'Checkout does not work',
      ),
    )
    const files = await readdir(folder, { recursive: true })
    expect(files).toEqual(
      expect.arrayContaining([
        'index.html',
        'style.css',
        'api/v2/summary.json',
        'api/v2/incidents/unresolved.json',
      ]),
    )
    expect(files.filter((file) => file.endsWith('.new'))).toEqual([])
    for (const file of files.filter((name) => /\.(html|json)$/.test(name)))
      expect(await readFile(join(folder, file), 'utf8')).not.toMatch(NOTHING)
    await until('the day was measured', async () => /2026-03-13: worked/.test((await page()).text))
  })
})

test('whom a runbook names is called once, also while somebody has the incident', async () => {
  const phones = await startNtfy()
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    fleet: {
      ...fleet(),
      runbooks: [
        {
          ...runbook,
          calls: [{ duty: { kind: 'owner', role: 'secondary' }, who: 'the secondary' }],
        },
      ],
      onCall: anOnCall({
        'first-responder': [aPhone('first', phones.url)],
        'second-responder': [aPhone('second', phones.url)],
      }),
    },
  })
  const rung = () => phones.taken.map(({ body }) => JSON.parse(body).topic)
  await declared(coordinator)
  await until('the primary is paged', () => rung().includes('first'))
  const order = give(coordinator, 'INC-1')
  await order('acknowledge', {})
  const { leading } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
  expect(leading?.runbooks[0]?.calls).toEqual([
    { who: 'the secondary', now: 'second-responder', canPage: true },
  ])

  const asked = { runbookId: 'bad-deploy', call: 1, note: 'two must look' }
  expect((await order('page', asked)).status).toBe(200)
  await until('the secondary is called', () => rung().includes('second'))
  const push = JSON.parse(phones.taken.at(-1)?.body ?? '')
  expect(push).toMatchObject({ title: 'SEV-1 INC-1: Nobody can pay', priority: 5 })
  expect(await order('page', asked)).toMatchObject({
    status: 409,
    answer: { code: 'incident.no_change' },
  })
  clock.advance(6 * MINUTE)
  const { incident, events, pages } = await until('it is gone through', async () => {
    const answer = await coordinator.get(getIncident, { incidentId: 'INC-1' })
    return answer.pages?.at(-1)?.state === 'ended' && answer
  })
  expect(pages?.at(-1)).toMatchObject({
    escalationId: expect.stringMatching(/^asked:/),
    because: 'ada had the secondary called, by the runbook bad-deploy',
    cause: 'ada asked for the secondary: two must look',
  })
  expect(events.filter(({ type }) => type === 'page_asked' || type === 'unowned')).toHaveLength(1)
  // Whoever has it has it still, and nobody is waited for.
  expect(incident.acknowledged?.by).toBe('ada')
  expect(rung().filter((topic) => topic === 'second')).toHaveLength(1)
})

test('without config/status-page.yaml there is no page, and nothing can be published', async () => {
  const { statusPage: _, ...without } = fleet()
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon),
    fleet: without,
  })
  await declared(coordinator)
  expect((await fetch(`${coordinator.address}/status`)).status).toBe(404)
  expect(await give(coordinator, 'INC-1')('update', { ...update, public: told })).toMatchObject({
    status: 409,
    answer: { code: 'incident.public_text' },
  })
})
