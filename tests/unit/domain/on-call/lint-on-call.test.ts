import { expect, test } from 'vitest'
import { LINT_MS, lintOnCall } from '../../../../src/domain/on-call/lint-on-call.ts'
import type { OnCall, OnCallChanges } from '../../../../src/protocol/on-call.ts'
import { at } from '../../../support/builders.ts'
import {
  anAbsence,
  anOnCall,
  anOverride,
  aPerson,
  aRotation,
} from '../../../support/on-call-builders.ts'

const from = at('2026-01-06T12:00:00Z')

const lint = (onCall: OnCall, changes: Partial<OnCallChanges> = {}, services = ['storefront']) =>
  lintOnCall({
    roster: { onCall, overrides: [], absences: [], ...changes },
    ...{ services, from, until: from + LINT_MS },
  })
const kinds = (...input: Parameters<typeof lint>) => [
  ...new Set(lint(...input).map(({ kind, level }) => `${level} ${kind}`)),
]

const withSecondary = aRotation([{ secondary: { kind: 'next' } }])
const well = anOnCall({ rotations: [withSecondary] })
const WEEK_1 = ['2026-01-05T09:00:00Z', '2026-01-12T09:00:00Z'] as const
const WEEK_2 = ['2026-01-12T09:00:00Z', '2026-01-19T09:00:00Z'] as const

test('a team in which three take turns and stand behind each other is well', () => {
  expect(lint(well)).toEqual([])
})

test.each<{ why: string; onCall: OnCall; changes?: Partial<OnCallChanges>; expected: string[] }>([
  {
    why: 'a file without people',
    onCall: anOnCall({ people: [] }),
    expected: ['error nobody_at_all'],
  },
  {
    why: 'all are absent',
    onCall: well,
    changes: { absences: ['a', 'b', 'c'].map((id) => anAbsence(id, ...WEEK_2)) },
    expected: ['error gap', 'warning empty_shift'],
  },
  {
    why: 'two of three are absent: nobody stands behind',
    onCall: well,
    changes: { absences: ['a', 'b'].map((id) => anAbsence(id, ...WEEK_1)) },
    expected: ['warning empty_shift'],
  },
  {
    why: 'one person alone',
    onCall: anOnCall({ rotations: [aRotation([{ participants: ['a'] }])] }),
    expected: ['warning single_point', 'warning unreachable_step'],
  },
  {
    why: 'somebody on call has no verified contact',
    onCall: { ...well, people: [aPerson('a', { contacts: [] }), ...well.people.slice(1)] },
    expected: ['error no_verified_contact'],
  },
  {
    why: 'the lead has none',
    onCall: { ...well, people: [...well.people.slice(0, 3), aPerson('d', { contacts: [] })] },
    expected: ['warning no_verified_contact', 'warning unreachable_step'],
  },
  {
    why: 'e-mail alone',
    onCall: {
      ...well,
      people: [
        aPerson('a', {
          contacts: [{ id: 'm', kind: 'email', address: 'a@example.com', verified: '2026-01-01' }],
        }),
        ...well.people.slice(1),
      ],
    },
    expected: ['error only_email'],
  },
  {
    why: 'a telephone that is called, beside e-mail',
    onCall: {
      ...well,
      people: [
        aPerson('a', {
          contacts: [
            { id: 'm', kind: 'email', address: 'a@example.com', verified: '2026-01-01' },
            { id: 'c', kind: 'voice', phone: '+491701234567', verified: '2026-01-01' },
          ],
        }),
        ...well.people.slice(1),
      ],
    },
    expected: [],
  },
  {
    why: 'one of two contacts is of a service that ends',
    onCall: {
      ...well,
      people: [
        aPerson('a', {
          contacts: [
            { id: 'old', kind: 'opsgenie', apiKey: 'OLD', verified: '2026-01-01' },
            { id: 'new', kind: 'jsm', apiKey: 'NEW', verified: '2026-01-01' },
          ],
        }),
        ...well.people.slice(1),
      ],
    },
    expected: ['warning service_ends'],
  },
  {
    why: 'chat and e-mail alone',
    onCall: {
      ...well,
      people: [
        aPerson('a', {
          contacts: [
            { id: 'm', kind: 'email', address: 'a@example.com', verified: '2026-01-01' },
            { id: 's', kind: 'slack', user: 'U012AB3CD', token: 'T', verified: '2026-01-01' },
          ],
        }),
        ...well.people.slice(1),
      ],
    },
    expected: ['error nothing_wakes'],
  },
  {
    why: 'a rotation without secondary: that step is passed',
    onCall: anOnCall(),
    expected: ['warning unreachable_step'],
  },
  {
    why: 'a team without rotation, lead and reachable members',
    onCall: anOnCall({
      rotations: [],
      people: [aPerson('a', { contacts: [] })],
      teams: [{ id: 'shop', name: 'Shop', services: ['storefront'], members: ['a'] }],
    }),
    expected: ['error gap', 'error unreachable_ladder', 'warning no_verified_contact'],
  },
  {
    why: 'an override makes the secondary the primary as well',
    onCall: well,
    changes: { overrides: [anOverride('a', ...WEEK_1, { role: 'secondary' })] },
    expected: ['error primary_is_secondary'],
  },
  {
    why: 'an override gives two weeks to one',
    onCall: well,
    changes: { overrides: [anOverride('a', ...WEEK_2)] },
    expected: ['warning long_shifts_in_a_row'],
  },
  {
    why: 'an override of somebody who is absent',
    onCall: well,
    changes: {
      overrides: [anOverride('d', ...WEEK_2)],
      absences: [anAbsence('d', '2026-01-15T00:00:00Z', '2026-01-16T00:00:00Z')],
    },
    expected: ['error shift_on_leave'],
  },
])('$why → $expected', ({ onCall, changes, expected }) => {
  expect(kinds(onCall, changes).toSorted()).toEqual(expected.toSorted())
})

test('a service that no team owns', () => {
  expect(lint(well, {}, ['storefront', 'orders'])).toMatchObject([
    {
      ...{ kind: 'service_without_team', level: 'error' },
      message: 'no team owns orders: its incidents page nobody',
    },
  ])
  expect(lint({ ...well, otherwise: 'shop' }, {}, ['storefront', 'orders'])).toEqual([])
})

test('what is said has its times, its place in the file, and what would mend it', () => {
  const { rotations } = anOnCall({
    rotations: [
      aRotation([
        {
          zone: 'America/New_York',
          secondary: { kind: 'next' },
          restrictions: [{ days: [1, 2, 3, 4, 5, 6, 7], from: 0, until: 23 * 60 }],
        },
      ]),
    ],
  })
  expect(lint({ ...well, rotations })[0]).toEqual({
    ...{ kind: 'gap', level: 'error' },
    message:
      'nobody of Shop is on call 56 times in these weeks, 2 d 8 h in all, first from Tue 2026-01-06 23:00 (America/New_York) until Wed 2026-01-07 00:00 (America/New_York) (1 h): weekly has nobody on call by its restrictions, until Wed 2026-01-07 00:00 (America/New_York)',
    advice: 'an override, or somebody more in the rotation',
    path: ['rotations', 0],
    from: at('2026-01-07T04:00:00Z'),
    until: at('2026-01-07T05:00:00Z'),
  })
})
