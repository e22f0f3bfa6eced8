import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signalReaders } from '../../../../src/coordinator/signals/registry.ts'
import { SignalSource, type SignalSourceOf } from '../../../../src/protocol/signal.ts'
import { at } from '../../../support/builders.ts'

const NOW = at('2026-03-15T15:00:00Z')
const readers = signalReaders(new Set(['storefront', 'orders']))

const source = <K extends SignalSource['kind']>(kind: K, more: object = {}) =>
  SignalSource.parse({
    id: 'there',
    kind,
    secret: 'THERE_TOKEN',
    service: { from: 'service', map: { pay: 'orders' }, otherwise: 'storefront' },
    severity: { from: 'severity', map: { page: 'SEV-1', high: 'SEV-2', P1: 'SEV-1' } },
    ...more,
  }) as SignalSourceOf<K>

const delivered = (body: unknown, headers: Record<string, string> = {}) => ({
  headers,
  raw: Buffer.from(JSON.stringify(body)),
  receivedAt: NOW,
})

/** As Alertmanager 0.28 sends it. */
const group = {
  version: '4',
  groupKey: '{}/{severity="page"}:{alertname="HighErrorRate"}',
  truncatedAlerts: 0,
  status: 'firing',
  receiver: 'firewatch',
  notification_reason: 'first notification',
  groupLabels: { alertname: 'HighErrorRate' },
  commonLabels: { alertname: 'HighErrorRate' },
  commonAnnotations: {},
  routeLabels: {},
  externalURL: 'http://alertmanager:9093',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'HighErrorRate', service: 'orders', severity: 'page' },
      annotations: { summary: '5xx above 5 %', description: 'one in twenty fails' },
      startsAt: '2026-03-15T14:46:30.123Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus:9090/graph?g0.expr=x',
      fingerprint: '4f0c9e1d2b3a4c5d',
    },
    {
      status: 'resolved',
      labels: { alertname: 'DiskFull', service: 'nobody-knows' },
      annotations: {},
      startsAt: '0001-01-01T00:00:00Z',
      endsAt: '2026-03-15T14:50:00Z',
      generatorURL: '',
      fingerprint: 'aa',
    },
  ],
}

test('Alertmanager: labels name service and severity, annotations are the words', () => {
  const { signals } = readers.alertmanager.read(group, source('alertmanager'), delivered(group))
  expect(signals).toEqual([
    {
      key: '4f0c9e1d2b3a4c5d',
      state: 'firing',
      startedAt: at('2026-03-15T14:46:30.123Z'),
      isStartKnown: true,
      subject: '5xx above 5 %',
      reason: 'one in twenty fails',
      link: 'http://prometheus:9090/graph?g0.expr=x',
      serviceId: 'orders',
      severity: 'SEV-1',
    },
    {
      key: 'aa',
      state: 'resolved',
      startedAt: NOW,
      isStartKnown: false,
      subject: 'DiskFull',
      reason: 'alertname=DiskFull, service=nobody-knows',
      serviceId: 'storefront',
    },
  ])
})

test('Grafana: the panel is where one looks', () => {
  const body = {
    receiver: 'firewatch',
    status: 'firing',
    orgId: 1,
    version: '1',
    alerts: [
      {
        ...group.alerts[0],
        dashboardURL: 'https://grafana.test/d/1',
        panelURL: 'https://grafana.test/d/1?viewPanel=2',
        silenceURL: 'https://grafana.test/s',
        values: { B: 44.2 },
      },
    ],
  }
  const { signals } = readers.grafana.read(body, source('grafana'), delivered(body))
  expect(signals).toMatchObject([
    { key: '4f0c9e1d2b3a4c5d', link: 'https://grafana.test/d/1?viewPanel=2', severity: 'SEV-1' },
  ])
})

const pagerDuty = (event_type: string, more: object = {}) => ({
  event: {
    id: 'e1',
    event_type,
    resource_type: 'incident',
    occurred_at: '2026-03-15T14:47:00Z',
    data: {
      id: 'PGR0VU2',
      type: 'incident',
      title: 'orders return 500',
      html_url: 'https://acme.pagerduty.com/incidents/PGR0VU2',
      created_at: '2026-03-15T14:46:00Z',
      urgency: 'high',
      service: { id: 'PF9KMXH', summary: 'pay', type: 'service_reference' },
      ...more,
    },
  },
})

