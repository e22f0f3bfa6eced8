import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Draft } from '../../../../../src/domain/incident/stamp-events.ts'
import { incidentTimes } from '../../../../../src/domain/incident/times/incident-times.ts'
import { summarizePeriod } from '../../../../../src/domain/incident/times/summarize-times.ts'
import type { IncidentEvent } from '../../../../../src/protocol/incident.ts'
import type { IncidentTimes } from '../../../../../src/protocol/incident-times.ts'
import { aFinding, NOW } from '../reports.ts'

const SECOND = 1_000
const MINUTE = 60_000
const finding = aFinding({ since: NOW - 40 * SECOND })

/** Events at so many seconds after the detection, each by a person where it is one of theirs. */
const told = (entries: [seconds: number, draft: Draft, by?: string][]): IncidentEvent[] =>
  entries.map(
    ([seconds, draft, by], index) =>
      ({
        occurredAt: NOW + seconds * SECOND,
        ...draft,
        sequence: index + 1,
        recordedAt: NOW + seconds * SECOND,
        actor: by === undefined ? { kind: 'system' } : { kind: 'person', name: by },
      }) as IncidentEvent,
  )

const opened: Draft = {
  type: 'opened',
  serviceId: 'storefront',
  title: 't',
  severity: 'SEV-1',
  severityReason: 'r',
}
const paged = (as: 'page' | 'notice') =>
  ({ type: 'paged', as, people: [], reason: 'r', pageId: 'p', step: 1 }) as unknown as Draft
const whole: [number, Draft, string?][] = [
  [0, opened],
  [0, { type: 'finding_joined', finding }],
  [5, paged('notice')],
  [10, paged('page')],
  [70, { type: 'acknowledged', generation: 1 }, 'ada'],
  [100, { type: 'noted', text: 'looking' }, 'ada'],
  [600, { type: 'finding_cleared', key: finding.key, reason: 'r' }],
  [600, { type: 'recovered', reason: 'r', verifyUntil: NOW + 40 * MINUTE }],
  [2_400, { type: 'restored', reason: 'r' }],
  [9_000, { type: 'resolved', as: 'cause_fixed', reason: 'r' }, 'ada'],
]
const msOf = ({ durations }: IncidentTimes) =>
  Object.fromEntries(Object.entries(durations).map(([name, { value }]) => [name, value]))

test('the times of an incident follow from its events', () => {
  const times = incidentTimes(told(whole), 30_000)
  expect(msOf(times)).toEqual({
    mttd: 40 * SECOND,
    mtta: 60 * SECOND,
    mttm: 640 * SECOND,
    mttr: 2_400 * SECOND,
    impact: 640 * SECOND,
    resolve: 9_000 * SECOND,
  })
  expect(times.instants.engaged.value).toBe(NOW + 100 * SECOND)
  expect(times.confidenceMs).toBe(30_000)
})

test('the impact ends with the last failing run, where runs show it', () => {
  const dated = whole.map(([seconds, draft, by]): [number, Draft, string?] => [
    seconds,
    draft.type === 'finding_cleared' ? { ...draft, lastBadAt: NOW + 560 * SECOND } : draft,
    ...(by === undefined ? ([] as const) : ([by] as const)),
  ])
  const times = incidentTimes(told(dated), 30_000)
  expect(times.instants.mitigated).toEqual({
    value: NOW + 560 * SECOND,
    because: 'the last failing run before it recovered',
  })
  expect(msOf(times)).toMatchObject({ mttm: 600 * SECOND, impact: 600 * SECOND })
  // A finding that no run shows keeps the instant at which the last of them was clear.
  const other: [number, Draft] = [590, { type: 'finding_cleared', key: 'signal:x', reason: 'r' }]
  const mixed = incidentTimes(told([...dated.slice(0, 6), other, ...dated.slice(6)]), 30_000)
  expect(mixed.instants.mitigated.value).toBe(NOW + 600 * SECOND)
})

test.each([
  { upTo: 3, name: 'mtta', because: 'nobody was paged' },
  { upTo: 4, name: 'mtta', because: 'nobody acknowledged it' },
  { upTo: 8, name: 'mttr', because: 'it is not restored' },
  { upTo: 8, name: 'impact', because: 'it is not restored yet, so its impact may not be over' },
  { upTo: 9, name: 'resolve', because: 'it is not resolved' },
] as const)('after $upTo events $name is not known: $because', ({ upTo, name, because }) => {
  const { durations } = incidentTimes(told(whole.slice(0, upTo)), undefined)
  expect(durations[name]).toEqual({ value: null, because })
})

test('what failed again is not over, and the time in between is no impact', () => {
  const again: typeof whole = [
    ...whole.slice(0, 9),
    [3_000, { type: 'recurred', reason: 'r' }],
    [3_000, { type: 'finding_joined', finding: { ...finding, since: NOW + 3_000 * SECOND } }],
  ]
  expect(msOf(incidentTimes(told(again), undefined))).toMatchObject({ mttr: null, impact: null })
  const over: typeof whole = [
    ...again,
    [3_120, { type: 'finding_cleared', key: finding.key, reason: 'r' }],
    [3_120, { type: 'recovered', reason: 'r', verifyUntil: NOW }],
    [5_000, { type: 'restored', reason: 'r' }],
  ]
  expect(msOf(incidentTimes(told(over), undefined))).toMatchObject({
    mttr: 5_000 * SECOND,
    mttm: 3_160 * SECOND,
    impact: (640 + 120) * SECOND,
  })
})

test('whatever the order of things, no time is below none and none is guessed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -500, max: 5_000 }), fc.nat(whole.length - 2))),
      (picked) => {
        const events = told([
          [0, opened],
          ...picked.map(([seconds, at]): [number, Draft, string?] => {
            const [, draft, by] = whole[at + 1] ?? [0, opened]
            return by === undefined ? [seconds, draft] : [seconds, draft, by]
          }),
        ])
        for (const { value, because } of Object.values(incidentTimes(events, 1).durations)) {
          if (value !== null) expect(value).toBeGreaterThanOrEqual(0)
          expect(because).toMatch(/\w/)
        }
      },
    ),
  )
})

test('a summary counts who knows, and is null of none', () => {
  const of = (ms: number | null, openedAt = NOW) => {
    const { durations } = incidentTimes(told(whole), undefined)
    return { openedAt, durations: { ...durations, mttd: { value: ms, because: 'x' } } }
  }
  const span = { since: NOW, until: NOW + 1 }
  const some = [of(1), of(9), of(2), of(null), of(100, NOW - 1)]
  expect(summarizePeriod(some, span)).toMatchObject({
    incidents: 4,
    times: { mttd: { count: 3, medianMs: 2, p90Ms: 9 } },
  })
  expect(summarizePeriod([of(null)], span).times.mttd).toEqual({
    count: 0,
    medianMs: null,
    p90Ms: null,
  })
})
