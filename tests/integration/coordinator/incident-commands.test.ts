import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  declareIncident,
  getIncident,
  getNow,
  INCIDENT_COMMANDS,
  listIncidents,
} from '../../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { stayClean } from '../../support/stay-clean.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const REGIONS = ['eu-west', 'us-east', 'ap-south']

const fleet = (url?: string) =>
  aFleet({
    // The clock jumps here; that regions are not heard meanwhile is not what is tested.
    silentAfterMs: 86_400_000,
    services: ['storefront', 'payments'].map((id) => ({
      id,
      name: id,
      tier: 'core' as const,
      owner: undefined,
    })),
    checks: [
      aCheck('http'),
      aCheck('http', { id: 'search', name: 'search' }),
      aCheck('http', { id: 'pay', name: 'pay', serviceId: 'payments' }),
    ],
    channels:
      url === undefined
        ? []
        : [{ id: 'hook', kind: 'webhook' as const, url, secret: 'HOOK_SECRET' }],
  })

const alertOf = async (coordinator: TestCoordinator, checkId: string) => {
  const now = await coordinator.get(getNow)
  const checks = now.services.flatMap((service) => service.checks)
  return checks.find((check) => check.checkId === checkId)?.alert.state
}

async function fail(
  coordinator: TestCoordinator,
  checkId: string,
  slotAt: number,
  regions = REGIONS,
) {
  for (const regionId of regions)
    await coordinator.ingest([
      aRun({
        checkId,
        regionId,
        slotAt,
        startedAt: slotAt,
        verdict: 'failed',
        error: { type: 'connect.refused', message: 'connection refused' },
      }),
    ])
  await until(
    `${checkId} is firing`,
    async () => (await alertOf(coordinator, checkId)) === 'firing',
  )
}

async function mend(coordinator: TestCoordinator, checkId: string, from: number) {
  for (const slotAt of [from, from + 10_000])
    for (const regionId of REGIONS) await coordinator.ingest([aRun({ checkId, regionId, slotAt })])
  await until(`${checkId} is quiet`, async () => (await alertOf(coordinator, checkId)) === 'quiet')
}

const stateOf = async (coordinator: TestCoordinator, incidentId: string) =>
  (await coordinator.get(getIncident, { incidentId })).incident.state

