import { describe, expect, test } from 'vitest'
import { aDelivery, attempt, LINES, SECRETS } from '../../../support/attempt-delivery.ts'
import { startMailServer } from '../../../support/mail-server.ts'
import {
  type MessageService,
  startAlertApi,
  startNtfy,
  startPagerDuty,
  startSlack,
} from '../../../support/message-services.ts'
import { startWebhookReceiver } from '../../../support/webhook-receiver.ts'

describe('PagerDuty', () => {
  const destination = { kind: 'pagerduty', routingKey: 'PAGERDUTY_ROUTING_KEY' } as const
  const sent = ({ taken }: MessageService) =>
    taken.map(({ body }) => {
      const { event_action, dedup_key } = JSON.parse(body)
      return `${event_action} ${dedup_key}`
    })

  test('a page closes what earlier generations opened, then opens its own', async () => {
    const service = await startPagerDuty()
    const senders = { pagerduty: { url: service.url } }
    expect(await attempt(destination, { senders })).toEqual({ kind: 'delivered' })
    expect(sent(service)).toEqual(['resolve inc-12-g1', 'resolve inc-12-g2', 'trigger inc-12-g3'])
    expect(JSON.parse(service.taken[2]?.body ?? '')).toMatchObject({
      routing_key: SECRETS.PAGERDUTY_ROUTING_KEY,
      client_url: 'https://firewatch.test/incidents/INC-12',
      payload: {
        summary: 'SEV-1 INC-12: Checkout-stop fails in 3 of 3 regions',
        source: 'storefront',
        severity: 'critical',
        timestamp: '2026-03-13T11:58:00Z',
        custom_details: { 'line 6': `First step: ${LINES[5]}` },
      },
    })
  })

  test('what is longer than PagerDuty takes is cut', async () => {
    const service = await startPagerDuty()
    const delivery = aDelivery('page', {
      headline: 'x'.repeat(5_000),
      lines: ['y'.repeat(900_000)],
    })
    const senders = { pagerduty: { url: service.url } }
    expect(await attempt(destination, { senders, delivery })).toEqual({ kind: 'delivered' })
    expect(JSON.parse(service.taken.at(-1)?.body ?? '').payload.summary).toHaveLength(1_024)
  })

  test.each([
    { type: 'page.acknowledged', outcome: ['acknowledge inc-12-g3'] },
    { type: 'incident.acknowledged', outcome: ['acknowledge inc-12-g3'] },
    { type: 'page.ended', outcome: ['resolve inc-12-g3'] },
    { type: 'incident.restored', outcome: ['resolve inc-12-g3'] },
    { type: 'incident.declared', outcome: [] },
  ])('$type becomes $outcome', async ({ type, outcome }) => {
    const service = await startPagerDuty()
    const senders = { pagerduty: { url: service.url } }
    expect(await attempt(destination, { senders, delivery: aDelivery(type) })).toEqual({
      kind: 'delivered',
    })
    expect(sent(service)).toEqual(outcome)
  })

  test('a test rings and leaves nothing open', async () => {
    const service = await startPagerDuty()
    const delivery = aDelivery('page.test', { id: undefined, headline: 'A test', lines: undefined })
    await attempt(destination, { senders: { pagerduty: { url: service.url } }, delivery })
    expect(sent(service)).toEqual([
      'trigger INC-12.3.1.first-responder.phone',
      'resolve INC-12.3.1.first-responder.phone',
    ])
  })

  test('a key that PagerDuty does not take is not tried again', async () => {
    const service = await startPagerDuty()
    const senders = { pagerduty: { url: service.url } }
    const secrets = { PAGERDUTY_ROUTING_KEY: 'too-short' }
    expect(await attempt(destination, { senders, secrets })).toEqual({
      kind: 'failed',
      reason: 'PagerDuty answered 400',
      retryable: false,
    })
  })
})

