import { expect, test } from 'vitest'
import {
  impactSpan,
  revenueCheckIds,
  revenueLost,
} from '../../../../src/domain/incident/revenue-lost.ts'
import { incidentTimes } from '../../../../src/domain/incident/times/incident-times.ts'
import { aFinding, anIncident, MINUTE, NOW } from './reports.ts'

const shop = {
  ...{ id: 'storefront', name: 'Storefront' },
  revenuePerMinute: { amount: 350, currency: 'EUR' },
}
const goingOn = (minutes: number) => ({ lastedMs: minutes * MINUTE, isOver: false })
const all = { failed: 69, runs: 69 }

test.each([
  {
    ...{ span: goingOn(23), service: shop, runs: all },
    words: 'about EUR 8,050 so far: 23 min at EUR 350 a minute (services.yaml)',
    why: 'everything failed for as long',
  },
  {
    ...{ span: { ...goingOn(23), isOver: true }, service: shop, runs: all },
    words: 'about EUR 8,050: 23 min at EUR 350 a minute (services.yaml)',
    why: 'it is over',
  },
  {
    ...{ span: goingOn(23), service: shop, runs: { failed: 46, runs: 121 } },
    words:
      "about EUR 3,060 so far: 23 min at EUR 350 a minute (services.yaml), times the 38 % of its failing checks' runs that failed (46 of 121)",
    why: 'a part failed',
  },
  {
    ...{ span: goingOn(600), service: shop, runs: { failed: 1, runs: 1_000 } },
    words:
      "about EUR 210 so far: 600 min at EUR 350 a minute (services.yaml), times the 1 % of its failing checks' runs that failed (1 of 1,000)",
    why: 'hardly anything failed, and that is not nothing',
  },
  {
    span: goingOn(3),
    service: { ...shop, revenuePerMinute: { amount: 12.5, currency: 'JPY' } },
    runs: all,
    words: 'about JPY 37.5 so far: 3 min at JPY 12.5 a minute (services.yaml)',
    why: 'a small rate keeps its digits',
  },
])('$words: $why', ({ span, service, runs, words }) => {
  expect(revenueLost(span, service, runs)?.words).toBe(words)
})

test.each([
  { service: { id: 'x', name: 'X' }, why: 'no rate is stated' },
  { runs: { failed: 0, runs: 0 }, why: 'no run measured it' },
  { runs: { failed: 0, runs: 40 }, why: 'nothing failed' },
  { span: goingOn(0.4), why: 'it has hardly begun' },
])('says nothing where $why', ({ span = goingOn(23), service = shop, runs = all }) => {
  expect(revenueLost(span, service, runs)).toBeUndefined()
})

test('only what was found failing says how much of a service fails', () => {
  const incident = anIncident(
    aFinding(),
    aFinding({ key: 'check:slow', checkId: 'slow', kind: 'check_degraded' }),
    aFinding({ key: 'region:eu-west', kind: 'region_silent' }),
    aFinding({ key: 'check:pay', checkId: 'pay', serviceId: 'payments' }),
  )
  expect(revenueCheckIds(incident, 'storefront')).toEqual(['checkout-stop'])
  expect(revenueCheckIds(incident, 'payments')).toEqual(['pay'])
})

const times = incidentTimes([], undefined)
const ended = {
  instants: { ...times.instants, mitigated: { value: NOW + 9 * MINUTE, because: 'the last' } },
  durations: { ...times.durations, impact: { value: 7 * MINUTE, because: 'without the pause' } },
}
test.each([
  {
    ...{ of: {}, by: times, lasted: 20, isOver: false, until: 20 },
    why: 'it goes on',
  },
  {
    ...{ of: { recoveredAt: NOW + 10 * MINUTE }, by: times, lasted: 10, isOver: true, until: 10 },
    why: 'it has recovered and is verified',
  },
  {
    ...{ of: { recoveredAt: NOW + 10 * MINUTE }, by: ended, lasted: 7, isOver: true, until: 9 },
    why: 'it is restored, and its times say how long customers had it',
  },
])('the impact lasts $lasted min when $why', ({ of, by, lasted, isOver, until }) => {
  expect(impactSpan({ impactStartedAt: NOW, ...of }, by, NOW + 20 * MINUTE)).toEqual({
    since: NOW,
    until: NOW + until * MINUTE,
    lastedMs: lasted * MINUTE,
    isOver,
  })
})
