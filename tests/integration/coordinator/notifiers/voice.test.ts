import { describe, expect, test } from 'vitest'
import type { DeliveryOutcome } from '../../../../src/coordinator/notifiers/notifier.ts'
import type { Senders } from '../../../../src/protocol/destination.ts'
import { aDelivery, attempt } from '../../../support/attempt-delivery.ts'
import { at } from '../../../support/builders.ts'
import { PHONE_ACCOUNT, PHONE_TOKEN, startPhoneProvider } from '../../../support/phone-provider.ts'

const PHONE = '+491701234567'
const VOICE = { kind: 'voice', phone: PHONE } as const
const SMS = { kind: 'sms', phone: PHONE } as const
const secrets = { TWILIO_AUTH_TOKEN: PHONE_TOKEN }
const noon = at('2026-03-13T12:00:00Z')

const sendersOf = (url: string, more: Partial<NonNullable<Senders['voice']>> = {}): Senders => ({
  voice: { url, account: PHONE_ACCOUNT, from: '+15005550006', ...more },
})

test('a page rings for half a minute, says what is wrong twice and asks for a key', async () => {
  const provider = await startPhoneProvider()
  const senders = sendersOf(provider.url)
  const delivery = aDelivery('page', { severityReason: 'Nobody can <pay> & "order".' })
  const outcome = await attempt(VOICE, { senders, secrets, delivery })
  expect(outcome).toMatchObject({ kind: 'taken', as: provider.asked[0]?.sid })
  const { kind, fields } = provider.asked[0] ?? {}
  expect(kind).toBe('Calls')
  expect(Object.fromEntries(fields ?? [])).toMatchObject({
    ...{ To: PHONE, From: '+15005550006', Timeout: '30' },
    StatusCallback:
      'https://firewatch.test/api/v1/phone/call-status?delivery=INC-12.3.1.first-responder.phone',
  })
  expect(fields?.getAll('StatusCallbackEvent')).toContain('answered')
  expect(fields?.has('MachineDetection')).toBe(false)
  const script = fields?.get('Twiml') ?? ''
  const said =
    'Severity 1. Nobody can &lt;pay&gt; &amp; &quot;order&quot;. Checkout-stop fails in 3 of 3 regions. Service storefront, incident 12. Press 4 to acknowledge.'
  expect(script.split(said)).toHaveLength(3)
  expect(script).toContain('<Gather numDigits="1"')
  expect(script).toContain(
    'action="https://firewatch.test/api/v1/phone/key?delivery=INC-12.3.1.first-responder.phone"',
  )
})

test('who asks who answers has the service tell it while the text is said already', async () => {
  const provider = await startPhoneProvider()
  const senders = sendersOf(provider.url, { asksWhoAnswers: true })
  await attempt(VOICE, { senders, secrets })
  expect(Object.fromEntries(provider.asked[0]?.fields ?? [])).toMatchObject({
    ...{ MachineDetection: 'Enable', AsyncAmd: 'true' },
    AsyncAmdStatusCallback: provider.asked[0]?.fields.get('StatusCallback'),
  })
})

