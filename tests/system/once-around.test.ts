import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeDuration } from '../../src/base/duration.ts'
import {
  addActionItem,
  changeActionItem,
  getPostmortem,
  movePostmortem,
} from '../../src/protocol/postmortem-api.ts'
import { getIncident, INCIDENT_COMMANDS, listIncidents } from '../../src/protocol/public-api.ts'
import { dueSlots } from '../../src/protocol/schedule.ts'
import { aCheck, aRun, at } from '../support/builders.ts'
import { runFirewatch } from '../support/command.ts'
import { aFleet } from '../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../support/databases.ts'
import { listening } from '../support/listening-regions.ts'
import { startNtfy } from '../support/message-services.ts'
import { movableClock } from '../support/movable-clock.ts'
import { movedCoordinator } from '../support/moved-coordinator.ts'
import { anOnCall, aPhone } from '../support/on-call.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const noon = at('2026-03-13T12:00:00Z')
const EVERY_MS = 30_000
const REGIONS = ['eu-west', 'us-east', 'ap-south']
const order = aCheck('journey', {
  id: 'order',
  name: 'Order a lamp',
  schedule: { kind: 'interval', everyMs: EVERY_MS },
})
const pay = aCheck('http', {
  id: 'pay',
  name: 'Payment',
  serviceId: 'payments',
  schedule: { kind: 'interval', everyMs: EVERY_MS },
})
const failed = {
  verdict: 'failed' as const,
  error: { type: 'journey.step' as const, message: 'HTTP 502 while paying' },
}
const incidentId = 'INC-1'

/** A message to a phone: the person it is for, its title and text, and where its button leads. */
const readPush = ({ body }: { body: string }) => {
  const { topic, title, message, actions } = JSON.parse(body)
  return {
    to: topic as string,
    title: title as string,
    text: message as string,
    link: actions?.[0]?.url as string,
  }
}

