import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeSignal } from '../../../../src/domain/signal/take-signal.ts'
import type { Signal, SignalStatus } from '../../../../src/protocol/signal.ts'
import { at } from '../../../support/builders.ts'

const NOW = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000

const aSignal = (overrides: Partial<Signal> = {}): Signal => ({
  key: '4f0c',
  state: 'firing',
  startedAt: NOW,
  isStartKnown: true,
  subject: '5xx above 5 %',
  reason: '5xx above 5 %',
  serviceId: 'storefront',
  ...overrides,
})
const over = (overrides: Partial<Signal> = {}) => aSignal({ state: 'resolved', ...overrides })
const isBare: Partial<Signal> = { isStartKnown: false }

/** Takes messages one after the other, a minute apart. */
function takeAll(signals: readonly Signal[]) {
  const effects: string[] = []
  let status: SignalStatus | undefined
  for (const [index, signal] of signals.entries()) {
    const taken = takeSignal(status, signal, 'prometheus', NOW + index * MINUTE)
    status = taken.status
    effects.push(taken.effect)
  }
  return { effects, status }
}

test.each([
  { why: 'it fires', signals: [aSignal()], effects: ['report'], state: 'firing' },
  {
    why: 'it fires, is repeated, and is over, which is repeated',
    signals: [aSignal(), aSignal(), over(), over()],
    effects: ['report', 'report', 'clear', 'none'],
    state: 'resolved',
  },
  { why: 'it is over and never fired', signals: [over()], effects: ['none'], state: 'resolved' },
  {
    why: 'a repetition that was on its way for longer comes after the end',
    signals: [aSignal(), over(), aSignal()],
    effects: ['report', 'clear', 'none'],
    state: 'resolved',
  },
  {
    why: 'it fires again later',
    signals: [aSignal(), over(), aSignal({ startedAt: NOW + MINUTE })],
    effects: ['report', 'clear', 'report'],
    state: 'firing',
  },
  {
    why: 'the end of an earlier alert comes after the next one fires',
    signals: [aSignal({ startedAt: NOW + MINUTE }), over()],
    effects: ['report', 'none'],
    state: 'firing',
  },
  {
    why: 'the source tells the time of each message, and they come in another order',
    signals: [over({ toldAt: NOW + 2 }), aSignal({ toldAt: NOW + 1 })],
    effects: ['none', 'none'],
    state: 'resolved',
  },
  {
    why: 'the same incident is opened again, by a later message',
    signals: [aSignal({ toldAt: NOW }), over({ toldAt: NOW + 1 }), aSignal({ toldAt: NOW + 2 })],
    effects: ['report', 'clear', 'report'],
    state: 'firing',
  },
  {
    why: 'a source without any time is believed in the order in which it comes',
    signals: [aSignal(isBare), over(isBare), aSignal(isBare)],
    effects: ['report', 'clear', 'report'],
    state: 'firing',
  },
])('$why: $state', ({ signals, effects, state }) => {
  const taken = takeAll(signals)
  expect(taken.effects).toEqual(effects)
  expect(taken.status).toMatchObject({ state, times: signals.length, firstReceivedAt: NOW })
})

test('it began when it was first told, for a source that does not say', () => {
  const { status } = takeAll([aSignal(isBare), aSignal({ ...isBare, startedAt: NOW + MINUTE })])
  expect(status?.startedAt).toBe(NOW)
})

test('messages that are told twice, in any place, change nothing', () => {
  const message = fc.record({ isFiring: fc.boolean(), at: fc.integer({ min: 0, max: 5 }) })
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
      const signals = messages.map(({ isFiring, at: minutes }) =>
        aSignal({
          state: isFiring ? 'firing' : 'resolved',
          startedAt: NOW + minutes * MINUTE,
          toldAt: NOW + minutes * MINUTE * 2 + (isFiring ? 0 : 1),
        }),
      )
      const once = takeAll(signals)
      const twice = takeAll([...signals, ...signals])
      expect(twice.status?.state).toBe(once.status?.state)
    }),
  )
})
