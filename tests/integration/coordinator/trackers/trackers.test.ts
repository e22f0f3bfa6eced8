import { describe, expect, onTestFinished, test } from 'vitest'
import { signWebhook } from '../../../../src/coordinator/notifiers/webhook.ts'
import { askTracker } from '../../../../src/coordinator/trackers/registry.ts'
import type { Ticket, TicketOrder, Tracker } from '../../../../src/protocol/ticket.ts'
import { createHttpClient } from '../../../../src/runtime/http-client.ts'
import { at } from '../../../support/builders.ts'
import { startMessageService } from '../../../support/message-services.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import { startGitHub, startJira, type TicketService } from '../../../support/ticket-services.ts'

const noon = at('2026-03-13T12:00:00Z')
const SECRETS: Record<string, string> = {
  HOOK_SECRET: `whsec_${Buffer.from('a secret for tests only, 32 byte').toString('base64')}`,
  GITHUB_TOKEN: 'github-token-of-the-test',
  JIRA_TOKEN: 'jira-token-of-the-test',
}

const OPEN = {
  do: 'open',
  id: 'firewatch-inc-12-mmowxnsw',
  title: 'SEV-3 INC-12: Search fails in 3 of 3 regions',
  lines: ['What: SEV-3 Storefront: search fails', 'Since: 12:00 UTC, 2 min ago'],
  reason: 'SEV-3 is work for the next business day',
  dueOn: '2026-03-16',
  serviceId: 'storefront',
  severity: 'SEV-3',
  url: 'https://firewatch.test/incidents/INC-12',
} as const satisfies TicketOrder

const CLOSE = {
  do: 'close',
  id: OPEN.id,
  text: 'INC-12 is resolved, its cause is fixed: a longer timeout',
} as const satisfies TicketOrder

/** One attempt; what takes longer than the deadline is cut off as by the delivery loop. */
async function attempt(
  tracker: Tracker,
  order: TicketOrder,
  {
    ticket,
    isRepeated = false,
    secrets = SECRETS,
    deadlineMs = 10_000,
  }: {
    ticket?: Ticket
    isRepeated?: boolean
    secrets?: Record<string, string>
    deadlineMs?: number
  } = {},
) {
  const http = createHttpClient()
  onTestFinished(() => http.close())
  return askTracker(order, ticket, tracker, {
    http,
    clock: movableClock(noon),
    secret: (name) => secrets[name],
    signal: AbortSignal.timeout(deadlineMs),
    deliveryId: 'INC-12.ticket',
    isRepeated,
    orderedAt: noon,
  })
}

const github = ({ url }: { url: string }): Tracker => ({
  kind: 'github',
  repository: 'example/shop',
  token: 'GITHUB_TOKEN',
  labels: ['operations'],
  url,
})

const jira = ({ url }: { url: string }): Tracker => ({
  kind: 'jira',
  url,
  project: 'OPS',
  account: 'firewatch@example.com',
  token: 'JIRA_TOKEN',
  labels: ['operations'],
})

type Kind = {
  kind: string
  start(): Promise<TicketService>
  trackerAt(service: { url: string }): Tracker
  key: string
  url(service: TicketService): string
}

const KINDS: Kind[] = [
  {
    kind: 'github',
    start: startGitHub,
    trackerAt: github,
    key: '#1',
    url: () => 'https://github.test/example/shop/issues/1',
  },
  {
    kind: 'jira',
    start: startJira,
    trackerAt: jira,
    key: 'OPS-1',
    url: (service) => `${service.url}/browse/OPS-1`,
  },
]

