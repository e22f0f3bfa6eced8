import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { declareIncident, getIncident, urlFor } from '../../src/protocol/public-api.ts'
import { coordinatorProcess } from '../support/coordinator-process.ts'
import { DATABASES } from '../support/databases.ts'
import { aFleetFolder } from '../support/fleet-files.ts'
import { longOrShort } from '../support/long-or-short.ts'
import { startMailServer } from '../support/mail-server.ts'
import { startNtfy, startPagerDuty, startSlack } from '../support/message-services.ts'
import { until } from '../support/until.ts'
import { startWebhookReceiver } from '../support/webhook-receiver.ts'

/**
 * The coordinator dies by `kill -9` at each point of the way to a person: `stepped`, after the step was
 * committed; `leased`, before it is sent; `sent`, before that is written down; `recorded`, after it.
 */
const POINTS = ['stepped', 'leased', 'sent', 'recorded'] as const
const CONTACTS = ['mail', 'chat', 'pager', 'phone', 'hook'] as const

const CASES = longOrShort({
  long: DATABASES.flatMap((database) =>
    POINTS.flatMap((at) =>
      (at === 'stepped' ? (['p1'] as const) : CONTACTS).map((where) => ({ database, at, where })),
    ),
  ),
  // The worst of them: it was sent, and nobody knows.
  short: [{ database: 'sqlite' as const, at: 'sent' as const, where: 'phone' as const }],
})

const FAILPOINT = pathToFileURL(join(import.meta.dirname, '../support/failpoint.mjs')).href
const SECRET = `whsec_${Buffer.from('a secret for tests only, 32 byte').toString('base64')}`

async function startReceivers() {
  const [mail, chat, pager, phone, hook] = await Promise.all([
    startMailServer(),
    startSlack(),
    startPagerDuty(),
    startNtfy(),
    startWebhookReceiver(),
  ])
  const pages = (taken: readonly { body: string }[]) =>
    taken.filter(({ body }) => !body.includes('"event_action":"resolve"')).length
  return {
    mail,
    chat,
    pager,
    phone,
    hook,
    counts: () => ({
      mail: mail.taken.length,
      chat: pages(chat.taken),
      pager: pages(pager.taken),
      phone: pages(phone.taken),
      hook: hook.received.length,
    }),
  }
}

const onCallYaml = (phone: string, hook: string) => `
people:
  - id: first-responder
    contacts:
      - { id: mail, kind: email, address: first@example.com, verified: 2026-03-01 }
      - { id: chat, kind: slack, user: U012AB3CD, token: SLACK_BOT_TOKEN, verified: 2026-03-01 }
      - { id: pager, kind: pagerduty, routingKey: PAGERDUTY_ROUTING_KEY, verified: 2026-03-01 }
      - { id: phone, kind: ntfy, url: ${phone}, topic: first, verified: 2026-03-01 }
      - { id: hook, kind: webhook, url: ${hook}, secret: HOOK_SECRET, verified: 2026-03-01 }
teams:
  - { id: team, services: [shop], members: [first-responder] }
ladders:
  SEV-1:
    steps: [{ after: 0m, page: [{ person: first-responder }] }]
    acknowledgeWithin: 1h
`

test.each(CASES)(
  'on $database, killed when $where is $at: every contact is paged, under the same id',
  async ({ database, at, where }) => {
    const receivers = await startReceivers()
    const definitions = await aFleetFolder({
      'probes/README.md': '',
      'config/on-call.yaml': onCallYaml(receivers.phone.url, receivers.hook.url),
      'config/notifications.yaml': `
senders:
  email: { from: firewatch@example.com }
  slack: { url: ${receivers.chat.url} }
  pagerduty: { url: ${receivers.pager.url} }
channels: []
`,
    })
    let failpoint: string | undefined = `${at} ${where}`
    const coordinator = await coordinatorProcess(database, {
      definitions,
      environment: () => ({
        SMTP_URL: receivers.mail.url,
        SLACK_BOT_TOKEN: 'xoxb-of-the-test',
        PAGERDUTY_ROUTING_KEY: '0123456789abcdef0123456789abcdef',
        HOOK_SECRET: SECRET,
        FAILPOINT: failpoint,
        NODE_OPTIONS: failpoint === undefined ? undefined : `--import=${FAILPOINT}`,
      }),
    })
    await coordinator.start()
    // It may die before it answers: what it was told is stored all the same.
    await fetch(coordinator.url + urlFor(declareIncident), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        by: 'reporter',
        serviceId: 'shop',
        title: 'Nobody can pay',
        severity: 'SEV-1',
        reason: 'Three customers called.',
      }),
    }).catch(() => undefined)
    await coordinator.died()
    failpoint = undefined
    await coordinator.start()
    const states = await until(
      'every contact has its page',
      async () => {
        const answer = await fetch(coordinator.url + urlFor(getIncident, { incidentId: 'INC-1' }))
        const { notifications } = getIncident.response.parse(await answer.json())
        const states = notifications.map(({ state }) => state)
        return (
          states.length === CONTACTS.length && states.every((one) => one === 'delivered') && states
        )
      },
      { withinMs: 60_000, everyMs: 200 },
    )
    await coordinator.kill()

    expect(states).toHaveLength(CONTACTS.length)
    const counts = receivers.counts()
    const missed = Object.values(counts).filter((count) => count === 0).length
    const duplicates = Object.fromEntries(
      Object.entries(counts).map(([contact, count]) => [contact, count - 1]),
    )
    console.info(
      `${database}, ${where} ${at}: missed ${missed}, duplicates ${JSON.stringify(duplicates)}`,
    )
    expect(missed).toBe(0)
    for (const extra of Object.values(duplicates)) expect(extra).toBeLessThanOrEqual(1)
    const ids = receivers.hook.received.map(({ headers }) => headers['webhook-id'])
    expect(new Set(ids)).toEqual(new Set(['INC-1.p1.1.1.first-responder.hook']))
  },
  120_000,
)