describe('Slack', () => {
  const destination = { kind: 'slack', channel: 'C024BE91L' } as const

  test('a page has its lines, a button that carries the generation, and a link', async () => {
    const service = await startSlack()
    const senders = { slack: { url: service.url, signingSecret: 'SLACK_SIGNING_SECRET' } }
    expect(await attempt(destination, { senders })).toEqual({ kind: 'delivered' })
    const { text, blocks } = JSON.parse(service.taken[0]?.body ?? '')
    expect(text).toBe('SEV-1 INC-12: Checkout-stop fails in 3 of 3 regions')
    expect(blocks[1].text.text.split('\n')).toHaveLength(6)
    expect(blocks[2].elements).toMatchObject([
      { action_id: 'firewatch.acknowledge', value: '{"id":"INC-12","generation":3}' },
      { url: 'https://firewatch.test/incidents/INC-12' },
    ])
  })

  test('what a target answered mentions nobody, and what is too long is cut', async () => {
    const service = await startSlack()
    const delivery = aDelivery('page', {
      headline: 'h'.repeat(4_000),
      lines: ['<!channel> & <@U1>', 'l'.repeat(4_000)],
    })
    expect(
      await attempt(destination, { senders: { slack: { url: service.url } }, delivery }),
    ).toEqual({ kind: 'delivered' })
    const { blocks } = JSON.parse(service.taken[0]?.body ?? '')
    expect(blocks[1].text.text).toContain('&lt;!channel&gt; &amp; &lt;@U1&gt;')
  })

  test.each([
    { error: 'channel_not_found', retryable: false },
    { error: 'not_in_channel', retryable: false },
    { error: 'rate_limited', retryable: true },
    { error: 'internal_error', retryable: true },
  ])('200 with ok: false and $error has not arrived', async ({ error, retryable }) => {
    const service = await startSlack()
    service.next.push({ status: 200, body: JSON.stringify({ ok: false, error }) })
    expect(await attempt(destination, { senders: { slack: { url: service.url } } })).toEqual({
      kind: 'failed',
      reason: `Slack said ${error}`,
      retryable,
    })
  })
})

describe('ntfy', () => {
  const destination = { kind: 'ntfy', topic: 'first-responder-7Qm2' } as const

  test.each([
    { severity: 'SEV-1', priority: 5 },
    { severity: 'SEV-2', priority: 4 },
    { severity: 'SEV-3', priority: 3 },
  ] as const)('a page of $severity has priority $priority', async ({ severity, priority }) => {
    const service = await startNtfy()
    const delivery = aDelivery('page', { severity })
    expect(
      await attempt(destination, { senders: { ntfy: { url: service.url } }, delivery }),
    ).toEqual({
      kind: 'delivered',
    })
    expect(JSON.parse(service.taken[0]?.body ?? '')).toMatchObject({
      topic: 'first-responder-7Qm2',
      priority,
      click: 'https://firewatch.test/incidents/INC-12',
      actions: [
        { action: 'view', label: 'Acknowledge', url: 'https://firewatch.test/ack/of-this-person' },
        { action: 'view', label: 'Open' },
      ],
    })
  })

  test('a token is shown where there is one, and its absence said', async () => {
    const service = await startNtfy()
    const senders = { ntfy: { url: service.url, token: 'NTFY_TOKEN' } }
    expect(await attempt(destination, { senders })).toMatchObject({
      reason: 'NTFY_TOKEN is not set',
    })
    await attempt(destination, { senders, secrets: { NTFY_TOKEN: 'tk_of_the_test' } })
    expect(service.taken[0]?.headers.authorization).toBe('Bearer tk_of_the_test')
  })

  test('a message of many bytes stays a message, cut between signs', async () => {
    const service = await startNtfy()
    const delivery = aDelivery('page', { lines: ['ü🔥'.repeat(2_000)] })
    expect(
      await attempt(destination, { senders: { ntfy: { url: service.url } }, delivery }),
    ).toEqual({
      kind: 'delivered',
    })
    expect(JSON.parse(service.taken[0]?.body ?? '').message).toMatch(/^What: (ü🔥)+ü?…$/u)
  })
})

