import { expect, test } from 'vitest'
import {
  calmContact,
  decideConfirm,
  decideUnconfirmed,
  startedShifts,
  tellShift,
} from '../../../../src/domain/on-call/hand-off.ts'
import { shiftText, unconfirmedText } from '../../../../src/domain/on-call/hand-off-text.ts'
import { unconfirmedComplaints } from '../../../../src/domain/on-call/lint/unconfirmed-complaints.ts'
import type { HandOff } from '../../../../src/protocol/hand-off.ts'
import type { OnCall, OnCallChanges, Restriction } from '../../../../src/protocol/on-call.ts'
import { at } from '../../../support/builders.ts'
import {
  anAbsence,
  anOnCall,
  anOverride,
  aPerson,
  aRotation,
  aSwap,
} from '../../../support/on-call-builders.ts'

type Roster = { onCall: OnCall } & OnCallChanges
const roster = (onCall: OnCall, changes: Partial<OnCallChanges> = {}): Roster => ({
  ...{ onCall, overrides: [], absences: [] },
  ...changes,
})
/** a has the turn from Monday, 5 January, 09:00 UTC on; then b, then c. */
const weekly = anOnCall()
const withSecondary = anOnCall({ rotations: [aRotation([{ secondary: { kind: 'next' } }])] })
const NIGHTS: Restriction = { days: [1, 2, 3, 4, 5, 6, 7], from: 22 * 60, until: 6 * 60 }

const started = (roster: Roster, when: string, known: string[] = []) =>
  startedShifts(roster, at(when), new Set(known))
const inWords = (shifts: ReturnType<typeof started>) =>
  shifts.map(
    ({ role, personId, from, until, leaving }) =>
      `${role} ${personId} ${iso(from)}–${iso(until)} after ${leaving ?? 'nobody'}`,
  )
const iso = (instant: number) => new Date(instant).toISOString().slice(5, 16)

test.each<{ why: string; roster: Roster; when: string; expected: string[] }>([
  {
    why: 'right before the hand-off nobody takes anything over',
    roster: roster(weekly),
    when: '2026-01-12T08:59:59Z',
    expected: [],
  },
  {
    why: 'at the hand-off the next one does',
    roster: roster(weekly),
    when: '2026-01-12T09:00:00Z',
    expected: ['primary b 01-12T09:00–01-19T09:00 after a'],
  },
  {
    why: 'nobody looked for hours',
    roster: roster(weekly),
    when: '2026-01-12T20:59:00Z',
    expected: ['primary b 01-12T09:00–01-19T09:00 after a'],
  },
  {
    why: 'nobody looked for so long that they know it by now',
    roster: roster(weekly),
    when: '2026-01-12T21:01:00Z',
    expected: [],
  },
  {
    why: 'the rotation begins',
    roster: roster(weekly),
    when: '2026-01-05T09:00:00Z',
    expected: ['primary a 01-05T09:00–01-12T09:00 after nobody'],
  },
  {
    why: 'both roles change hands',
    roster: roster(withSecondary),
    when: '2026-01-12T09:00:00Z',
    expected: [
      'primary b 01-12T09:00–01-19T09:00 after a',
      'secondary c 01-12T09:00–01-19T09:00 after b',
    ],
  },
  {
    why: 'who is alone in the order goes on as before',
    roster: roster(anOnCall({ rotations: [aRotation([{ participants: ['a'] }])] })),
    when: '2026-01-12T09:00:00Z',
    expected: [],
  },
  {
    why: 'an override begins within a turn',
    roster: roster(weekly, {
      overrides: [anOverride('c', '2026-01-07T12:00:00Z', '2026-01-07T16:00:00Z')],
    }),
    when: '2026-01-07T12:00:05Z',
    expected: ['primary c 01-07T12:00–01-07T16:00 after a'],
  },
  {
    why: 'a swap: it is the turn of the other',
    roster: roster(weekly, {
      overrides: [aSwap(['b', 'c'], '2026-01-12T00:00:00Z', '2026-01-26T00:00:00Z')],
    }),
    when: '2026-01-12T09:00:00Z',
    expected: ['primary c 01-12T09:00–01-19T09:00 after a'],
  },
  {
    why: 'somebody becomes absent: the next one stands in until they are back',
    roster: roster(weekly, {
      absences: [anAbsence('a', '2026-01-07T12:00:00Z', '2026-01-08T12:00:00Z')],
    }),
    when: '2026-01-07T12:00:00Z',
    expected: ['primary b 01-07T12:00–01-08T12:00 after a'],
  },
  {
    why: 'a rotation of the nights: the turn is told when its first night begins',
    roster: roster(anOnCall({ rotations: [aRotation([{ restrictions: [NIGHTS] }])] })),
    when: '2026-01-12T22:00:00Z',
    expected: ['primary b 01-12T22:00–01-19T09:00 after nobody'],
  },
])('$expected: $why', ({ roster: given, when, expected }) => {
  expect(inWords(started(given, when))).toEqual(expected)
})

