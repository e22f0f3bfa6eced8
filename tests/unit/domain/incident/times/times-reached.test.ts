import { expect, test } from 'vitest'
import type { Draft } from '../../../../../src/domain/incident/stamp-events.ts'
import { endsTimes, timesReached } from '../../../../../src/domain/incident/times/times-reached.ts'
import type { IncidentEvent } from '../../../../../src/protocol/incident.ts'
import { aFinding, NOW } from '../reports.ts'

const SECOND = 1_000
const finding = aFinding({ since: NOW - 40 * SECOND })

const opened: Draft = {
  type: 'opened',
  serviceId: 'storefront',
  title: 't',
  severity: 'SEV-1',
  severityReason: 'r',
}
const whole: [seconds: number, draft: Draft, by?: string][] = [
  [0, opened],
  [0, { type: 'finding_joined', finding }],
  [10, { type: 'paged', as: 'page', people: [], reason: 'r', pageId: 'p', round: 1, step: 1 }],
  [70, { type: 'acknowledged', generation: 1 }, 'ada'],
  [90, { type: 'acknowledged', generation: 2 }, 'grace'],
  [600, { type: 'finding_cleared', key: finding.key, reason: 'r' }],
  [600, { type: 'recovered', reason: 'r', verifyUntil: NOW + 2_400 * SECOND }],
  [2_400, { type: 'restored', reason: 'r' }],
  [9_000, { type: 'resolved', as: 'cause_fixed', reason: 'r' }, 'ada'],
]
const events = whole.map(
  ([seconds, draft, by], index) =>
    ({
      occurredAt: NOW + seconds * SECOND,
      ...draft,
      sequence: index + 1,
      recordedAt: NOW + seconds * SECOND,
      actor: by === undefined ? { kind: 'system' } : { kind: 'person', name: by },
    }) as IncidentEvent,
)

/** What is told when the events up to this place are on record, and so many of them are the last. */
const reached = (until: number, count: number) =>
  timesReached(events.slice(0, until), events.slice(until - count, until)).map(
    ({ name, ms }) => `${name} ${ms / SECOND}`,
  )

test.each([
  { why: 'opened, it is detected', until: 2, count: 2, told: ['mttd 40'] },
  { why: 'a page ends nothing', until: 3, count: 1, told: [] },
  { why: 'the first acknowledgement counts', until: 4, count: 1, told: ['mtta 60'] },
  { why: 'the second does not', until: 5, count: 1, told: [] },
  { why: 'recovered, it may fail again', until: 7, count: 2, told: [] },
  { why: 'restored, its impact is over', until: 8, count: 1, told: ['mttm 640', 'mttr 2400'] },
  { why: 'resolved, its cause is fixed', until: 9, count: 1, told: ['resolve 9000'] },
])('$why', ({ until, count, told }) => {
  expect(reached(until, count)).toEqual(told)
  expect(endsTimes(events.slice(until - count, until))).toBe(told.length > 0 || until === 5)
})

test('what is unknown is not told', () => {
  const declared = events
    .slice(0, 1)
    .map((event) => ({ ...event, isByHand: true }) as IncidentEvent)
  expect(timesReached(declared, declared)).toEqual([])
})
