import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contactsFor } from '../../../../src/domain/on-call/contacts-for.ts'
import { listShifts } from '../../../../src/domain/on-call/list-shifts.ts'
import { resolveDuty } from '../../../../src/domain/on-call/resolve-duty.ts'
import { rotationAt } from '../../../../src/domain/on-call/rotation-at.ts'
import type { Duty, OnCallChanges } from '../../../../src/protocol/on-call.ts'
import { at } from '../../../support/builders.ts'
import {
  anAbsence,
  anOnCall,
  anOverride,
  aPerson,
  aRotation,
  aSwap,
} from '../../../support/on-call-builders.ts'

const none: OnCallChanges = { overrides: [], absences: [] }
const primary: Duty = { kind: 'rotation', rotationId: 'weekly', role: 'primary' }
const secondary: Duty = { kind: 'rotation', rotationId: 'weekly', role: 'secondary' }

/** Of the first week, in which it is the turn of `a`. */
const wednesday = at('2026-01-07T12:00:00Z')
const WEEK_1 = ['2026-01-05T09:00:00Z', '2026-01-12T09:00:00Z'] as const
const TWO_WEEKS = ['2026-01-05T09:00:00Z', '2026-01-19T09:00:00Z'] as const

const who = (
  duty: Duty,
  changes: Partial<OnCallChanges> = {},
  instant = wednesday,
  onCall = anOnCall(),
) => {
  const answer = resolveDuty({ onCall, ...none, ...changes }, duty, instant)
  return 'nobody' in answer ? `nobody: ${answer.nobody}` : answer.people.join()
}

describe('a rotation', () => {
  test.each([
    { instant: '2026-01-05T09:00:00Z', expected: 'a', why: 'the first turn begins at the anchor' },
    { instant: '2026-01-12T08:59:59.999Z', expected: 'a', why: 'until the next hand-off' },
    { instant: '2026-01-12T09:00:00Z', expected: 'b', why: 'which belongs to the next one' },
    { instant: '2026-01-26T09:00:00Z', expected: 'a', why: 'round and round' },
    {
      instant: '2026-01-05T08:59:59Z',
      expected: 'nobody: weekly begins Mon 2026-01-05 09:00 (UTC)',
      why: 'it has not begun',
    },
  ])('$instant → $expected: $why', ({ instant, expected }) => {
    expect(who(primary, {}, at(instant))).toBe(expected)
  })

  test.each([
    {
      why: 'an override goes before everything',
      changes: {
        overrides: [anOverride('d', ...WEEK_1), aSwap(['a', 'c'], ...WEEK_1)],
        absences: [anAbsence('d', ...WEEK_1)],
      },
      expected: 'd',
    },
    {
      why: 'a swap goes before an absence',
      changes: {
        overrides: [aSwap(['a', 'c'], ...WEEK_1)],
        absences: [anAbsence('c', ...WEEK_1)],
      },
      expected: 'c',
    },
    {
      why: 'of somebody who is absent the next one has the turn',
      changes: { absences: [anAbsence('a', ...WEEK_1)] },
      expected: 'b',
    },
    {
      why: 'or the one after',
      changes: { absences: [anAbsence('a', ...WEEK_1), anAbsence('b', ...WEEK_1)] },
      expected: 'c',
    },
    {
      why: 'what was ended does not hold',
      changes: {
        overrides: [anOverride('d', ...WEEK_1, { endedAt: at('2026-01-07T11:00:00Z') })],
      },
      expected: 'a',
    },
    {
      why: 'an override of somebody who has left the file does not hold',
      changes: { overrides: [anOverride('stranger', ...WEEK_1)] },
      expected: 'a',
    },
    {
      why: 'all absent is nobody, with their names',
      changes: { absences: ['a', 'b', 'c'].map((id) => anAbsence(id, ...WEEK_1)) },
      expected: 'nobody: a, b and c are absent, and there is nobody else in the order of weekly',
    },
  ])('$why', ({ changes, expected }) => {
    expect(who(primary, changes)).toBe(expected)
  })

  test('a swap is for both: each has the turns of the other', () => {
    const changes = { overrides: [aSwap(['a', 'b'], ...TWO_WEEKS)] }
    expect(who(primary, changes, at('2026-01-07T00:00:00Z'))).toBe('b')
    expect(who(primary, changes, at('2026-01-14T00:00:00Z'))).toBe('a')
    expect(who(primary, changes, at('2026-01-21T00:00:00Z'))).toBe('c')
  })

  test('a new version changes what comes, not what was', () => {
    const onCall = anOnCall({
      rotations: [aRotation([{}, { effectiveFrom: '2026-01-08T09:00', participants: ['d', 'c'] }])],
    })
    expect(who(primary, {}, at('2026-01-08T08:59:59Z'), onCall)).toBe('a')
    expect(who(primary, {}, at('2026-01-08T09:00:00Z'), onCall)).toBe('d')
    const [shift] = listShifts(
      { onCall, ...none },
      aRotation(onCall.rotations[0]?.versions),
      at('2026-01-05T09:00:00Z'),
      at('2026-01-20T09:00:00Z'),
    )
    expect(shift?.until).toBe(at('2026-01-08T09:00:00Z'))
  })

  test('restrictions leave it to the next rotation of the team', () => {
    const office = aRotation([
      { restrictions: [{ days: [1, 2, 3, 4, 5], from: 9 * 60, until: 17 * 60 }] },
    ])
    const rest = aRotation([{ participants: ['d'] }], { id: 'rest', name: 'rest' })
    const onCall = anOnCall({ rotations: [office, rest] })
    const team: Duty = { kind: 'team', teamId: 'shop', role: 'primary' }
    expect(who(team, {}, at('2026-01-07T16:59:00Z'), onCall)).toBe('a')
    expect(who(team, {}, at('2026-01-07T17:00:00Z'), onCall)).toBe('d')
    expect(who(team, {}, at('2026-01-10T12:00:00Z'), onCall)).toBe('d')
    expect(who(primary, {}, at('2026-01-09T17:00:00Z'), onCall)).toBe(
      'nobody: weekly has nobody on call by its restrictions, until Mon 2026-01-12 09:00 (UTC)',
    )
  })

  test('a window over midnight belongs to the day on which it begins', () => {
    const night = aRotation([{ restrictions: [{ days: [5], from: 22 * 60, until: 6 * 60 }] }])
    const onCall = anOnCall({ rotations: [night] })
    expect(who(primary, {}, at('2026-01-10T05:59:00Z'), onCall)).toBe('a')
    expect(who(primary, {}, at('2026-01-10T06:00:00Z'), onCall)).toMatch(/^nobody/)
    expect(who(primary, {}, at('2026-01-10T22:00:00Z'), onCall)).toMatch(/^nobody/)
  })
})

