import { describe, expect, test } from 'vitest'
import type { Stakeholder } from '../../../src/protocol/on-call.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { startMailServer } from '../../support/mail-server.ts'
import { startSlack } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall } from '../../support/on-call.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver } from '../../support/webhook-receiver.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000

/** Support has a desk with mail and a system of its own; leadership reads a channel of Slack. */
async function audience() {
  const mail = await startMailServer()
  const slack = await startSlack()
  const hook = await startWebhookReceiver()
  const stakeholders: Stakeholder[] = [
    {
      ...{ id: 'support', name: 'Customer support', severity: 'SEV-2' },
      contacts: [
        { id: 'desk', destination: { kind: 'email', to: 'support@example.com' } },
        { id: 'tickets', destination: { kind: 'webhook', url: hook.url, secret: 'HOOK_SECRET' } },
      ],
    },
    {
      ...{ id: 'leadership', name: 'Leadership', severity: 'SEV-1' },
      contacts: [{ id: 'channel', destination: { kind: 'slack', channel: 'C024BE91L' } }],
    },
  ]
  const fleet = aFleet({
    silentAfterMs: 86_400_000,
    updateEveryMs: { 'SEV-1': 15 * MINUTE },
    senders: { email: { from: 'firewatch@example.com' }, slack: { url: slack.url } },
    onCall: anOnCall({ 'first-responder': [] }, { stakeholders }),
  })
  const secrets = {
    SMTP_URL: mail.url,
    SLACK_BOT_TOKEN: 'xoxb-of-the-test',
    HOOK_SECRET: `whsec_${Buffer.from('a secret for tests only').toString('base64')}`,
  }
  const subjects = () => ({
    mails: mail.taken.map(({ source }) => /^Subject: (.*)/m.exec(source)?.[1]?.trim()),
    posts: slack.taken.map(({ body }) => JSON.parse(body).text),
    hooks: hook.received.map(({ body }) => JSON.parse(body).type),
  })
  return { fleet, secrets, mail, subjects }
}

const declare = (coordinator: TestCoordinator, severity: string) => {
  const wanted = { serviceId: 'storefront', title: 'Nobody can pay', severity }
  return coordinator.post(declareIncident, {}, { ...wanted, by: 'ada', reason: 'twelve calls' })
}

const give = (
  coordinator: TestCoordinator,
  incidentId: string,
  name: keyof typeof INCIDENT_COMMANDS,
  body: object = {},
) => coordinator.post(INCIDENT_COMMANDS[name], { incidentId }, { by: 'ada', ...body })

describe.each(DATABASES)('on %s', (database) => {
  test('stakeholders hear of it when it is declared, at each update and when it is over; nobody else does', async () => {
    const { fleet, secrets, mail, subjects } = await audience()
    const clock = movableClock(noon)
    const options = { database: await freshDatabase(database), clock, fleet, secrets }
    const first = await startCoordinator(options)
    await declare(first, 'SEV-1')
    await until('both heard of it', () => {
      const { mails, posts, hooks } = subjects()
      return mails.length === 1 && posts.length === 1 && hooks.length === 1
    })
    expect(subjects()).toEqual({
      mails: ['SEV-1 INC-1: Storefront: not available'],
      posts: ['SEV-1 INC-1: Storefront: not available'],
      hooks: ['stakeholder.confirmed'],
    })
    expect(mail.taken[0]?.to).toEqual(['support@example.com'])
    const text = mail.taken[0]?.source.replaceAll(/=\r?\n/g, '') ?? ''
    expect(text).toContain('You hear more: 12:15 UTC, or sooner if status changes')
    expect(text).toContain('If customers ask:')
    expect(text).not.toContain('Acknowledge:')

    await until('it is written down that they did', async () => {
      const { notifications } = await first.get(getIncident, { incidentId: 'INC-1' })
      return notifications.every(({ state }) => state === 'delivered')
    })
    // Who was told is in the database: another coordinator tells them the rest.
    await first.stop()
    const coordinator = await startCoordinator(options)
    await give(coordinator, 'INC-1', 'acknowledge')
    const update = { impact: 'Nobody can pay.', currentStatus: 'Rolling back.' }
    await give(coordinator, 'INC-1', 'update', { ...update, nextSteps: 'Look again.' })
    await give(coordinator, 'INC-1', 'mitigated', { note: 'rolled back 812' })
    await give(coordinator, 'INC-1', 'override-gate', { reason: 'the vendor said so' })
    const done = { as: 'cause_fixed', reason: 'more disk', watchAccepted: 'known' }
    await give(coordinator, 'INC-1', 'resolve', done)
    const news = ['confirmed', 'update', 'restored', 'resolved']
    await until('the last of it', () => {
      const { mails, posts, hooks } = subjects()
      return [mails, posts, hooks].every(({ length }) => length >= news.length)
    })
    expect(subjects()).toMatchObject({
      hooks: news.map((one) => `stakeholder.${one}`),
      posts: [
        'SEV-1 INC-1: Storefront: not available',
        'SEV-1 INC-1: update on Storefront',
        'SEV-1 INC-1: Storefront works again',
        'SEV-1 INC-1: Storefront is settled',
      ],
    })
    const { notifications } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
    const shown = notifications.map(({ channelId, eventType }) => `${channelId} ${eventType}`)
    expect(shown.toSorted()).toEqual(
      ['leadership/channel', 'support/desk', 'support/tickets']
        .flatMap((who) => news.map((one) => `stakeholder/${who} stakeholder.${one}`))
        .toSorted(),
    )
  })
})

test('one that becomes severe later is told then, and its end to those who were told and had it', async () => {
  const { fleet, secrets, mail, subjects } = await audience()
  const coordinator = await startCoordinator({
    ...{ database: 'sqlite', clock: movableClock(noon), fleet, secrets },
  })
  await declare(coordinator, 'SEV-3')
  await give(coordinator, 'INC-1', 'note', { text: 'looking' })
  // The mail of the desk is refused for good; the system of support takes what comes.
  mail.next.push(550)
  await give(coordinator, 'INC-1', 'severity', { to: 'SEV-2' })
  await until('it did not arrive', async () => {
    const { notifications } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
    return notifications.some(({ state }) => state === 'undeliverable')
  })
  await give(coordinator, 'INC-1', 'stand-down', { reason: 'a drill' })
  await until('the end', () => subjects().hooks.includes('stakeholder.ended'))
  const { notifications } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
  expect(notifications.map(({ channelId, eventType }) => `${channelId} ${eventType}`)).toEqual([
    'stakeholder/support/desk stakeholder.confirmed',
    'stakeholder/support/tickets stakeholder.confirmed',
    'stakeholder/support/tickets stakeholder.ended',
  ])
  expect(subjects().posts).toEqual([])
  const { leading } = await coordinator.get(getIncident, { incidentId: 'INC-1' })
  expect(leading?.audience).toMatchObject([
    { id: 'support', isTold: true },
    { id: 'leadership', isTold: false },
  ])
})