describe.each(DATABASES)('on %s', (database) => {
  test('people lead an incident to its end, and channels hear of it', async () => {
    const clock = movableClock(noon + 5_000)
    const receiver = await startWebhookReceiver()
    const coordinator = await startCoordinator({
      database,
      clock,
      fleet: fleet(receiver.url),
      secrets: {
        HOOK_SECRET: `whsec_${Buffer.from('a secret for tests only').toString('base64')}`,
      },
    })
    const give = (name: keyof typeof INCIDENT_COMMANDS, body: object) =>
      coordinator.post(
        INCIDENT_COMMANDS[name],
        { incidentId: 'INC-1' },
        { by: 'Ada', commandId: randomUUID(), ...body },
      )
    await fail(coordinator, 'shop-home', noon, ['eu-west', 'us-east'])

    expect(await give('resolve', { as: 'cause_fixed', reason: 'so soon' })).toMatchObject({
      status: 409,
      answer: {
        code: 'incident.wrong_state',
        detail:
          'INC-1 is triage and cannot become resolved: from there it can become mitigating, verifying, declined, merged and cancelled',
      },
    })
    expect(await give('acknowledge', { generation: 1 })).toMatchObject({
      status: 200,
      answer: { isRepeated: false, incident: { acknowledged: { by: 'Ada', generation: 1 } } },
    })
    await give('declare', {})
    await give('severity', { to: 'SEV-3', reason: 'nobody buys now' })
    await give('note', { text: 'rolling back 812', occurredAt: noon + 1_000 })
    const { triage } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
    expect(triage).toMatchObject({
      howBad: { severity: 'SEV-3', failing: { failed: 2, runs: 2 } },
      needed: { acknowledged: { by: 'Ada', isCurrent: true } },
    })
    expect(await give('mitigated', { note: 'rolled back 812' })).toMatchObject({
      answer: { incident: { state: 'mitigating', mitigated: { by: 'Ada' } } },
    })
    clock.set(noon + 30_000)
    await mend(coordinator, 'shop-home', noon + 10_000)
    expect(await stateOf(coordinator, 'INC-1')).toBe('verifying')
    await stayClean(coordinator, clock, 31 * MINUTE)
    await until('restored', async () => (await stateOf(coordinator, 'INC-1')) === 'restored')
    await give('resolve', { as: 'cause_fixed', reason: 'the pool has a limit' })
    expect(await give('close', {})).toMatchObject({ answer: { incident: { state: 'closed' } } })

    const { events } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
    expect(events.find(({ type }) => type === 'noted')).toMatchObject({
      actor: { kind: 'person', name: 'Ada' },
      occurredAt: noon + 1_000,
      recordedAt: noon + 5_000,
    })
    const told = () => receiver.received.map(({ body }) => JSON.parse(body).type)
    await until('the last is told', () => told().includes('incident.resolved'))
    expect(told()).toEqual([
      'incident.opened',
      'incident.acknowledged',
      'incident.declared',
      'incident.severity_lowered',
      'incident.mitigated',
      'incident.recovered',
      'incident.restored',
      'incident.resolved',
    ])

    const metrics = await (await fetch(`${coordinator.address}/metrics`)).text()
    const counted = [
      ...metrics.matchAll(
        /^synthetics_incidents_time_to_(\w+)_count\{.*service="storefront",severity="(SEV-.)".*\} 1$/gm,
      ),
    ].map(([, time, severity]) => `${time} ${severity}`)
    // Nobody was paged, so nobody was late with an acknowledgement.
    expect(counted).toEqual(['detect SEV-1', 'mitigate SEV-3', 'restore SEV-3', 'resolve SEV-3'])
  })

  test('an incident stays open to findings behind many newer ones that were declined', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock, fleet: fleet() })
    await fail(coordinator, 'shop-home', noon)
    for (let i = 2; i <= 14; i++) {
      const wanted = { serviceId: 'storefront', title: `t ${i}`, severity: 'SEV-4', reason: 'x' }
      await coordinator.post(declareIncident, {}, { by: 'Ada', ...wanted })
      const params = { incidentId: `INC-${i}` }
      await coordinator.post(INCIDENT_COMMANDS['stand-down'], params, { by: 'Ada', reason: 'x' })
    }
    await fail(coordinator, 'search', noon)
    const { data } = await coordinator.get(listIncidents, {}, { state: 'open' })
    expect(data.map(({ id }) => id)).toEqual(['INC-1'])
  })

  test('of commands that race one is carried out; one that is sent again does nothing', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock, fleet: fleet() })
    await fail(coordinator, 'shop-home', noon)
    const incidentId = 'INC-1'
    const declare = (by: string, commandId: string) =>
      coordinator.post(INCIDENT_COMMANDS.declare, { incidentId }, { by, commandId })

    const people = Array.from({ length: 8 }, (_, index) => `person ${index}`)
    const answers = await Promise.all(people.map((by) => declare(by, randomUUID())))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(409)])

    const commandId = randomUUID()
    const note = () =>
      coordinator.post(INCIDENT_COMMANDS.note, { incidentId }, { by: 'Ada', text: 'hm', commandId })
    const notes = await Promise.all([note(), note(), note()])
    expect(notes.map(({ answer }) => answer.isRepeated).toSorted()).toEqual([false, true, true])

    const wanted = {
      by: 'Ada',
      commandId,
      serviceId: 'payments',
      title: 'Nobody can pay',
      severity: 'SEV-1',
      reason: 'twelve calls',
    }
    const byHand = () => coordinator.post(declareIncident, {}, wanted)
    const opened = await Promise.all([byHand(), byHand()])
    expect(opened.map(({ answer }) => answer.incident.id)).toEqual(['INC-2', 'INC-2'])
    expect((await coordinator.get(listIncidents)).data).toHaveLength(2)
  })

  test('what was declined stays so while it fails on, and is another incident after it was clear', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock, fleet: fleet() })
    await fail(coordinator, 'shop-home', noon, ['eu-west', 'us-east'])
    const body = { by: 'Ada', as: 'ticket', reason: 'known', ticket: 'OPS-1' }
    await coordinator.post(INCIDENT_COMMANDS.decline, { incidentId: 'INC-1' }, body)

    clock.set(noon + 15_000)
    await fail(coordinator, 'shop-home', noon + 10_000, ['eu-west', 'us-east'])
    expect((await coordinator.get(listIncidents)).data).toMatchObject([{ state: 'declined' }])
    clock.set(noon + 40_000)
    await mend(coordinator, 'shop-home', noon + 20_000)
    clock.set(noon + 55_000)
    await fail(coordinator, 'shop-home', noon + 50_000)
    await until(
      'another is open',
      async () => (await coordinator.get(listIncidents, {}, { state: 'open' })).data.length > 0,
    )
    expect((await coordinator.get(listIncidents)).data.map(({ id }) => id)).toEqual([
      'INC-2',
      'INC-1',
    ])
  })

  test('an incident of another service is merged in, and findings can leave again', async () => {
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({ database, clock, fleet: fleet() })
    await fail(coordinator, 'shop-home', noon)
    await fail(coordinator, 'pay', noon)
    const merge = (commandId: string) =>
      coordinator.post(
        INCIDENT_COMMANDS.merge,
        { incidentId: 'INC-2' },
        { by: 'Ada', into: 'INC-1', reason: 'one database', commandId },
      )
    const commandId = randomUUID()
    expect(await merge(commandId)).toMatchObject({
      answer: { incident: { state: 'merged', mergedInto: 'INC-1' }, related: 'INC-1' },
    })
    expect(await merge(commandId)).toMatchObject({ status: 200, answer: { isRepeated: true } })

    // What is found for the other service goes to the incident that took it over.
    await fail(coordinator, 'search', noon)
    clock.set(noon + 30_000)
    await mend(coordinator, 'pay', noon + 10_000)
    await until('it is clear there', async () => {
      const { incident } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
      const pay = incident.findings.find(({ key }) => key === 'check:pay')
      return pay?.serviceId === 'payments' && pay.clearedAt !== undefined
    })
    clock.set(noon + 45_000)
    await fail(coordinator, 'pay', noon + 40_000)
    expect((await coordinator.get(listIncidents, {}, { state: 'open' })).data).toHaveLength(1)

    const splitBody = {
      by: 'Ada',
      keys: ['check:search'],
      reason: 'another cause',
      commandId: randomUUID(),
    }
    const split = () =>
      coordinator.post(INCIDENT_COMMANDS.split, { incidentId: 'INC-1' }, splitBody)
    expect(await split()).toMatchObject({ status: 200, answer: { related: 'INC-3' } })
    expect(await split()).toMatchObject({
      status: 200,
      answer: { related: 'INC-3', isRepeated: true },
    })
    const apart = await coordinator.get(getIncident, { incidentId: 'INC-3' })
    expect(apart.incident).toMatchObject({ splitFrom: 'INC-1', title: 'storefront: search fails' })
    clock.set(noon + 70_000)
    await mend(coordinator, 'search', noon + 50_000)
    await until(
      'the split one verifies',
      async () => (await stateOf(coordinator, 'INC-3')) === 'verifying',
    )
    expect(await stateOf(coordinator, 'INC-1')).toBe('triage')
  })
})