// Row 2 of what the product is for: an order application on a busy Friday, from the first failing run
// to a closed postmortem. The coordinator is a process, killed on the way; only its clock is moved.
test.each(DATABASES)('on %s, an outage is led once around', async (database) => {
  const clock = movableClock(noon)
  const phones = await startNtfy()
  const process = await movedCoordinator(clock, {
    location: await freshDatabase(database),
    fleet: aFleet({
      silentAfterMs: 365 * 24 * HOUR,
      services: [
        {
          ...{ id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined },
          downstream: ['pay'],
        },
        { id: 'payments', name: 'Payments', tier: 'standard', owner: undefined },
      ],
      checks: [order, pay],
      updateEveryMs: { 'SEV-1': 15 * MINUTE, 'SEV-2': 30 * MINUTE },
      onCall: anOnCall({
        'first-responder': [aPhone('first', phones.url)],
        'second-responder': [aPhone('second', phones.url)],
      }),
    }),
  })
  let coordinator = await process.start()
  const show = () => coordinator.get(getIncident, { incidentId })
  const happened = (type: string, withinMs = 15_000) =>
    until(
      `the timeline says ${type}`,
      async () => (await show()).events.find((event) => event.type === type),
      { withinMs },
    )
  const stateIs = (state: string) =>
    until(`it is ${state}`, async () => (await show()).incident.state === state, {
      withinMs: 15_000,
    })
  const give = async (by: string, name: keyof typeof INCIDENT_COMMANDS, body: object = {}) => {
    const { status, answer } = await coordinator.post(
      INCIDENT_COMMANDS[name],
      { incidentId },
      { by, commandId: randomUUID(), ...body },
    )
    expect(answer.detail ?? status, name).toBe(200)
    return answer.incident
  }
  /** Every slot of the next `ms` ends, as the story says; then the clock is there. */
  const goOn = async (ms: number, isFailing: (slotAt: number) => boolean = () => false) => {
    const from = clock.now()
    for (const regionId of REGIONS) {
      const runs = [order, pay].flatMap((check) =>
        dueSlots(check, regionId, from, from + ms).map((slotAt) =>
          aRun({
            ...{ checkId: check.id, regionId, slotAt, startedAt: slotAt, durationMs: 400 },
            ...(check === order && isFailing(slotAt) && failed),
          }),
        ),
      )
      for (let first = 0; first < runs.length; first += 200)
        await coordinator.ingest(runs.slice(first, first + 200), regionId)
    }
    await process.moveTo(from + ms)
  }

  // A quiet morning, so that it is known what is usual.
  await goOn(40 * MINUTE)

  // The first failing run. The other regions hold their request open and are asked at once.
  const held = await listening(coordinator, ['us-east', 'ap-south'])
  const startedAt = clock.now()
  const run = { checkId: order.id, slotAt: startedAt, startedAt, ...failed }
  await process.moveTo(startedAt + SECOND)
  await coordinator.ingest([aRun({ ...run, regionId: 'eu-west' })])
  for (const [regionId, commands] of held) {
    const [command] = await commands
    if (!command) throw new Error(`${regionId} was not asked`)
    const { commandId, reason } = command
    expect(reason).toBe('confirmation')
    await coordinator.ingest([
      aRun({
        ...run,
        regionId,
        slotAt: clock.now(),
        startedAt: clock.now(),
        command: { commandId, reason },
      }),
    ])
  }
  await until('an incident is open', async () => (await coordinator.get(listIncidents)).data[0])
  const opened = await show()
  expect(opened.incident).toMatchObject({
    state: 'triage',
    severity: 'SEV-1',
    severityReason: expect.stringContaining('A core function fails everywhere'),
    impactStartedAt: startedAt,
    findings: [{ confirmation: { verdict: 'confirmed_global' } }],
  })

  // A page, nobody acknowledges, and it goes on to the next.
  const first = await until(
    'the first is paged',
    () => phones.taken[0] && readPush(phones.taken[0]),
  )
  expect(first).toMatchObject({ to: 'first', title: expect.stringContaining('SEV-1 INC-1') })
  expect(first.text.split('\n').map((line) => line.split(':')[0])).toEqual([
    'What',
    'Since',
    'Where',
    'Changed',
    'Last time',
    'First step',
  ])
  expect(first.text).toContain('confirmed global')
  const pagedAt = clock.now()
  await goOn(5 * MINUTE + SECOND, () => true)
  const second = await until('the second is paged', () => {
    const push = phones.taken.map(readPush).find(({ to }) => to === 'second')
    return push?.link !== undefined && push
  })

  // Acknowledged by the signed link of the message, from a phone that is signed in nowhere. The
  // coordinator dies at once, and knows it.
  const form = new URL(second.link)
  form.host = new URL(coordinator.address).host
  expect((await fetch(form)).status).toBe(200)
  expect((await show()).incident.acknowledged).toBeUndefined()
  expect((await fetch(form, { method: 'POST' })).status).toBe(200)
  await process.kill()
  coordinator = await process.start()
  const acknowledgedAt = clock.now()
  expect((await show()).incident.acknowledged).toMatchObject({
    by: 'second-responder',
    at: acknowledgedAt,
  })

  // Declared, and everybody has a role.
  await give('second-responder', 'declare')
  const declaredAt = clock.now()
  await give('second-responder', 'take-role', { role: 'incident_commander' })
  await give('second-responder', 'hand-over', {
    role: 'communications_lead',
    to: 'third-responder',
  })
  const { leading } = await show()
  expect(leading?.roles.map(({ role, person }) => [role, person])).toEqual([
    ['incident_commander', 'second-responder'],
    ['communications_lead', 'third-responder'],
  ])

  // The first update is on time; the second one too.
  const update = (impact: string) =>
    give('third-responder', 'update', {
      impact,
      currentStatus: 'The database of orders is full.',
      nextSteps: 'Going back to the release of yesterday.',
    })
  await goOn(12 * MINUTE, () => true)
  await happened('update_reminded')
  await goOn(2 * MINUTE, () => true)
  await update('Nobody can order.')
  expect((await show()).incident.updates?.nextAt).toBe(declaredAt + 29 * MINUTE)
  await goOn(10 * MINUTE, () => true)
  await update('Nobody can order; we go back.')

  // A mitigation, of which the probes say that it worked.
  await give('second-responder', 'mitigate', {
    kind: 'rollback',
    what: 'back to 811',
    target: 'orders',
  })
  const rolledBackAt = clock.now()
  const fixedAt = rolledBackAt + 100 * SECOND
  await goOn(6 * MINUTE, (slotAt) => slotAt < fixedAt)
  const lastBadAt = Math.max(
    ...REGIONS.flatMap((region) => dueSlots(order, region, rolledBackAt, fixedAt)).filter(
      (slotAt) => slotAt < fixedAt,
    ),
  )
  const { mitigations } = await until('it was measured', async () => {
    const { incident } = await show()
    return incident.mitigations?.[0]?.effect !== undefined && incident
  })
  expect(mitigations?.[0]?.effect).toMatchObject({
    verdict: 'worked',
    words: expect.stringMatching(/^failing 100 % → 0 % after 1 min/),
  })
  await stateIs('verifying')

  // The gate is broken once …
  await goOn(20 * MINUTE)
  await coordinator.ingest([
    aRun({
      ...{ checkId: order.id, regionId: 'eu-west', slotAt: clock.now() - 5 * SECOND },
      ...{ startedAt: clock.now() - 5 * SECOND, ...failed },
      command: { commandId: randomUUID(), reason: 'closer_look' },
    }),
  ])
  expect(await happened('gate_restarted')).toMatchObject({ verifyUntil: clock.now() + 30 * MINUTE })
  // … and then passed, with what people have to do; in between, they are told.
  await update('Orders work; we watch.')
  await goOn(31 * MINUTE)
  await give('second-responder', 'tick-gate', { item: 'reconciliation', outcome: 'done' })
  await give('third-responder', 'tick-gate', { item: 'communication', outcome: 'done' })
  const command = { commandId: randomUUID(), reason: 'manual' as const }
  for (const regionId of REGIONS)
    await coordinator.ingest([
      aRun({
        checkId: order.id,
        regionId,
        slotAt: clock.now() + 1,
        startedAt: clock.now() + 1,
        command,
      }),
    ])
  await stateIs('restored')
  const restoredAt = clock.now()

  // 48 hours of a closer look, ended by the clock.
  expect((await show()).incident.watch).toMatchObject({ until: restoredAt + 48 * HOUR })
  await process.moveTo(restoredAt + 48 * HOUR)
  await happened('watch_ended')
  expect(
    await give('second-responder', 'resolve', { as: 'cause_fixed', reason: 'the disk is watched' }),
  ).toMatchObject({ state: 'resolved' })

  // The postmortem says what the record says.
  const { times } = await show()
  const postmortem = await coordinator.get(getPostmortem, { incidentId })
  const durations = times?.durations
  expect(durations?.mttd.value).toBe(SECOND)
  expect(durations?.mtta.value).toBe(acknowledgedAt - pagedAt)
  expect(durations?.mttr.value).toBe(restoredAt - (startedAt + SECOND))
  expect(times?.instants.mitigated.value).toBe(lastBadAt)
  const figure = (name: string) => postmortem.figures.find((one) => one.name === name)
  expect(figure('time_to_detect')?.value).toBe(describeDuration(SECOND))
  expect(figure('time_to_acknowledge')?.value).toBe(describeDuration(acknowledgedAt - pagedAt))
  expect(figure('time_to_restore')?.value).toBe(describeDuration(durations?.mttr.value ?? 0))
  expect(figure('impact_duration')?.value).toBe(describeDuration(durations?.impact.value ?? 0))
  expect(postmortem).toMatchObject({ state: 'draft', dueAt: restoredAt + 48 * HOUR })
  expect(postmortem.body.summary).toContain('{{impact_duration}}')

  const item = await coordinator.post(
    addActionItem,
    { incidentId },
    {
      ...{
        by: 'second-responder',
        title: 'Alert on the disk above 80 %',
        owner: 'first-responder',
      },
      ...{ dueAt: clock.now() + 72 * HOUR, priority: 'P1', type: 'detect' },
    },
  )
  expect(item.status).toBe(200)
  await coordinator.post(
    changeActionItem,
    { itemId: 'AI-1' },
    { by: 'first-responder', isDone: true, proof: 'check disk-space' },
  )
  for (const to of ['in_review', 'reviewed'])
    expect(
      (await coordinator.post(movePostmortem, { incidentId }, { by: 'first-responder', to }))
        .status,
    ).toBe(200)

  // The last word is said on the command line.
  const closed = await runFirewatch(['incident', 'close', incidentId, '--by', 'second-responder'], {
    folder: await tempFolder(),
    environment: { FIREWATCH_COORDINATOR_URL: coordinator.address },
  })
  expect(closed.stderr).toBe('')
  expect(closed.code).toBe(0)
  expect((await show()).incident.state).toBe('closed')
  expect((await show()).events.map(({ type }) => type)).toEqual(
    expect.arrayContaining([
      'acknowledged',
      'role_assumed',
      'update_posted',
      'mitigation_applied',
      'restored',
      'resolved',
      'closed',
    ]),
  )
})
