import { describe, expect, test } from 'vitest'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../../src/protocol/public-api.ts'
import { aDelivery, attempt, LINES, SECRETS } from '../../../support/attempt-delivery.ts'
import { at } from '../../../support/builders.ts'
import { aFleet, startCoordinator } from '../../../support/coordinator.ts'
import { type MessageService, startAlertApi } from '../../../support/message-services.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import { anOnCall } from '../../../support/on-call.ts'
import { until } from '../../../support/until.ts'

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
      'POST /v2/alerts/inc-12-g1-opsgenie_api_key/close?identifierType=alias',
      'POST /v2/alerts/inc-12-g2-opsgenie_api_key/close?identifierType=alias',
      'POST /v2/alerts',
      REQUEST,
      REQUEST,
    ])
    expect(bodies(service)[2]).toEqual({
      message: 'SEV-1 INC-12: Checkout-stop fails in 3 of 3 regions',
      alias: 'inc-12-g3-opsgenie_api_key',
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
      `POST /v2/alerts/inc-12-g3-opsgenie_api_key/${change}?identifierType=alias`,
    ])
    expect(bodies(service)[0].note).toMatch(note)
  })

  /** Somebody is paged by an alert, and by nothing else. */
  const page = async (processed = {}) => {
    const { service, senders } = await start(processed)
    const contact = { id: 'pager', ...destination, verified: '2026-03-01' }
    const coordinator = await startCoordinator({
      database: 'sqlite',
      clock: movableClock(at('2026-03-13T12:00:00Z')),
      fleet: aFleet({ silentAfterMs: 86_400_000, onCall: anOnCall({ ada: [contact] }), senders }),
      secrets: SECRETS,
    })
    const order = { by: 'reporter', serviceId: 'storefront', title: 'Nobody can pay' }
    await coordinator.post(
      declareIncident,
      {},
      { ...order, severity: 'SEV-1', reason: 'Three customers called.' },
    )
    return { coordinator, service }
  }

  test('whose alert it is has it ended as well, since it rings until then', async () => {
    const { coordinator, service } = await page()
    const changes = () =>
      asked(service, root).flatMap((line) => line.match(/[^/]+(?=\?identifierType)/) ?? [])
    await until('it rings', () => asked(service, root).includes(REQUEST))
    const incident = { incidentId: 'INC-1' }
    await coordinator.post(INCIDENT_COMMANDS.acknowledge, incident, { by: 'ada' })
    await until('it is theirs', () => changes().includes('acknowledge'))
    const over = { by: 'ada', reason: 'a drill' }
    await coordinator.post(INCIDENT_COMMANDS['stand-down'], incident, over)
    await until('it is over', () => changes().includes('close'))
    expect(changes()).toEqual(['acknowledge', 'close'])
  })

  test('a page that is refused is undeliverable, in their words', async () => {
    const { coordinator } = await page({ refusedBecause: 'The integration is disabled' })
    const { notifications, events } = await until('it is told', async () => {
      const answer = await coordinator.get(getIncident, { incidentId: 'INC-1' })
      return answer.events.some(({ type }) => type === 'page_undeliverable') && answer
    })
    const reason = `${name} did not take the alert: The integration is disabled`
    expect(notifications[0]).toMatchObject({ state: 'undeliverable' })
    expect(JSON.stringify(events)).toContain(reason)
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

test('teams of one account have an alert each, since an account has one of an alias', async () => {
  const service = await startAlertApi(KEY)
  const senders = { jsm: { url: service.url } }
  const secrets = { SHOP_KEY: KEY, PLATFORM_KEY: KEY }
  for (const apiKey of Object.keys(secrets))
    await attempt(
      { kind: 'jsm', apiKey },
      { senders, secrets, delivery: aDelivery('page', { generation: 1 }) },
    )
  expect(bodies(service).map(({ alias }) => alias)).toEqual([
    'inc-12-g1-shop_key',
    'inc-12-g1-platform_key',
  ])
})