test.each([
  { type: 'incident.triggered', state: 'firing' },
  { type: 'incident.acknowledged', state: 'firing' },
  { type: 'incident.resolved', state: 'resolved' },
])('PagerDuty: $type is $state', ({ type, state }) => {
  const body = pagerDuty(type)
  const from = source('pagerduty', {
    severity: { from: 'urgency', map: { high: 'SEV-2' } },
  })
  const { signals } = readers.pagerduty.read(body, from, delivered(body))
  expect(signals).toEqual([
    {
      key: 'PGR0VU2',
      state,
      startedAt: at('2026-03-15T14:46:00Z'),
      toldAt: at('2026-03-15T14:47:00Z'),
      isStartKnown: true,
      subject: 'orders return 500',
      reason: 'orders return 500',
      link: 'https://acme.pagerduty.com/incidents/PGR0VU2',
      serviceId: 'orders',
      severity: 'SEV-2',
    },
  ])
})

test('PagerDuty: what says nothing of whether it is wrong, says nothing', () => {
  for (const type of ['incident.annotated', 'service.updated', 'pagey.ping']) {
    const body = pagerDuty(type)
    expect(readers.pagerduty.read(body, source('pagerduty'), delivered(body)).signals).toEqual([])
  }
})

test.each([
  { action: 'Create', states: ['firing'] },
  { action: 'Acknowledge', states: ['firing'] },
  { action: 'Close', states: ['resolved'] },
  { action: 'AddNote', states: [] },
])('Opsgenie: $action', ({ action, states }) => {
  const body = {
    action,
    integrationId: 'x',
    alert: {
      alertId: 'a-1',
      alias: 'orders-500',
      message: 'orders return 500',
      description: 'all of them',
      priority: 'P1',
      createdAt: 1_773_585_960_000,
      updatedAt: 1_773_585_960_000_000_000,
      details: { service: 'pay' },
    },
  }
  const from = source('opsgenie', { severity: { from: 'priority', map: { P1: 'SEV-1' } } })
  const { signals } = readers.opsgenie.read(body, from, delivered(body))
  expect(signals.map(({ state }) => state)).toEqual(states)
  if (signals.length > 0)
    expect(signals[0]).toMatchObject({
      key: 'a-1',
      startedAt: 1_773_585_960_000,
      reason: 'all of them',
      serviceId: 'orders',
      severity: 'SEV-1',
    })
})

test.each([
  { action: 'Create', by: undefined },
  { action: 'Acknowledge', by: 'second-responder@example.com' },
  { action: 'Close', by: undefined },
])('Opsgenie: $action of what we opened there is no signal', ({ action, by }) => {
  const alert = {
    alertId: 'a-1',
    alias: 'inc-12-g3-opsgenie_api_key',
    username: 'second-responder@example.com',
  }
  const body = { action, alert }
  expect(readers.opsgenie.read(body, source('opsgenie'), delivered(body))).toEqual({
    signals: [],
    ...(by !== undefined && { acknowledged: { incidentId: 'INC-12', generation: 3, by } }),
  })
})

const sns = (state: string) => ({
  Type: 'Notification',
  MessageId: 'm-1',
  TopicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
  Subject: 'ALARM: "orders-5xx" in EU (Ireland)',
  Message: JSON.stringify({
    AlarmName: 'orders-5xx',
    AlarmArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-5xx',
    AlarmDescription: 'orders return 500',
    AWSAccountId: '123456789012',
    NewStateValue: state,
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: '2026-03-15T14:46:30.123+0000',
    Region: 'EU (Ireland)',
    OldStateValue: 'OK',
    Trigger: { MetricName: '5xx', Namespace: 'pay' },
  }),
})

test.each([
  { state: 'ALARM', states: ['firing'] },
  { state: 'OK', states: ['resolved'] },
  { state: 'INSUFFICIENT_DATA', states: [] },
])('CloudWatch by SNS: $state', ({ state, states }) => {
  const body = sns(state)
  const from = source('sns', {
    service: { from: 'namespace', map: { pay: 'orders' }, otherwise: 'storefront' },
  })
  const { signals } = readers.sns.read(body, from, delivered(body))
  expect(signals.map((signal) => signal.state)).toEqual(states)
  if (signals.length > 0)
    expect(signals[0]).toMatchObject({
      key: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:orders-5xx',
      startedAt: at('2026-03-15T14:46:30.123Z'),
      subject: 'orders return 500',
      reason: 'Threshold Crossed',
      serviceId: 'orders',
    })
})