test.each([
  {
    contract: INCIDENT_COMMANDS.note,
    body: { by: 'Ada', text: 'x' },
    status: 404,
    code: 'incident.unknown',
    why: 'there is no such incident',
  },
  {
    contract: INCIDENT_COMMANDS.note,
    body: { text: 'x' },
    status: 400,
    code: 'request.invalid',
    why: 'nobody says it',
  },
  {
    contract: INCIDENT_COMMANDS.note,
    body: { by: 'a\nb', text: 'x' },
    status: 400,
    code: 'request.invalid',
    why: 'a name has two lines',
  },
  {
    contract: INCIDENT_COMMANDS.note,
    body: { by: 'Ada', txt: 'x' },
    status: 400,
    code: 'request.invalid',
    why: 'a field has a typo',
  },
  {
    contract: INCIDENT_COMMANDS.note,
    body: { by: 'Ada', text: 'x'.repeat(4_001) },
    status: 400,
    code: 'request.invalid',
    why: 'the text is too long',
  },
  {
    contract: declareIncident,
    body: { by: 'Ada', serviceId: 'unheard-of', title: 'x', severity: 'SEV-1', reason: 'y' },
    status: 404,
    code: 'service.unknown',
    why: 'there is no such service',
  },
])('$status $code when $why', async ({ contract, body, status, code }) => {
  const coordinator = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  const answer = await coordinator.post(contract, { incidentId: 'INC-9' }, body)
  expect(answer).toMatchObject({ status, answer: { code } })
})
