import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  getCheck,
  getIncident,
  INCIDENT_COMMANDS,
  listIncidents,
  runCheck,
} from '../../../src/protocol/public-api.ts'
import { dueSlots } from '../../../src/protocol/schedule.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { listening } from '../../support/listening-regions.ts'
import { type MovableClock, movableClock } from '../../support/movable-clock.ts'
import { stayClean } from '../../support/stay-clean.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'

const noon = at('2026-03-13T12:00:00Z')
const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const REGIONS = ['eu-west', 'us-east', 'ap-south']
const every = { kind: 'interval' as const, everyMs: 30_000 }
const checkout = aCheck('journey', { id: 'checkout-stop', name: 'Buy a lamp', schedule: every })
const pay = aCheck('http', { id: 'pay', name: 'Payment', serviceId: 'payments', schedule: every })
const checks = [checkout, pay]

const fleet = (url?: string) =>
  aFleet({
    silentAfterMs: 365 * 24 * HOUR,
    services: [
      {
        ...{ id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined },
        downstream: ['pay'],
      },
      { id: 'payments', name: 'Payments', tier: 'standard', owner: undefined },
    ],
    checks,
    channels:
      url === undefined ? [] : [{ id: 'hook', kind: 'webhook', url, secret: 'HOOK_SECRET' }],
  })
const secrets = {
  HOOK_SECRET: `whsec_${Buffer.from('a secret for tests only').toString('base64')}`,
}

const incidentId = 'INC-1'
const show = (coordinator: TestCoordinator) => coordinator.get(getIncident, { incidentId })
const stateIs = (coordinator: TestCoordinator, state: string) =>
  until(`it is ${state}`, async () => (await show(coordinator)).incident.state === state, {
    withinMs: 15_000,
  })
const give = (coordinator: TestCoordinator, name: keyof typeof INCIDENT_COMMANDS, body: object) =>
  coordinator.post(
    INCIDENT_COMMANDS[name],
    { incidentId },
    { by: 'ada', commandId: randomUUID(), ...body },
  )

const failed = {
  verdict: 'failed' as const,
  error: { type: 'journey.step' as const, message: 'HTTP 502' },
}

/** Every slot of the check within the next `ms`, as it ends; then the clock moves there. */
async function goOn(
  coordinator: TestCoordinator,
  clock: MovableClock,
  ms: number,
  isFailing: (slotAt: number) => boolean,
) {
  const from = clock.now()
  for (const regionId of REGIONS) {
    const runs = dueSlots(checkout, regionId, from, from + ms).map((slotAt) =>
      aRun({
        ...{ checkId: checkout.id, regionId, slotAt, startedAt: slotAt, durationMs: 400 },
        ...(isFailing(slotAt) && failed),
      }),
    )
    await coordinator.ingest(runs, regionId)
  }
  clock.advance(ms)
}

const byHand = (coordinator: TestCoordinator, now: number, verdict: object = {}) => {
  const command = { commandId: randomUUID(), reason: 'manual' as const }
  return Promise.all(
    REGIONS.map((regionId) =>
      coordinator.ingest([
        aRun({
          ...{ checkId: checkout.id, regionId, slotAt: now + 1, startedAt: now + 1, command },
          ...verdict,
        }),
      ]),
    ),
  )
}

/** An outage that was declared and recovered by itself, up to its verification. */
async function untilVerifying(coordinator: TestCoordinator, clock: MovableClock) {
  await stayClean(coordinator, clock, 40 * MINUTE, checks)
  await goOn(coordinator, clock, MINUTE, () => true)
  await until('an incident is open', async () => (await coordinator.get(listIncidents)).data[0])
  await give(coordinator, 'declare', {})
  await goOn(coordinator, clock, 2 * MINUTE, () => false)
  await stateIs(coordinator, 'verifying')
}

