import { describe, expect, test } from 'vitest'
import { aDelivery, attempt, LINES, SECRETS } from '../../../support/attempt-delivery.ts'
import { type MessageService, startAlertApi } from '../../../support/message-services.ts'

const KEY = SECRETS.OPSGENIE_API_KEY ?? ''
const REQUEST = 'GET /v2/alerts/requests/r-1'

/** What was asked, without the root at which the service is. */
const asked = ({ taken }: MessageService, root: string) =>
  taken.map(({ method, path }) => `${method} ${path.slice(root.length)}`)

const bodies = ({ taken }: MessageService) =>
  taken.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body))

describe.each([
  { kind: 'opsgenie', root: '', name: 'Opsgenie' },
  { kind: 'jsm', root: '/jsm/ops/integration', name: 'Jira Service Management' },
] as const)('$name', ({ kind, root, name }) => {
  const destination = { kind, apiKey: 'OPSGENIE_API_KEY' }
  const start = async (processed = {}) => {
    const service = await startAlertApi(KEY, { root, processed })
    return { service, senders: { [kind]: { url: `${service.url}${root}` } } }
  }

  test('a page closes what earlier generations opened, opens its own, and asks what became of it', async () => {
    const { service, senders } = await start()
    expect(await attempt(destination, { senders })).toEqual({ kind: 'delivered' })
    expect(asked(service, root)).toEqual([
      'POST /v2/alerts/inc-12-g1/close?identifierType=alias',
      'POST /v2/alerts/inc-12-g2/close?identifierType=alias',
      'POST /v2/alerts',
      REQUEST,
      REQUEST,
    ])
    expect(bodies(service)[2]).toEqual({
      message: 'SEV-1 INC-12: Checkout-stop fails in 3 of 3 regions',
      alias: 'inc-12-g3',
      description: expect.stringContaining(`First step: ${LINES[5]}`),
      priority: 'P1',
      source: 'Firewatch',
      user: 'Firewatch',
      entity: 'storefront',
      tags: ['SEV-1', 'storefront'],
      details: {
        delivery: 'INC-12.3.1.first-responder.phone',
        since: '2026-03-13T11:58:00Z',
        incident: 'https://firewatch.test/incidents/INC-12',
        acknowledge: 'https://firewatch.test/ack/of-this-person',
      },
    })
  })

  test.each([
    { type: 'page.acknowledged', change: 'acknowledge', note: /^INC-12: .* has it$/ },
    { type: 'incident.acknowledged', change: 'acknowledge', note: /acknowledged/ },
    { type: 'page.ended', change: 'close', note: /nobody is needed/ },
    { type: 'incident.restored', change: 'close', note: /restored/ },
    { type: 'incident.declared', change: 'notes', note: /declared.*\n/ },
  ])('$type: $change, with a note', async ({ type, change, note }) => {
    const { service, senders } = await start()
    const delivery = aDelivery(type)
    expect(await attempt(destination, { senders, delivery })).toEqual({ kind: 'delivered' })
    expect(asked(service, root)).toEqual([
      `POST /v2/alerts/inc-12-g3/${change}?identifierType=alias`,
    ])
    expect(bodies(service)[0].note).toMatch(note)
  })

  test('what is longer than an alert takes is cut, and so is a note', async () => {
    const { service, senders } = await start()
    const long = {
      headline: 'x'.repeat(60_000),
      service: 's'.repeat(600),
      lines: ['y'.repeat(90_000)],
      url: `https://firewatch.test/${'z'.repeat(9_000)}`,
      acknowledgeUrl: `https://firewatch.test/${'z'.repeat(9_000)}`,
    }
    for (const type of ['page', 'incident.restored', 'incident.declared'])
      expect(await attempt(destination, { senders, delivery: aDelivery(type, long) })).toEqual({
        kind: 'delivered',
      })
    expect(bodies(service)[2].message).toHaveLength(130)
    expect(bodies(service)[2].description).toHaveLength(15_000)
    expect(bodies(service)[4].note).toHaveLength(25_000)
  })

  test('a test rings and leaves nothing open', async () => {
    const { service, senders } = await start()
    const delivery = aDelivery('page.test', { id: undefined, headline: 'A test', lines: undefined })
    expect(await attempt(destination, { senders, delivery })).toEqual({ kind: 'delivered' })
    const alias = 'INC-12.3.1.first-responder.phone'
    expect(bodies(service)[0].alias).toBe(alias)
    expect(asked(service, root).at(-1)).toBe(`POST /v2/alerts/${alias}/close?identifierType=alias`)
  })

  test('an alert that is accepted and then refused has not arrived, with the words that say why', async () => {
    const { senders } = await start({ refusedBecause: `The integration of ${KEY} is disabled` })
    expect(await attempt(destination, { senders })).toEqual({
      kind: 'failed',
      reason: `${name} did not take the alert: The integration of … is disabled`,
      retryable: false,
    })
  })

  test('a key that is not taken is not tried again', async () => {
    const { senders } = await start()
    const secrets = { OPSGENIE_API_KEY: 'of-somebody-else' }
    expect(await attempt(destination, { senders, secrets })).toMatchObject({
      kind: 'failed',
      reason: expect.stringMatching(/answered 401: Key format is not valid!; .* region\?$/),
      retryable: false,
    })
  })

  test('a limit that passes is waited for as long as it says', async () => {
    const { service, senders } = await start()
    service.next.push({ status: 429, headers: { 'x-ratelimit-period-in-sec': '60' } })
    expect(await attempt(destination, { senders })).toMatchObject({
      retryable: true,
      retryAfterMs: 60_000,
    })
  })
})

test.each([
  { severity: 'SEV-1', priority: 'P1' },
  { severity: 'SEV-2', priority: 'P2' },
  { severity: 'SEV-3', priority: 'P3' },
  { severity: 'SEV-4', priority: 'P5' },
] as const)('$severity is $priority', async ({ severity, priority }) => {
  const service = await startAlertApi(KEY)
  const senders = { opsgenie: { url: service.url } }
  const destination = { kind: 'opsgenie', apiKey: 'OPSGENIE_API_KEY' } as const
  await attempt(destination, { senders, delivery: aDelivery('page', { severity }) })
  expect(bodies(service).at(-1).priority).toBe(priority)
})

test('an alert of which nothing is ever said may have arrived, and is sent again', async () => {
  const service = await startAlertApi(KEY, { processed: { isNever: true } })
  const destination = { kind: 'opsgenie', apiKey: 'OPSGENIE_API_KEY' } as const
  const delivery = aDelivery('page', { generation: 1 })
  const senders = { opsgenie: { url: service.url } }
  expect(await attempt(destination, { senders, delivery })).toMatchObject({
    kind: 'ambiguous',
    retryable: true,
  })
  expect(asked(service, '')).toEqual(['POST /v2/alerts', ...Array(5).fill(REQUEST)])
})