describe.each(KINDS)('$kind', ({ kind, start, trackerAt, key, url }) => {
  test('opens a ticket with the lines and the day, and closes it with a last word', async () => {
    const service = await start()
    const tracker = trackerAt(service)
    const opened = await attempt(tracker, OPEN)
    const ticket = { tracker: kind, key, url: url(service) }
    expect(opened).toEqual({ kind: 'delivered', ticket })
    const [kept] = service.tickets
    expect(kept).toMatchObject({
      title: OPEN.title,
      labels: expect.arrayContaining(['operations']),
      isClosed: false,
    })
    for (const words of ['Due 2026-03-16', OPEN.url, ...OPEN.lines])
      expect(kept?.text).toContain(words)

    expect(
      await attempt(tracker, { ...CLOSE, do: 'comment', text: 'is restored' }, { ticket }),
    ).toEqual({ kind: 'delivered' })
    expect(service.tickets).toMatchObject([{ isClosed: false, comments: ['is restored'] }])
    expect(await attempt(tracker, CLOSE, { ticket })).toEqual({ kind: 'delivered' })
    expect(service.tickets).toMatchObject([
      { isClosed: true, comments: ['is restored', CLOSE.text] },
    ])
  })

  test('an attempt whose answer was lost is followed by one that finds its ticket', async () => {
    const service = await start()
    const tracker = trackerAt(service)
    service.next.push('dropped')
    expect(await attempt(tracker, OPEN)).toMatchObject({ kind: 'ambiguous', retryable: true })
    expect(await attempt(tracker, OPEN, { isRepeated: true })).toMatchObject({
      kind: 'delivered',
      ticket: { key },
    })
    expect(service.tickets).toHaveLength(1)
    // Another order is another ticket, also where it is repeated.
    await attempt(tracker, { ...OPEN, id: 'firewatch-inc-13-mmowxnsx' }, { isRepeated: true })
    expect(service.tickets).toHaveLength(2)
  })

  test('where the search itself fails, nothing is opened', async () => {
    const service = await start()
    service.next.push({ status: 503 })
    expect(await attempt(trackerAt(service), OPEN, { isRepeated: true })).toMatchObject({
      kind: 'failed',
      retryable: true,
    })
    expect(service.tickets).toEqual([])
  })

  test.each([
    { next: { status: 500 }, outcome: { kind: 'failed', retryable: true } },
    { next: { status: 401 }, outcome: { kind: 'failed', retryable: true } },
    { next: { status: 422 }, outcome: { kind: 'failed', retryable: false } },
    {
      next: { status: 429, headers: { 'retry-after': '7' } },
      outcome: { kind: 'failed', retryable: true, retryAfterMs: 7_000 },
    },
    { next: { status: 201, body: '<html>' }, outcome: { kind: 'failed' } },
    { next: 'silent', outcome: { kind: 'ambiguous', retryable: true } },
    { next: 'endless', outcome: { kind: 'ambiguous', retryable: true } },
  ] as const)('that misbehaves: $next → $outcome', async ({ next, outcome: expected }) => {
    const service = await start()
    service.next.push(next)
    const outcome = await attempt(trackerAt(service), OPEN, {
      deadlineMs: next === 'silent' ? 300 : 10_000,
    })
    expect(outcome).toMatchObject(expected)
    for (const secret of Object.values(SECRETS))
      expect(JSON.stringify(outcome)).not.toContain(secret)
  })

  test('a token that is not set, and one that is wrong, are said and can be mended', async () => {
    const service = await start()
    const tracker = trackerAt(service)
    const name = kind === 'github' ? 'GITHUB_TOKEN' : 'JIRA_TOKEN'
    expect(await attempt(tracker, OPEN, { secrets: {} })).toEqual({
      kind: 'failed',
      reason: `${name} is not set`,
      retryable: true,
    })
    expect(await attempt(tracker, OPEN, { secrets: { [name]: 'guessed' } })).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/answered 401: (Bad credentials|Client must be authenticated)/),
      retryable: true,
    })
  })
})

test('text that came from a target mentions and formats nothing on GitHub', async () => {
  const service = await startGitHub()
  const line = 'What: <img src=x> @everyone *bold* #1 https://shop.test/a_b_c'
  await attempt(github(service), { ...OPEN, lines: [line] })
  expect(service.tickets[0]?.text).toContain(
    'What: \\<img src=x\\> @\u200Beveryone \\*bold\\* \\#1 https://shop.test/a_b_c',
  )
})

test('GitHub says in another way as well when it takes requests again', async () => {
  const service = await startGitHub()
  const reset = String(noon / 1_000 + 90)
  service.next.push({
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
  })
  expect(await attempt(github(service), OPEN)).toMatchObject({
    retryable: true,
    retryAfterMs: 90_000,
  })
})

