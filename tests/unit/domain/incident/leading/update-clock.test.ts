import fc from 'fast-check'
import { expect, test } from 'vitest'
import { note } from '../../../../../src/domain/incident/commands/acknowledge.ts'
import { changeSeverity } from '../../../../../src/domain/incident/commands/change-severity.ts'
import { declare } from '../../../../../src/domain/incident/commands/declare.ts'
import { mitigated } from '../../../../../src/domain/incident/commands/finish.ts'
import type { Decision } from '../../../../../src/domain/incident/commands/order.ts'
import { leadDueAt, passTime } from '../../../../../src/domain/incident/leading/pass-time.ts'
import { promiseUpdate } from '../../../../../src/domain/incident/leading/update-clock.ts'
import { SYSTEM, stampEvents } from '../../../../../src/domain/incident/stamp-events.ts'
import type { Incident, IncidentEvent } from '../../../../../src/protocol/incident.ts'
import { aFinding, after, anIncident, globally, MINUTE, NOW, typesOf } from '../reports.ts'

const CADENCE = { 'SEV-1': 15 * MINUTE, 'SEV-2': 30 * MINUTE }

/** As the desk does it: what was decided, and the promise that follows. */
function settle(incident: Incident, decision: Decision, now: number): Incident {
  if (decision.kind === 'rejected') throw new Error(decision.reason)
  const decided = after(incident, decision.events)
  const promised = promiseUpdate(decided, decision.events, CADENCE, now)
  return after(decided, stampEvents(decided, promised, { now, actor: SYSTEM }))
}
const order = (now: number) => ({ by: 'ada', now })
const declared = (incident = anIncident(globally())) =>
  settle(incident, declare(incident, order(NOW)), NOW)

/** Lets time pass until an instant, looking as often as the row in the database says. */
function play(incident: Incident, until: number): { incident: Incident; events: IncidentEvent[] } {
  const events: IncidentEvent[] = []
  let current = incident
  for (let steps = 0; steps < 1_000; steps++) {
    const dueAt = leadDueAt(current)
    if (dueAt === undefined || dueAt > until) return { incident: current, events }
    const passed = passTime(current, dueAt)
    expect(passed.length).toBeGreaterThan(0)
    expect(passTime(current, dueAt - 1)).toEqual([])
    events.push(...passed)
    current = after(current, passed)
  }
  throw new Error('it never ends')
}

test.each([
  { incident: anIncident(globally()), nextAt: NOW + 15 * MINUTE, why: 'SEV-1 after 15 minutes' },
  { incident: anIncident(aFinding()), nextAt: NOW + 30 * MINUTE, why: 'SEV-2 after 30' },
  { incident: anIncident(aFinding({ tier: 'minor' })), nextAt: undefined, why: 'SEV-4 on change' },
])('the clock starts with the declaration: $why', ({ incident, nextAt }) => {
  expect(incident.updates).toBeUndefined()
  expect(declared(incident).updates?.nextAt).toBe(nextAt)
})

test('it reminds three minutes before, at the time, and says five minutes later that it is overdue', () => {
  const { events } = play(declared(), NOW + 14.9 * MINUTE + 5.2 * MINUTE)
  expect(
    events.map((event) => [
      (event.recordedAt - NOW) / MINUTE,
      event.type === 'update_reminded' ? event.stage : event.type,
    ]),
  ).toEqual([
    [12, 'soon'],
    [15, 'due'],
    // Nobody found, decided or did anything meanwhile.
    [15, 'progress_missing'],
    [20, 'overdue'],
  ])
})

test('after an outage of ours only the last reminder is given', () => {
  expect(typesOf(passTime(declared(), NOW + 60 * MINUTE))).toEqual([
    'update_reminded',
    'progress_missing',
  ])
  expect(passTime(declared(), NOW + 60 * MINUTE)[0]).toMatchObject({ stage: 'overdue' })
})

test('becoming worse brings the promise forward, and nothing puts it off', () => {
  const two = declared(anIncident(aFinding()))
  const raised = settle(two, changeSeverity(two, order(NOW), { to: 'SEV-1' }), NOW + MINUTE)
  expect(raised.updates?.nextAt).toBe(NOW + 16 * MINUTE)
  const lowered = settle(
    raised,
    changeSeverity(raised, order(NOW), { to: 'SEV-2', reason: 'few' }),
    NOW + 2 * MINUTE,
  )
  expect(lowered.updates?.nextAt).toBe(NOW + 16 * MINUTE)
})

test('what people find, decide and do is progress; their mere words are not', () => {
  const incident = declared()
  const spoken = settle(incident, note(incident, order(NOW + 10 * MINUTE), 'hm'), NOW + 10 * MINUTE)
  const decided = settle(
    incident,
    note(incident, order(NOW + 10 * MINUTE), 'roll back', 'decision'),
    NOW + 10 * MINUTE,
  )
  const missing = (one: Incident) =>
    play(one, NOW + 60 * MINUTE)
      .events.filter(({ type }) => type === 'progress_missing')
      .map(({ recordedAt }) => (recordedAt - NOW) / MINUTE)
  expect(missing(spoken)).toEqual([15, 30, 45, 60])
  expect(missing(decided)).toEqual([25, 40, 55])
  const over = settle(
    incident,
    mitigated(incident, order(NOW + MINUTE), { note: 'rolled back', verifyForMs: 1 }),
    NOW + MINUTE,
  )
  expect(missing(over)).toEqual([])
})

test('the public hears the last of it: when it is over and still reads otherwise, one more is owed', () => {
  const published = {
    ...anIncident(),
    state: 'restored' as const,
    published: { publicId: 'x', title: 'x', status: 'monitoring' as const, since: 1, lastAt: 1 },
  }
  expect(promiseUpdate(published, [], CADENCE, NOW)).toEqual([
    {
      type: 'update_promised',
      nextAt: NOW + 5 * MINUTE,
      reason: 'it is over, and the public still reads "monitoring"',
    },
  ])
  const told = { ...published, published: { ...published.published, status: 'resolved' as const } }
  for (const one of [told, { ...anIncident(), state: 'restored' as const }])
    expect(promiseUpdate(one, [], CADENCE, NOW)).toEqual([])
})

test('at whatever instants somebody looks, each stage is told at most once and in order', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 * MINUTE }), { maxLength: 30 }), (gaps) => {
      let now = NOW
      let incident = declared()
      const stages: string[] = []
      for (const gap of gaps) {
        now += gap
        const events = passTime(incident, now)
        for (const event of events) if (event.type === 'update_reminded') stages.push(event.stage)
        incident = after(incident, events)
        const dueAt = leadDueAt(incident)
        expect(dueAt === undefined || dueAt > now).toBe(true)
      }
      expect(new Set(stages).size).toBe(stages.length)
      expect(stages).toEqual(['soon', 'due', 'overdue'].filter((one) => stages.includes(one)))
    }),
  )
})