test('a turn is told once, however often it is interrupted', () => {
  const nights = roster(anOnCall({ rotations: [aRotation([{ restrictions: [NIGHTS] }])] }))
  const [first] = started(nights, '2026-01-12T22:00:00Z')
  const known = [first?.handOffId ?? '']
  expect(started(nights, '2026-01-13T22:00:00Z', known)).toEqual([])
  const overridden = roster(weekly, {
    overrides: [anOverride('c', '2026-01-12T12:00:00Z', '2026-01-12T13:00:00Z')],
  })
  const [turn] = started(overridden, '2026-01-12T09:00:00Z')
  const afterwards = started(overridden, '2026-01-12T13:00:00Z', [turn?.handOffId ?? ''])
  expect(afterwards).toEqual([])
})

const handOff = (overrides: Partial<HandOff> = {}): HandOff => {
  const [shift] = started(roster(weekly), '2026-01-12T09:00:00Z')
  if (!shift) throw new Error('nobody takes over')
  return { ...tellShift(shift, aPerson('b'), at('2026-01-12T09:00:00Z')), ...overrides }
}
const late = at('2026-01-12T09:30:00Z')

test('it wants to be confirmed within half an hour, and says by what they were told', () => {
  expect(handOff()).toMatchObject({ toldBy: 'push', confirmBy: late, leaving: 'a' })
})

test.each<{ why: string; roster: Roster; handOff?: HandOff; expected: object }>([
  {
    why: 'whoever had it until then hears of it',
    roster: roster(weekly),
    expected: { kind: 'tell', personId: 'a', reason: 'a had it until then' },
  },
  {
    why: 'who had it is away, and nobody stands behind: whoever leads the team does',
    roster: roster(weekly, {
      absences: [anAbsence('a', '2026-01-12T00:00:00Z', '2026-01-13T00:00:00Z')],
    }),
    expected: { kind: 'tell', personId: 'd', reason: 'd is next for the team' },
  },
  {
    why: 'nobody had it: who is on call with them does',
    roster: roster(withSecondary),
    handOff: handOff({ leaving: undefined as never }),
    expected: { kind: 'tell', personId: 'c', reason: 'c is on call with them' },
  },
  {
    why: 'nobody else can be told',
    roster: roster(
      anOnCall({ people: ['a', 'b', 'c', 'd'].map((id) => aPerson(id, { contacts: [] })) }),
    ),
    expected: { kind: 'nobody', reason: 'nobody else of the team can be told' },
  },
  {
    why: 'somebody took it by an override meanwhile',
    roster: roster(weekly, {
      overrides: [anOverride('d', '2026-01-12T09:10:00Z', '2026-01-12T12:00:00Z')],
    }),
    expected: { kind: 'over' },
  },
  {
    why: 'the rotation is gone',
    roster: roster(anOnCall({ rotations: [] })),
    expected: { kind: 'over' },
  },
])('not confirmed: $why', ({ roster: given, handOff: open = handOff(), expected }) => {
  expect(decideUnconfirmed(given, open, late)).toEqual(expected)
})

test.each([
  { by: 'b', now: late, expected: { kind: 'confirmed', handOff: { confirmedAt: late } } },
  {
    by: 'a',
    now: late,
    expected: {
      kind: 'refused',
      reason: 'it is b who takes it over and confirms; who has it instead says so with an override',
    },
  },
  {
    by: 'b',
    now: at('2026-01-19T09:00:00Z'),
    expected: { kind: 'refused', reason: 'it is over already' },
  },
])('$by confirms: $expected.kind', ({ by, now, expected }) => {
  expect(decideConfirm(roster(weekly), handOff(), { by, now })).toMatchObject(expected)
})

