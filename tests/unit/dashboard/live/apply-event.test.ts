import { expect, test } from 'vitest'
import { applyToCheck, applyToNow } from '../../../../src/dashboard/live/apply-event.ts'
import { BAR_SLOTS, type LiveEvent } from '../../../../src/protocol/public-api.ts'
import { aBar, aNow, anOverview, aSlot } from '../../../support/dashboard-builders.ts'

const slotEvent = (slot: ReturnType<typeof aSlot>, overrides = {}): LiveEvent => ({
  type: 'slot',
  checkId: 'shop-home',
  regionId: 'eu-west',
  slot,
  ...overrides,
})

const bar = [
  aSlot({ slotAt: 1_000, durationMs: 10 }),
  aSlot({ slotAt: 2_000, durationMs: 20 }),
  { slotAt: 3_000 },
]
const check = anOverview({ 'eu-west': bar, 'us-east': aBar('passed') })
const endsOf = (changed: typeof check) =>
  changed.regions[0]?.slots.map((slot) => `${slot.slotAt} ${slot.end}`)

test.each([
  {
    slot: aSlot({ slotAt: 3_000, end: 'failed' }),
    expected: ['1000 passed', '2000 passed', '3000 failed'],
    why: 'the run of an awaited slot takes its place',
  },
  {
    slot: aSlot({ slotAt: 4_000 }),
    expected: ['1000 passed', '2000 passed', '3000 undefined', '4000 passed'],
    why: 'a newer slot comes last',
  },
  {
    slot: aSlot({ slotAt: 1_500, end: 'failed' }),
    expected: ['1000 passed', '1500 failed', '2000 passed', '3000 undefined'],
    why: 'a late run goes where it belongs',
  },
])('$why', ({ slot, expected }) => {
  expect(endsOf(applyToCheck(check, slotEvent(slot)))).toEqual(expected)
})

test('a bar keeps its length: the oldest slot leaves', () => {
  const full = anOverview({ 'eu-west': aBar(...Array(BAR_SLOTS).fill('passed')) })
  const first = full.regions[0]?.slots[0]
  const changed = applyToCheck(full, slotEvent(aSlot({ slotAt: Number.MAX_SAFE_INTEGER })))
  expect(changed.regions[0]?.slots).toHaveLength(BAR_SLOTS)
  expect(changed.regions[0]?.slots).not.toContain(first)
})

test('the median follows the runs that say something about the target', () => {
  const failed = slotEvent(aSlot({ slotAt: 3_000, end: 'failed', durationMs: 900 }))
  const fault = slotEvent(aSlot({ slotAt: 4_000, end: 'probe_fault', durationMs: 5_000 }))
  const changed = [failed, fault].reduce(applyToCheck, check)
  expect(changed.regions[0]?.durationMsP50).toBe(20)
})

test('an alert replaces the alert of its check only', () => {
  const now = aNow([check, { ...check, checkId: 'other' }])
  const alert = { ...check.alert, state: 'firing' as const }
  const changed = applyToNow(now, { type: 'alert', checkId: 'shop-home', alert })
  const states = changed.services[0]?.checks.map((each) => each.alert.state)
  expect(states).toEqual(['firing', 'quiet'])
  expect(changed.services[0]?.checks[1]).toBe(now.services[0]?.checks[1])
})

test.each([
  { event: { type: 'alive', now: 1 }, why: 'it is a heartbeat' },
  {
    event: { type: 'incident', incidentId: 'INC-1' },
    why: 'it asks for loading, not for applying',
  },
  { event: slotEvent(aSlot(), { checkId: 'unknown' }), why: 'the check is not shown' },
  { event: slotEvent(aSlot(), { regionId: 'mars' }), why: 'the region is not shown' },
] as { event: LiveEvent; why: string }[])(
  'the same object comes back when $why, so that nothing is drawn',
  ({ event }) => {
    const now = aNow([check])
    expect(applyToNow(now, event)).toBe(now)
  },
)
