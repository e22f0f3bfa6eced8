import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signWebhook } from '../../../src/coordinator/notifiers/webhook.ts'
import { getIncident } from '../../../src/protocol/public-api.ts'
import { aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.ts'

const noon = at('2026-03-13T12:00:00Z')
const SECRET = `whsec_${Buffer.from('a secret for tests only, 32 byte').toString('base64')}`

const fleetTelling = (...receivers: WebhookReceiver[]) =>
  aFleet({
    // The clock jumps here; that regions are not heard meanwhile is not what is tested.
    silentAfterMs: 86_400_000,
    channels: receivers.map(({ url }, index) => ({
      id: `hook-${index + 1}`,
      kind: 'webhook',
      url,
      secret: 'HOOK_SECRET',
    })),
  })

async function breakEverywhere(coordinator: TestCoordinator, slotAt = noon): Promise<void> {
  for (const regionId of ['eu-west', 'us-east'])
    await coordinator.ingest([
      aRun({
        regionId,
        slotAt,
        startedAt: slotAt,
        verdict: 'failed',
        error: { type: 'connect.refused', message: 'connection refused' },
      }),
    ])
}

async function mendEverywhere(coordinator: TestCoordinator, from: number): Promise<void> {
  for (const slotAt of [from, from + 10_000])
    for (const regionId of ['eu-west', 'us-east', 'ap-south'])
      await coordinator.ingest([aRun({ regionId, slotAt })])
}

const typesOf = (receiver: WebhookReceiver) =>
  receiver.received.map(({ body }) => JSON.parse(body).type)

test('a signature is what the specification of Standard Webhooks says', () => {
  expect(
    signWebhook(
      'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      '1614265330',
      '{"test": 2432232314}',
    ),
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})

describe.each(DATABASES)('on %s', (database) => {
  test('an incident is told signed, in order, and with one id over all attempts', async () => {
    const receiver = await startWebhookReceiver()
    receiver.answers.push(500, 'dropped', 503)
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({
      database,
      clock,
      fleet: fleetTelling(receiver),
      secrets: { HOOK_SECRET: SECRET },
    })

    await breakEverywhere(coordinator)
    // Each ends otherwise: that an attempt was made is written down before, and its end after it.
    for (const [index, error] of [/500/, /no answer/, /503/].entries()) {
      const attempts = index + 1
      await until(`attempt ${attempts} was made`, () => receiver.received.length === attempts)
      await until('its end is written down', async () => {
        const { notifications } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
        return error.test(notifications[0]?.lastError ?? '')
      })
      if (attempts === 2) {
        // It recovers while the first message is still on its way: that must not overtake it.
        await mendEverywhere(coordinator, clock.now() - 12_000)
        await until('it has recovered', async () => {
          const { incident } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
          return incident.state === 'verifying'
        })
      }
      clock.advance(60_000)
    }
    // Nothing runs any more while the clock jumps, so it may be told that the verification begins anew.
    const told = () => typesOf(receiver).filter((type) => type !== 'incident.gate_restarted')
    await until('both messages arrived', () => told().length === 5)
    expect(told()).toEqual([...Array(4).fill('incident.opened'), 'incident.recovered'])
    expect(typesOf(receiver).slice(0, 5)).toEqual(told())
    const opened = receiver.received.slice(0, 4)
    expect(new Set(opened.map(({ headers }) => headers['webhook-id']))).toEqual(
      new Set(['INC-1.1.hook-1']),
    )
    expect(new Set(opened.map(({ body }) => body)).size).toBe(1)
    for (const { headers, body } of receiver.received) {
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
      const mac = createHmac('sha256', Buffer.from(SECRET.slice('whsec_'.length), 'base64')).update(
        signed,
      )
      expect(headers['webhook-signature']).toBe(`v1,${mac.digest('base64')}`)
    }
    expect(JSON.parse(opened[0]?.body ?? '')).toMatchObject({
      type: 'incident.opened',
      data: {
        id: 'INC-1',
        service: 'storefront',
        severity: 'SEV-1',
        scope: 'global',
        regions: ['eu-west', 'us-east'],
      },
    })
  })

  test('a receiver that is down does not keep another from being told', async () => {
    const [dead, alive] = [await startWebhookReceiver(), await startWebhookReceiver()]
    dead.answers.push(...Array(50).fill(500))
    const clock = movableClock(noon + 5_000)
    const coordinator = await startCoordinator({
      database,
      clock,
      fleet: fleetTelling(dead, alive),
      secrets: { HOOK_SECRET: SECRET },
    })

    await breakEverywhere(coordinator)
    await until('the other one is told', () => alive.received.length === 1)
  })

  test('what says "never again" is undeliverable, and the incident shows it', async () => {
    const receiver = await startWebhookReceiver()
    receiver.answers.push(410)
    const coordinator = await startCoordinator({
      database,
      clock: movableClock(noon + 5_000),
      fleet: fleetTelling(receiver),
      secrets: { HOOK_SECRET: SECRET },
    })

    await breakEverywhere(coordinator)
    const [delivery] = await until('it is given up', async () => {
      const { notifications } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
      return notifications[0]?.state === 'undeliverable' ? notifications : false
    })
    expect(delivery).toMatchObject({ attempts: 1, lastError: 'the receiver answered 410' })
  })

  test('what was due when the coordinator stopped is told by the next one', async () => {
    const receiver = await startWebhookReceiver()
    receiver.answers.push(500)
    const location = await freshDatabase(database)
    const clock = movableClock(noon + 5_000)
    const options = {
      database: location,
      clock,
      fleet: fleetTelling(receiver),
      secrets: { HOOK_SECRET: SECRET },
    }
    const first = await startCoordinator(options)
    await breakEverywhere(first)
    await until('the first attempt was made', () => receiver.received.length === 1)
    await first.stop()

    clock.advance(60_000)
    await startCoordinator(options)
    await until('the next coordinator tells it', () => receiver.received.length === 2)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })
})