test('Jira: the day is a field where the form has one, and in the text everywhere', async () => {
  const [withField, without] = [await startJira(), await startJira({ hasDueDate: false })]
  await attempt(jira(withField), OPEN)
  expect(withField.tickets).toMatchObject([{ dueOn: '2026-03-16' }])
  expect(await attempt(jira(without), OPEN)).toMatchObject({ kind: 'delivered' })
  expect(without.tickets[0]?.dueOn).toBeUndefined()
  expect(without.tickets[0]?.text).toContain('Due 2026-03-16')
})

test('Jira: what else the form refuses is told by its field', async () => {
  const service = await startJira()
  expect(await attempt({ ...jira(service), issueType: 'Epos' } as Tracker, OPEN)).toEqual({
    kind: 'failed',
    reason: 'Jira answered 400: issuetype: is required',
    retryable: false,
    retryAfterMs: undefined,
  })
})

test('Jira: a ticket that people closed already hears the last word all the same', async () => {
  const service = await startJira()
  const tracker = jira(service)
  const opened = await attempt(tracker, OPEN)
  const ticket = 'ticket' in opened ? opened.ticket : undefined
  if (!ticket) throw new Error('no ticket was opened')
  await attempt(tracker, CLOSE, { ticket })
  expect(await attempt(tracker, CLOSE, { ticket })).toEqual({ kind: 'delivered' })
  expect(service.tickets).toMatchObject([{ isClosed: true, comments: [CLOSE.text, CLOSE.text] }])
})

describe('webhook', () => {
  const tracker = (url: string): Tracker => ({ kind: 'webhook', url, secret: 'HOOK_SECRET' })

  test('is signed, keeps its id over all attempts, and may answer with the ticket', async () => {
    const service = await startMessageService(() => ({
      status: 200,
      body: JSON.stringify({ key: 'DESK-7', url: 'https://desk.test/7' }),
    }))
    const opened = await attempt(tracker(service.url), OPEN)
    const ticket = { tracker: 'webhook', key: 'DESK-7', url: 'https://desk.test/7' }
    expect(opened).toEqual({ kind: 'delivered', ticket })
    await attempt(tracker(service.url), OPEN, { isRepeated: true })
    await attempt(tracker(service.url), CLOSE, { ticket })
    const [first, second, third] = service.taken
    expect(first?.headers['webhook-id']).toBe('INC-12.ticket')
    expect(second?.headers['webhook-id']).toBe('INC-12.ticket')
    expect(first?.headers['webhook-signature']).toBe(
      signWebhook(
        SECRETS.HOOK_SECRET ?? '',
        'INC-12.ticket',
        String(first?.headers['webhook-timestamp']),
        first?.body ?? '',
      ),
    )
    const { do: _, ...data } = OPEN
    expect(JSON.parse(first?.body ?? '')).toEqual({
      type: 'ticket.open',
      timestamp: '2026-03-13T12:00:00.000Z',
      data,
    })
    expect(JSON.parse(third?.body ?? '')).toMatchObject({
      type: 'ticket.close',
      data: { id: OPEN.id, key: 'DESK-7', text: CLOSE.text },
    })
  })

  test('whose receiver answers nothing is known by the id, and 410 means never again', async () => {
    const service = await startMessageService(() => ({ status: 204, body: '' }))
    expect(await attempt(tracker(service.url), OPEN)).toEqual({
      kind: 'delivered',
      ticket: { tracker: 'webhook', key: OPEN.id },
    })
    service.next.push({ status: 410 })
    expect(await attempt(tracker(service.url), OPEN)).toMatchObject({ retryable: false })
  })
})

test('a ticket of a tracker that is no longer in config/ hears nothing', async () => {
  const service = await startGitHub()
  const ticket = { tracker: 'jira', key: 'OPS-1' }
  expect(await attempt(github(service), CLOSE, { ticket })).toMatchObject({
    kind: 'failed',
    reason: 'OPS-1 is a ticket of jira, which is no longer in config/',
    retryable: false,
  })
  expect(service.taken).toEqual([])
})