describe('e-mail', () => {
  const destination = { kind: 'email', to: 'first-responder@example.com' } as const
  const senders = { email: { from: 'firewatch@example.com' } }

  test('a page is plain text with its lines and links, under an id that stays', async () => {
    const server = await startMailServer()
    const secrets = { SMTP_URL: server.url }
    for (const _ of ['first', 'second'])
      expect(await attempt(destination, { senders, secrets })).toEqual({ kind: 'delivered' })
    const [mail, again] = server.taken
    expect(mail).toMatchObject({
      from: 'firewatch@example.com',
      to: ['first-responder@example.com'],
    })
    const source = mail?.source.replaceAll('=\r\n', '').replaceAll('=3D', '=') ?? ''
    expect(source).toContain('Subject: SEV-1 INC-12: Checkout-stop fails in 3 of 3 regions')
    for (const line of LINES) expect(source).toContain(line)
    expect(source).toContain('Acknowledge: https://firewatch.test/ack/of-this-person')
    const idOf = (text = '') => /^Message-ID: (.*)$/im.exec(text)?.[1]
    expect(idOf(mail?.source)).toBe('<INC-12.3.1.first-responder.phone@example.com>')
    expect(idOf(again?.source)).toBe(idOf(mail?.source))
  })

  test.each([
    { code: 450, retryable: true },
    { code: 552, retryable: false },
  ])('$code is a failure, tried again: $retryable', async ({ code, retryable }) => {
    const server = await startMailServer()
    server.next.push(code)
    expect(await attempt(destination, { senders, secrets: { SMTP_URL: server.url } })).toEqual({
      kind: 'failed',
      reason: `the mail server answered ${code}`,
      retryable,
    })
  })

  test.each(['silent', 'dropped'] as const)(
    'a server that is %s after the text may have it',
    async (how) => {
      const server = await startMailServer()
      server.next.push(how)
      const secrets = { SMTP_URL: server.url }
      const outcome = await attempt(destination, { senders, secrets, deadlineMs: 700 })
      expect(outcome).toMatchObject({ kind: 'ambiguous', retryable: true })
      expect(JSON.stringify(outcome)).not.toContain('of-the-mail-server')
    },
  )

  test('a wrong password is a failure that does not tell the password', async () => {
    const server = await startMailServer()
    const secrets = { SMTP_URL: server.url.replace('of-the-mail-server', 'guessed') }
    const outcome = await attempt(destination, { senders, secrets })
    expect(outcome).toMatchObject({ kind: 'failed' })
    expect(JSON.stringify(outcome)).not.toContain('guessed')
  })

  test('without a server nothing was sent', async () => {
    const secrets = { SMTP_URL: 'smtp://127.0.0.1:9' }
    expect(await attempt(destination, { senders, secrets })).toMatchObject({ kind: 'failed' })
  })
})

const KINDS = {
  slack: { start: startSlack, destination: { kind: 'slack', channel: 'C024BE91L' } },
  opsgenie: {
    start: () => startAlertApi(SECRETS.OPSGENIE_API_KEY ?? ''),
    destination: { kind: 'opsgenie', apiKey: 'OPSGENIE_API_KEY' },
  },
  jsm: {
    start: () => startAlertApi(SECRETS.OPSGENIE_API_KEY ?? ''),
    destination: { kind: 'jsm', apiKey: 'OPSGENIE_API_KEY' },
  },
  pagerduty: {
    start: startPagerDuty,
    destination: { kind: 'pagerduty', routingKey: 'PAGERDUTY_ROUTING_KEY' },
  },
  ntfy: { start: startNtfy, destination: { kind: 'ntfy', topic: 'first-responder-7Qm2' } },
} as const

describe.each(['slack', 'pagerduty', 'ntfy', 'opsgenie', 'jsm'] as const)(
  '%s that misbehaves',
  (kind) => {
    const { start, destination } = KINDS[kind]

    test.each([
      { next: { status: 500 }, outcome: { kind: 'failed', retryable: true } },
      { next: { status: 401 }, outcome: { kind: 'failed', retryable: false } },
      {
        next: { status: 302, headers: { location: 'http://127.0.0.1:9/elsewhere' } },
        outcome: { kind: 'failed', retryable: false },
      },
      {
        next: { status: 429, headers: { 'retry-after': '7' } },
        outcome: { kind: 'failed', retryable: true, retryAfterMs: 7_000 },
      },
      { next: 'dropped', outcome: { kind: 'ambiguous', retryable: true } },
      { next: 'silent', outcome: { kind: 'ambiguous', retryable: true } },
      { next: 'endless', outcome: { kind: 'ambiguous', retryable: true } },
    ] as const)('$next → $outcome', async ({ next, outcome: expected }) => {
      const service = await start()
      service.next.push(next)
      const outcome = await attempt(destination, {
        senders: { [kind]: { url: service.url } },
        delivery: aDelivery('page', { generation: 1 }),
        deadlineMs: next === 'silent' ? 300 : 10_000,
      })
      expect(outcome).toMatchObject(expected)
      expect(service.taken).toHaveLength(1)
      for (const secret of Object.values(SECRETS))
        expect(JSON.stringify(outcome)).not.toContain(secret)
    })
  },
)

test('a webhook that nobody listens at has not arrived; one that breaks off may have', async () => {
  const receiver = await startWebhookReceiver()
  receiver.answers.push('dropped')
  const secret = 'HOOK_SECRET'
  expect(await attempt({ kind: 'webhook', url: receiver.url, secret })).toMatchObject({
    kind: 'ambiguous',
  })
  expect(await attempt({ kind: 'webhook', url: 'http://127.0.0.1:9/', secret })).toMatchObject({
    kind: 'failed',
    reason: 'ECONNREFUSED',
  })
})