describe('a secondary', () => {
  const next = anOnCall({ rotations: [aRotation([{ secondary: { kind: 'next' } }])] })
  const ofItsOwn = anOnCall({
    rotations: [aRotation([{ secondary: { kind: 'order', participants: ['a', 'd'] } }])],
  })

  test.each([
    { onCall: next, changes: {}, expected: 'b', why: 'is next in the order' },
    {
      onCall: next,
      changes: { absences: [anAbsence('a', ...WEEK_1)] },
      expected: 'c',
      why: 'is never who stands in as the primary',
    },
    {
      onCall: next,
      changes: { overrides: [anOverride('b', ...WEEK_1)] },
      expected: 'c',
      why: 'is never who is the primary by an override',
    },
    {
      onCall: ofItsOwn,
      changes: {},
      expected: 'd',
      why: 'of an order of its own is not the primary',
    },
    {
      onCall: anOnCall(),
      changes: {},
      expected: 'nobody: weekly has no secondary',
      why: 'need not be',
    },
    {
      onCall: anOnCall({
        rotations: [aRotation([{ participants: ['a'], secondary: { kind: 'next' } }])],
      }),
      changes: {},
      expected: 'nobody: a is the primary of weekly, and there is nobody else in its order',
      why: 'is nobody where there is one person',
    },
  ])('$why → $expected', ({ onCall, changes, expected }) => {
    expect(who(secondary, changes, wednesday, onCall)).toBe(expected)
  })
})

describe('other duties', () => {
  const ofTeam = (role: 'lead' | 'manager' | 'everyone'): Duty => ({
    ...{ kind: 'team', teamId: 'shop' },
    role,
  })
  test.each([
    { duty: ofTeam('lead'), expected: 'd' },
    { duty: ofTeam('manager'), expected: 'd' },
    { duty: ofTeam('everyone'), expected: 'a,b,c' },
    { duty: { kind: 'person', personId: 'c' } as const, expected: 'c' },
    { duty: { kind: 'person', personId: 'x' } as const, expected: 'nobody: there is no person x' },
    { duty: { ...ofTeam('lead'), teamId: 'y' } as Duty, expected: 'nobody: there is no team y' },
    {
      duty: { ...primary, rotationId: 'z' } as Duty,
      expected: 'nobody: there is no rotation z',
    },
  ])('$duty → $expected', ({ duty, expected }) => {
    expect(who(duty)).toBe(expected)
  })

  test('who is absent is not paged, and the reason says until when', () => {
    const absences = [anAbsence('b', ...WEEK_1)]
    const answer = resolveDuty(
      { onCall: anOnCall(), overrides: [], absences },
      ofTeam('everyone'),
      wednesday,
    )
    expect(answer).toMatchObject({
      people: ['a', 'c'],
      reason: 'a and c are of Shop; b is absent until Mon 2026-01-12 09:00 (UTC)',
      until: at(WEEK_1[1]),
    })
    expect(who({ kind: 'person', personId: 'b' }, { absences })).toMatch(/^nobody: b is absent/)
  })
})