test('SNS: a subscription is for people to confirm', () => {
  const body = {
    Type: 'SubscriptionConfirmation',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:alarms',
    Message: 'You have chosen to subscribe',
    SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=1',
  }
  const { signals, notice } = readers.sns.read(body, source('sns'), delivered(body))
  expect(signals).toEqual([])
  expect(notice).toContain('https://sns.eu-west-1.amazonaws.com/')
})

const mapped = source('json', {
  items: '$.problems',
  key: '$.id',
  subject: '$.title',
  reason: '$.more.text',
  link: '$.url',
  state: { from: '$.status', firing: ['open'], resolved: ['closed'] },
  service: { from: '$.team', map: { pay: 'orders' }, otherwise: 'storefront' },
  severity: { from: '$.level', map: { 1: 'SEV-1' }, otherwise: 'SEV-4' },
})

test('any JSON, by its mapping', () => {
  const body = {
    problems: [
      {
        id: 7,
        title: 'no orders\nsecond line',
        more: { text: 'none since noon' },
        url: 'https://there.test/7',
        status: 'open',
        team: 'pay',
        level: 1,
      },
      { id: 8, title: 'slow', status: 'closed', url: 'javascript:alert(1)', level: 9 },
    ],
  }
  expect(readers.json.read(body, mapped, delivered(body)).signals).toMatchObject([
    {
      key: '7',
      state: 'firing',
      subject: 'no orders',
      reason: 'none since noon',
      link: 'https://there.test/7',
      serviceId: 'orders',
      severity: 'SEV-1',
    },
    { key: '8', state: 'resolved', serviceId: 'storefront', severity: 'SEV-4' },
  ])
  expect(readers.json.read(body, mapped, delivered(body)).signals[1]).not.toHaveProperty('link')
})

test.each([
  { body: { problems: [{ id: 1, title: 'x', status: 'odd' }] }, says: /state "odd"/ },
  { body: { problems: [{ title: 'x', status: 'open' }] }, says: /item 0 has nothing at \$\.id/ },
])('any JSON: $says is refused', ({ body, says }) => {
  expect(() => readers.json.read(body, mapped, delivered(body))).toThrow(says)
})

test.each([
  { kind: 'alertmanager', body: { version: '3', alerts: [] } },
  { kind: 'alertmanager', body: [] },
  { kind: 'grafana', body: { alerts: [{ status: 'firing' }] } },
  { kind: 'pagerduty', body: { event: {} } },
  { kind: 'opsgenie', body: { action: 'Create' } },
  { kind: 'sns', body: { Type: 'Notification', TopicArn: 'x', Message: 'hello' } },
] as const)('$kind: another form is refused with the place', ({ kind, body }) => {
  const reader = readers[kind] as (typeof readers)['grafana']
  expect(() => reader.read(body, source(kind) as never, delivered(body))).toThrow(/: /)
})

describe('who it is from', () => {
  const secret = 'a-secret'
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  test.each([
    { headers: { authorization: 'Bearer a-secret' }, isIt: true },
    { headers: { authorization: basic('any:a-secret') }, isIt: true },
    { headers: { 'x-firewatch-token': 'a-secret' }, isIt: true },
    { headers: { authorization: 'Bearer another' }, isIt: false },
    { headers: { authorization: basic('a-secret:') }, isIt: false },
    { headers: {}, isIt: false },
  ])('$headers: $isIt', ({ headers, isIt }) => {
    for (const kind of ['alertmanager', 'grafana', 'opsgenie', 'sns', 'json'] as const)
      expect(readers[kind].isAuthentic(delivered({}, headers as never), secret)).toBe(isIt)
  })

  test('PagerDuty signs the bytes, with either of two secrets', () => {
    const body = delivered({ event: {} })
    const sign = (key: string) => `v1=${createHmac('sha256', key).update(body.raw).digest('hex')}`
    const signed = (value: string) => ({ ...body, headers: { 'x-pagerduty-signature': value } })
    expect(readers.pagerduty.isAuthentic(signed(sign(secret)), secret)).toBe(true)
    expect(readers.pagerduty.isAuthentic(signed(`${sign('old')},${sign(secret)}`), secret)).toBe(
      true,
    )
    expect(readers.pagerduty.isAuthentic(signed(sign('old')), secret)).toBe(false)
    expect(readers.pagerduty.isAuthentic(body, secret)).toBe(false)
    const other = { ...signed(sign(secret)), raw: Buffer.from('{"event":{} }') }
    expect(readers.pagerduty.isAuthentic(other, secret)).toBe(false)
  })
})
