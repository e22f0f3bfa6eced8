import { describe, expect, test } from 'vitest'
import type { Message } from '../../../../src/domain/paging/message.ts'
import {
  SPEECH_LENGTH_MAX,
  spokenText,
  TEXT_LENGTH_MAX,
  textMessage,
  withoutPhones,
} from '../../../../src/domain/paging/phone-text.ts'
import type { Notification } from '../../../../src/protocol/notification.ts'

const DATA: Notification['data'] = {
  id: 'INC-12',
  service: 'storefront',
  severity: 'SEV-1',
  severityReason: 'A core function fails everywhere.',
  headline: 'Checkout-stop fails in 3 of 3 regions',
}
const spoken = (data: Partial<Notification['data']> = {}, type = 'page') =>
  spokenText({ type, timestamp: '2026-03-13T12:00:00Z', data: { ...DATA, ...data } })

describe('what a call says', () => {
  test('is how bad it is, what does not work, and last what to press', () => {
    expect(spoken()).toEqual([
      'Severity 1.',
      'A core function fails everywhere.',
      'Checkout-stop fails in 3 of 3 regions.',
      'Service storefront, incident 12.',
      'Press 4 to acknowledge.',
    ])
  })

  test.each([
    { why: 'addresses are noise', headline: 'See https://a.test/x?y=1 now', said: 'See now.' },
    { why: 'lines are one sentence', headline: 'One\ntwo\u0007 three!', said: 'One two three!' },
    {
      why: 'a long one ends with a whole word',
      headline: 'word '.repeat(60),
      said: `${'Word'}${' word'.repeat(31)}.`,
    },
  ])('$why', ({ headline, said }) => {
    expect(spoken({ headline })[2]).toBe(said)
  })

  test('whatever is told it stays short, and never loses the key', () => {
    const told = spoken({ severityReason: 'x'.repeat(5_000), headline: 'y z '.repeat(2_000) })
    expect(told.join(' ').length).toBeLessThanOrEqual(SPEECH_LENGTH_MAX)
    expect([told[0], told.at(-1)]).toEqual(['Severity 1.', 'Press 4 to acknowledge.'])
  })

  test('a test says that nothing is wrong', () => {
    expect(spoken({}, 'page.test').join(' ')).toBe(
      'This is a test call from Firewatch. Nothing is wrong. Press 4 to say that it works.',
    )
  })
})

describe('what a text message says', () => {
  const link = `https://firewatch.example.com/acknowledge/${'a'.repeat(120)}`
  const message: Message = {
    stage: 'wrong',
    subject: 'SEV-2 INC-12: Checkout-stop fails in 1 of 3 regions',
    lines: ['What: something long'],
    url: 'https://firewatch.example.com/incidents/INC-12',
    acknowledgeUrl: link,
  }

  test.each<{ why: string; change: Partial<Message>; expected: string }>([
    {
      why: 'a page has the link that acknowledges',
      change: {},
      expected: `${message.subject}\n${link}`,
    },
    {
      why: 'who is only told has the link of the incident',
      change: { stage: 'acknowledged', subject: 'INC-12: second-responder has it' },
      expected: `INC-12: second-responder has it\n${message.url}`,
    },
    {
      why: 'a test has none',
      change: {
        ...{ stage: 'test', subject: 'Test page for First' },
        ...{ url: undefined, acknowledgeUrl: undefined },
      },
      expected: 'Test page for First',
    },
    {
      why: 'a link that leaves no room for words is left out, not cut',
      change: { acknowledgeUrl: `https://a.test/${'b'.repeat(260)}` },
      expected: message.subject,
    },
  ])('$why', ({ change, expected }) => {
    expect(textMessage({ ...message, ...change })).toBe(expected)
  })

  test.each([
    { why: 'with a link', acknowledgeUrl: link, end: link },
    { why: 'without', acknowledgeUrl: undefined, end: '...' },
  ])('it is at most 320 characters $why', ({ acknowledgeUrl, end }) => {
    const text = textMessage({
      ...{ ...message, subject: 'long '.repeat(400), url: undefined },
      acknowledgeUrl,
    })
    expect(text).toHaveLength(TEXT_LENGTH_MAX)
    expect(text.endsWith(end)).toBe(true)
  })
})

test.each([
  { words: 'The number +491701234567 is not valid', masked: 'The number …567 is not valid' },
  { words: 'call +49 (170) 123-4567 failed', masked: 'call …567 failed' },
  { words: 'error 21211 after 30 s', masked: 'error 21211 after 30 s' },
])('$words becomes $masked', ({ words, masked }) => {
  expect(withoutPhones(words)).toBe(masked)
})