test('a person is reached by verified contacts: those that are asked for, or else by all of them', () => {
  const person = aPerson('a', {
    contacts: [
      { id: 'mail', kind: 'email', address: 'a@example.com', verified: '2026-01-01' },
      { id: 'push', kind: 'ntfy', url: 'https://ntfy.example.com', topic: 'a' },
      { id: 'chat', kind: 'slack', user: 'U012AB3CD', token: 'T', verified: '2026-01-01' },
    ],
  })
  const ids = (by?: Parameters<typeof contactsFor>[1]) =>
    contactsFor(person, by).map(({ id }) => id)
  expect(ids()).toEqual(['mail', 'chat'])
  expect(ids(['slack', 'email'])).toEqual(['chat', 'mail'])
  expect(ids(['slack'])).toEqual(['chat'])
  expect(ids(['ntfy', 'pagerduty'])).toEqual(['mail', 'chat'])
  expect(contactsFor({ ...person, contacts: [] })).toEqual([])
})

describe('whatever is said', () => {
  const START = at('2026-01-05T09:00:00Z')
  const HOUR = 3_600_000
  const span = fc
    .tuple(fc.integer({ min: -200, max: 1_500 }), fc.integer({ min: 1, max: 400 }))
    .map(([from, hours]) => ({ from: START + from * HOUR, until: START + (from + hours) * HOUR }))
  const person = fc.constantFrom('a', 'b', 'c', 'd')
  const blank = {
    ...{ id: '00000000-0000-4000-8000-000000000000', author: 'd', createdAt: START },
    ...{ rotationId: 'weekly', role: 'primary' as const },
  }
  const changes = fc.record({
    overrides: fc.array(
      fc.oneof(
        fc.record({ span, personId: person }).map(({ span, personId }) => ({
          ...{ ...blank, ...span, kind: 'override' as const, personId },
        })),
        fc.record({ span, between: fc.tuple(person, person) }).map(({ span, between }) => ({
          ...{ ...blank, ...span, kind: 'swap' as const, between },
        })),
      ),
      { maxLength: 6 },
    ),
    absences: fc.array(
      fc.record({ span, personId: person }).map(({ span, personId }) => ({
        ...{ ...blank, ...span, kind: 'absence' as const, personId },
      })),
      { maxLength: 8 },
    ),
  })
  const rotation = aRotation([
    { secondary: { kind: 'next' } },
    {
      effectiveFrom: '2026-02-02T09:00',
      participants: ['c', 'd'],
      restrictions: [{ days: [1, 2, 3, 4, 5], from: 8 * 60, until: 20 * 60 }],
    },
  ])
  const onCall = anOnCall({ rotations: [rotation] })

  test('an answer holds until it says, and nobody who is absent has a turn', () => {
    fc.assert(
      fc.property(
        changes,
        fc.integer({ min: 0, max: 1_500 * 60 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (said, minutes, part) => {
          const roster = { onCall, ...said }
          const instant = START + minutes * 60_000
          const { until, ...answer } = rotationAt(roster, rotation, instant)
          expect(until).toBeGreaterThan(instant)
          const later =
            instant + Math.floor((Math.min(until, instant + 400 * HOUR) - instant) * part)
          const { until: _, ...then } = rotationAt(roster, rotation, later)
          expect(then).toEqual(answer)

          for (const held of [answer.primary, answer.secondary]) {
            if (!held || 'nobody' in held || held.by === 'override' || held.by === 'swap') continue
            const isAway = said.absences.some(
              (one) => one.personId === held.personId && one.from <= instant && instant < one.until,
            )
            expect(isAway).toBe(false)
          }
          const { primary, secondary } = answer
          if (secondary && 'personId' in secondary && 'personId' in primary)
            expect(secondary.personId).not.toBe(primary.personId)
        },
      ),
    )
  })

  test('shifts lie one after the other, and each says what is so within it', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: -100, max: 1_500 }), (said, hours) => {
        const roster = { onCall, ...said }
        const from = START + hours * HOUR
        const until = from + 500 * HOUR
        const shifts = listShifts(roster, rotation, from, until)
        expect(shifts[0]?.from).toBe(from)
        expect(shifts.at(-1)?.until).toBe(until)
        for (const [index, shift] of shifts.entries()) {
          const next = shifts[index + 1]
          if (next) expect(next.from).toBe(shift.until)
          const last = rotationAt(roster, rotation, shift.until - 1)
          const holder = (held: typeof shift.primary) => ('nobody' in held ? null : held.personId)
          expect(holder(last.primary)).toBe(holder(shift.primary))
        }
      }),
      { numRuns: 40 },
    )
  })
})