test.each(['notice', 'page.acknowledged', 'page.ended'])(
  '%s comes to a telephone as a text: it rings for nobody who need not get up',
  async (type) => {
    const provider = await startPhoneProvider()
    await attempt(VOICE, {
      ...{ senders: sendersOf(provider.url), secrets },
      delivery: aDelivery(type, { by: 'second-responder' }),
    })
    expect(provider.asked.map(({ kind }) => kind)).toEqual(['Messages'])
    expect(provider.asked[0]?.fields.get('Body')).toMatch(/INC-12.*\nhttps:\/\/firewatch\.test\//s)
  },
)

test('a text has the signed link, and comes from the name of the organisation', async () => {
  const provider = await startPhoneProvider()
  const senders = sendersOf(provider.url, { textsFrom: 'Firewatch' })
  const outcome = await attempt(SMS, { senders, secrets })
  expect(outcome).toMatchObject({ kind: 'taken', as: provider.asked[0]?.sid })
  expect(Object.fromEntries(provider.asked[0]?.fields ?? [])).toMatchObject({
    ...{ To: PHONE, From: 'Firewatch' },
    Body: 'SEV-1 INC-12: Checkout-stop fails in 3 of 3 regions\nhttps://firewatch.test/ack/of-this-person',
  })
})

describe('of one that was taken it is asked what became of it, and nothing is sent again', () => {
  const ask = async (
    state: { status: string; answeredBy?: string },
    { takenAt = noon, asksWhoAnswers = false } = {},
  ): Promise<DeliveryOutcome> => {
    const provider = await startPhoneProvider()
    const senders = sendersOf(provider.url, { asksWhoAnswers })
    await attempt(VOICE, { senders, secrets })
    Object.assign(provider.asked[0] ?? {}, state)
    const taken = { as: provider.asked[0]?.sid ?? '', at: takenAt }
    const outcome = await attempt(VOICE, {
      ...{ senders, secrets },
      delivery: { ...aDelivery('page'), taken },
    })
    expect(provider.asked).toHaveLength(1)
    return outcome
  }

  test.each([
    { status: 'ringing', expected: { kind: 'taken' } },
    { status: 'in-progress', expected: { kind: 'delivered' } },
    { status: 'completed', expected: { kind: 'delivered' } },
    {
      status: 'busy',
      expected: { kind: 'failed', retryable: true, reason: 'the line was busy' },
    },
    {
      status: 'no-answer',
      expected: { kind: 'failed', retryable: false, reason: 'nobody picked up' },
    },
  ])('$status → $expected', async ({ status, expected }) => {
    expect(await ask({ status })).toMatchObject(expected)
  })

  test('a machine that answered has heard nothing', async () => {
    expect(
      await ask({ status: 'completed', answeredBy: 'machine_start' }, { asksWhoAnswers: true }),
    ).toMatchObject({ kind: 'failed', reason: 'a machine answered' })
  })

  test('what is never told is not known, after five minutes', async () => {
    expect(await ask({ status: 'queued' }, { takenAt: noon - 5 * 60_000 })).toMatchObject({
      kind: 'ambiguous',
      retryable: false,
    })
  })

  test('that asking fails is no reason to call again', async () => {
    const provider = await startPhoneProvider()
    provider.next.push({ status: 503 })
    const delivery = { ...aDelivery('page'), taken: { as: 'CA1', at: noon } }
    const outcome = await attempt(VOICE, { senders: sendersOf(provider.url), secrets, delivery })
    expect(outcome).toMatchObject({ kind: 'ambiguous', retryable: true })
    expect(provider.taken.map(({ method }) => method)).toEqual(['GET'])
  })
})

describe.each([
  { kind: 'voice', destination: VOICE },
  { kind: 'sms', destination: SMS },
] as const)('$kind of a service that misbehaves', ({ kind, destination }) => {
  test.each([
    { next: { status: 500 }, expected: { kind: 'failed', retryable: true } },
    {
      next: { status: 302, headers: { location: 'http://127.0.0.1:9/elsewhere' } },
      expected: { kind: 'failed', retryable: false },
    },
    {
      next: { status: 429, headers: { 'retry-after': '7' } },
      expected: { kind: 'failed', retryable: true, retryAfterMs: 7_000 },
    },
    { next: { status: 201, body: '<html>' }, expected: { kind: 'ambiguous', retryable: true } },
    { next: 'dropped', expected: { kind: 'ambiguous', retryable: true } },
    { next: 'silent', expected: { kind: 'ambiguous', retryable: true } },
    { next: 'endless', expected: { kind: 'ambiguous', retryable: true } },
  ] as const)('$next → $expected', async ({ next, expected }) => {
    const provider = await startPhoneProvider()
    provider.next.push(next)
    const outcome = await attempt(destination, {
      ...{ senders: sendersOf(provider.url), secrets },
      deadlineMs: next === 'silent' ? 300 : 10_000,
    })
    expect(outcome).toMatchObject(expected)
    // Who rings somebody gives their word of it time to come.
    if (kind === 'voice' && typeof next === 'string')
      expect(outcome).toMatchObject({ retryAfterMs: 15_000 })
    expect(provider.taken).toHaveLength(1)
    expect(JSON.stringify(outcome)).not.toContain(PHONE_TOKEN)
  })

  test('a number that it does not take is told by its last digits, and not tried again', async () => {
    const provider = await startPhoneProvider()
    const phone = '+999999999999999999'
    const outcome = await attempt(
      { ...destination, phone },
      { senders: sendersOf(provider.url), secrets },
    )
    expect(outcome).toMatchObject({ kind: 'failed', retryable: false })
    expect(JSON.stringify(outcome)).toContain('answered 400 (21211)')
    expect(JSON.stringify(outcome)).toContain('…999')
    expect(JSON.stringify(outcome)).not.toContain('9999')
  })

  test('a wrong token is told with what to look at', async () => {
    const provider = await startPhoneProvider()
    const outcome = await attempt(destination, {
      ...{ senders: sendersOf(provider.url), secrets: { TWILIO_AUTH_TOKEN: 'guessed' } },
    })
    expect(outcome).toMatchObject({ kind: 'failed', retryable: false })
    expect(JSON.stringify(outcome)).toContain('are senders.voice’s account and its token')
    expect(JSON.stringify(outcome)).not.toContain('guessed')
  })

  test('without a sender, or its token, it says what is missing', async () => {
    expect(await attempt(destination, { secrets })).toMatchObject({
      reason: 'senders.voice is not in config/notifications.yaml',
      retryable: false,
    })
    expect(
      await attempt(destination, { senders: sendersOf('http://127.0.0.1:9'), secrets: {} }),
    ).toMatchObject({ reason: 'TWILIO_AUTH_TOKEN is not set', retryable: true })
  })
})