describe.each(DATABASES)('on %s', (database) => {
  test('a gate that was broken once holds the door, is passed, and starts the watch and the review', async () => {
    const clock = movableClock(noon)
    const receiver = await startWebhookReceiver()
    const options = { database, clock, fleet: fleet(receiver.url), secrets }
    const coordinator = await startCoordinator(options)
    await untilVerifying(coordinator, clock)

    await stayClean(coordinator, clock, 20 * MINUTE, checks)
    const slotAt = clock.now() - 5 * SECOND
    const command = { commandId: randomUUID(), reason: 'closer_look' as const }
    await coordinator.ingest([
      aRun({
        checkId: checkout.id,
        regionId: 'eu-west',
        slotAt,
        startedAt: slotAt,
        command,
        ...failed,
      }),
    ])
    const restart = await until('the time begins anew', async () =>
      (await show(coordinator)).events.find(({ type }) => type === 'gate_restarted'),
    )
    expect(restart).toMatchObject({
      condition: 'errors',
      reason: expect.stringMatching(
        /^1 of \d+ runs of Buy a lamp failed in eu-west; none of \d+ did/,
      ),
      // A look that began before the clock moved may still be under way.
      verifyUntil: restart.recordedAt + 30 * MINUTE,
    })

    await stayClean(coordinator, clock, 31 * MINUTE, checks)
    const gate = await until('only people are waited for', async () => {
      const { gate: now } = await show(coordinator)
      const waiting = now?.conditions.filter(({ state }) => state === 'waiting')
      return waiting?.length === 3 && now
    })
    const states = Object.fromEntries(gate.conditions.map(({ name, state }) => [name, state]))
    expect(states).toEqual({
      findings: 'met',
      errors: 'met',
      latency: 'met',
      missing: 'met',
      throughput: 'not_needed',
      downstream: 'met',
      manual_run: 'waiting',
      reconciliation: 'waiting',
      communication: 'waiting',
    })
    expect(
      await give(coordinator, 'tick-gate', { item: 'reconciliation', outcome: 'deferred' }),
    ).toMatchObject({ status: 409, answer: { code: 'incident.reason_missing' } })
    const later = { item: 'reconciliation', outcome: 'deferred', owner: 'first-responder' }
    await give(coordinator, 'tick-gate', later)
    await give(coordinator, 'tick-gate', { item: 'communication', outcome: 'done' })
    await byHand(coordinator, clock.now())
    await stateIs(coordinator, 'restored')

    const { incident } = await show(coordinator)
    expect(incident).toMatchObject({
      watch: { until: clock.now() + 48 * HOUR, checks: [{ checkId: 'checkout-stop' }] },
      postmortem: { state: 'draft', dueAt: clock.now() + 48 * HOUR },
    })
    const told = () => receiver.received.map(({ body }) => JSON.parse(body))
    await until('it is told', () => told().some(({ type }) => type === 'incident.restored'))
    expect(told().find(({ type }) => type === 'incident.gate_restarted').data.text).toMatch(
      /the verification begins anew: 1 of/,
    )
  })

  test('a watch survives a restart, fires sooner, reopens the same incident, and ends by the clock', async () => {
    const clock = movableClock(noon)
    const location = await freshDatabase(database)
    const first = await startCoordinator({ database: location, clock, fleet: fleet() })
    await untilVerifying(first, clock)
    const override = await give(first, 'override-gate', { reason: 'the region moves tonight' })
    expect(override.answer.incident).toMatchObject({ state: 'restored' })
    const { events } = await show(first)
    expect(events.find(({ type }) => type === 'gate_overridden')).toMatchObject({
      reason: 'the region moves tonight',
      actor: { name: 'ada' },
      unmet: expect.arrayContaining([expect.objectContaining({ name: 'manual_run' })]),
    })
    const watch = async (coordinator: TestCoordinator) =>
      (await coordinator.get(getCheck, { checkId: checkout.id })).watch
    const begun = await watch(first)
    expect(begun).toMatchObject({
      incidentId,
      until: clock.now() + 48 * HOUR,
      rule: { failuresToFire: 2 },
      changes: ['failures in a row 3 → 2'],
    })
    expect(await give(first, 'resolve', { as: 'cause_fixed', reason: 'the pool' })).toMatchObject({
      status: 409,
      answer: { code: 'incident.watched' },
    })
    await first.stop()

    clock.advance(30 * HOUR)
    const second = await startCoordinator({ database: location, clock, fleet: fleet() })
    expect(await watch(second)).toEqual(begun)
    // Two failures in a row in one region: the usual rule wants three.
    const slots = dueSlots(checkout, 'eu-west', clock.now(), clock.now() + MINUTE)
    clock.advance(MINUTE)
    for (const slotAt of slots)
      await second.ingest([
        aRun({ checkId: checkout.id, regionId: 'eu-west', slotAt, startedAt: slotAt, ...failed }),
      ])
    await stateIs(second, 'mitigating')
    const { incident } = await show(second)
    expect(incident.generation).toBeGreaterThan(1)
    expect(incident.watch).toBeUndefined()
    expect(await watch(second)).toBeUndefined()
    expect((await second.get(listIncidents)).data).toHaveLength(1)

    await goOn(second, clock, 2 * MINUTE, () => false)
    await stateIs(second, 'verifying')
    await give(second, 'override-gate', { reason: 'again' })
    clock.advance(48 * HOUR - 1)
    expect(await watch(second)).toBeDefined()
    clock.advance(1)
    expect(await watch(second)).toBeUndefined()
    await until('the end is written down', async () =>
      (await show(second)).events.some(({ type }) => type === 'watch_ended'),
    )
    const resolved = await give(second, 'resolve', { as: 'cause_fixed', reason: 'the pool' })
    expect(resolved.answer.incident).toMatchObject({ state: 'resolved' })
    expect(await give(second, 'close', {})).toMatchObject({
      status: 409,
      answer: { code: 'incident.not_reviewed' },
    })
    const closed = await give(second, 'close', { withoutReview: 'a rehearsal' })
    expect(closed.answer.incident).toMatchObject({ state: 'closed' })
  })

  test('what is verified, and then watched, is looked at half-way between its slots as well, and no longer', async () => {
    const clock = movableClock(noon)
    const coordinator = await startCoordinator({
      ...{ database, clock },
      fleet: aFleet({ checks: [checkout], silentAfterMs: 365 * 24 * HOUR }),
    })
    /** What a probe is told to run of the check while the clock passes the middle between two of its slots. */
    const told = async () => {
      const held = await listening(coordinator, ['eu-west'])
      const [slot = 0, next = 0] = dueSlots(checkout, 'eu-west', clock.now(), clock.now() + MINUTE)
      clock.set(slot + (next - slot) / 2 + SECOND)
      return {
        commands: async () =>
          (await held.get('eu-west'))?.map(({ checkId, reason }) => `${checkId}: ${reason}`),
      }
    }
    await untilVerifying(coordinator, clock)
    expect(await (await told()).commands()).toEqual(['checkout-stop: closer_look'])
    await give(coordinator, 'override-gate', { reason: 'the region moves tonight' })
    expect(await (await told()).commands()).toEqual(['checkout-stop: closer_look'])

    clock.advance(48 * HOUR)
    await until('the watch is over', async () =>
      (await show(coordinator)).events.some(({ type }) => type === 'watch_ended'),
    )
    const last = await told()
    await coordinator.post(runCheck, { checkId: checkout.id }, { by: 'ada' })
    expect(await last.commands()).toEqual(['checkout-stop: manual'])
  })

  test('the probes say what came of each mitigation, and the next incident begins with what worked', async () => {
    const clock = movableClock(noon)
    const coordinator = await startCoordinator({ database, clock, fleet: fleet() })
    await stayClean(coordinator, clock, 40 * MINUTE, checks)
    await goOn(coordinator, clock, 2 * MINUTE, () => true)
    await until('an incident is open', async () => (await coordinator.get(listIncidents)).data[0])
    await give(coordinator, 'declare', {})

    await give(coordinator, 'mitigate', { kind: 'restart', what: 'all pods', target: 'orders' })
    await goOn(coordinator, clock, 4 * MINUTE, () => true)
    const effectOf = async (index: number) =>
      (await show(coordinator)).incident.mitigations?.[index]?.effect
    await until('the first did nothing', async () => (await effectOf(0)) !== undefined)
    expect(await effectOf(0)).toMatchObject({
      verdict: 'no_effect',
      words: 'no effect after 3 min: failing 100 % before, 100 % since',
    })
    await give(coordinator, 'undo-mitigation', { mitigationId: 'm1', note: 'it was not that' })
    await give(coordinator, 'mitigate', { kind: 'rollback', what: 'back to 811', target: 'orders' })
    const rolledBackAt = clock.now()
    await goOn(coordinator, clock, 6 * MINUTE, (slotAt) => slotAt < rolledBackAt + 100_000)
    await until('the second was measured', async () => (await effectOf(1)) !== undefined)
    expect(await effectOf(1)).toMatchObject({
      verdict: 'worked',
      words: expect.stringMatching(/^failing 100 % → 0 % after 1 min [34]\d s$/),
    })
    await stateIs(coordinator, 'verifying')
    await give(coordinator, 'override-gate', { reason: 'seen enough' })
    await give(coordinator, 'resolve', { as: 'risk_accepted', reason: 'rare' })

    await goOn(coordinator, clock, MINUTE, () => true)
    const next = await until('another is open', async () =>
      (await coordinator.get(listIncidents)).data.find(({ id }) => id === 'INC-2'),
    )
    const { triage } = await coordinator.get(getIncident, { incidentId: next.id })
    expect(triage.toolbox?.map(({ kind, verdict }) => [kind, verdict])).toEqual([
      ['rollback', 'worked'],
      ['restart', 'no_effect'],
    ])
  })
})