test('confirmed again it is as it was', () => {
  const confirmed = handOff({ confirmedAt: late - 1 })
  expect(decideConfirm(roster(weekly), confirmed, { by: 'b', now: late })).toEqual({
    kind: 'confirmed',
    handOff: confirmed,
  })
})

const on = '2026-01-01'
test.each([
  {
    contacts: [
      { id: 'pager', kind: 'pagerduty' as const, routingKey: 'K', verified: on },
      { id: 'push', kind: 'ntfy' as const, url: 'https://a.test', topic: 't', verified: on },
      { id: 'mail', kind: 'email' as const, address: 'a@example.com', verified: on },
    ],
    by: 'mail',
    why: 'mail rings nobody out of bed',
  },
  {
    contacts: [
      { id: 'pager', kind: 'pagerduty' as const, routingKey: 'K', verified: on },
      { id: 'mail', kind: 'email' as const, address: 'a@example.com' },
    ],
    by: undefined,
    why: 'one that is not verified may be anybody’s, and a pager rings until it is answered',
  },
])('a shift is told by $by: $why', ({ contacts, by }) => {
  expect(calmContact(aPerson('a', { contacts }))?.id).toBe(by)
})

test('the message says from when until when, the ladder, what to try and how to confirm', () => {
  const onCall = anOnCall({
    people: ['a', 'b', 'c', 'd'].map((id) => aPerson(id, { name: `Person ${id}` })),
    rotations: [
      aRotation([{ secondary: { kind: 'next' } }], {
        access: [
          { name: 'Kubernetes', test: 'kubectl get pods lists them' },
          { name: 'Logs', test: 'sign in', url: 'https://logs.example.com' },
        ],
      }),
    ],
  })
  const [shift] = started(roster(onCall), '2026-01-12T09:00:00Z')
  if (!shift) throw new Error('nobody takes over')
  const url = 'https://firewatch.example.com/on-call'
  expect(shiftText(roster(onCall), shift, url)).toEqual({
    subject: 'You are on call: primary of weekly',
    lines: [
      'From Mon 2026-01-12 09:00 (UTC) until Mon 2026-01-19 09:00 (UTC)',
      'Why: it is the turn of Person b as primary of weekly, until Mon 2026-01-19 09:00 (UTC)',
      'Before you: Person a. Ask what is still going on.',
      'Services: storefront',
      'SEV-1: acknowledge within 5 min; paged are at once Person b, after 2 min Person b, after 5 min Person c and Person b, after 10 min Person d, after 15 min Person a, Person b and Person c',
      'SEV-2: acknowledge within 15 min; paged are at once Person b, after 5 min Person b, after 10 min Person b, after 15 min Person c',
      'Try your access before you need it:',
      '- Kubernetes: kubectl get pods lists them',
      '- Logs: sign in (https://logs.example.com)',
      'Confirm within 30 min that you have it, here or with: npx firewatch on-call confirm weekly',
      url,
    ],
  })
})

test('who is told that it was not confirmed reads what to do, and the page warns of it', () => {
  const open = handOff({ unconfirmed: { at: late, told: 'a', reason: 'a had it until then' } })
  const text = unconfirmedText(roster(weekly), open, {
    ...{ reason: 'a had it until then', url: 'https://firewatch.example.com/on-call', zone: 'UTC' },
  })
  expect(text.subject).toBe('Not confirmed: b as primary of weekly')
  expect(text.lines.slice(0, 3)).toEqual([
    'b is primary of weekly since Mon 2026-01-12 09:00 (UTC) and has not confirmed it.',
    'They were told, and may not have seen it.',
    'Ask them, or say with an override who has it.',
  ])
  expect(unconfirmedComplaints(roster(weekly), [open, handOff({ confirmedAt: late })])).toEqual([
    expect.objectContaining({
      ...{ kind: 'shift_unconfirmed', level: 'warning', path: ['rotations', 0] },
      message:
        'b is primary of weekly since Mon 2026-01-12 09:00 (UTC) and has not confirmed it; a was told',
    }),
  ])
  expect(
    unconfirmedComplaints(roster(weekly), [{ ...open, confirmedAt: late + 1 }, handOff()]),
  ).toEqual([])
})
