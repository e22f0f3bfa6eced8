import { describe, expect, test } from 'vitest'
import {
  byName,
  helpWords,
  INCIDENTS_SHOWN_MAX,
  incidentsWords,
  onCallWords,
  readChatCommand,
  reportedWords,
  unknownName,
} from '../../../../src/domain/chat/slash-command.ts'
import { describeOnCall } from '../../../../src/domain/on-call/describe-on-call.ts'
import type { OnCall } from '../../../../src/protocol/on-call.ts'
import { at } from '../../../support/builders.ts'
import { anOnCall, anOverride, aRotation } from '../../../support/on-call-builders.ts'

const MINUTE = 60_000

test.each([
  {
    text: 'report storefront no buttons',
    is: { kind: 'report', service: 'storefront', words: 'no buttons' },
  },
  {
    text: '  REPORT   shop\ntwo\nlines ',
    is: { kind: 'report', service: 'shop', words: 'two\nlines' },
  },
  {
    text: 'report storefront',
    is: { kind: 'help', unknown: expect.stringContaining('wants a service') },
  },
  { text: 'report', is: { kind: 'help', unknown: expect.stringContaining('wants a service') } },
  { text: 'oncall', is: { kind: 'on_call', name: undefined } },
  { text: 'oncall Shop team', is: { kind: 'on_call', name: 'Shop team' } },
  { text: 'on-call shop', is: { kind: 'on_call', name: 'shop' } },
  { text: 'incidents', is: { kind: 'incidents' } },
  { text: '', is: { kind: 'help' } },
  { text: 'help me', is: { kind: 'help' } },
  {
    text: 'reprot shop x',
    is: { kind: 'help', unknown: expect.stringContaining('did you mean report?') },
  },
  { text: 'x'.repeat(500), is: { kind: 'help', unknown: expect.stringMatching(/^“x{59}…”/) } },
])('“$text” is $is.kind', ({ text, is }) => {
  expect(readChatCommand(text)).toEqual(is)
})

test('help says what can be asked, after what was not understood', () => {
  const words = helpWords('/firewatch', 'no')
  expect(words.split('\n').map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
    'no.',
    '/firewatch report',
    '/firewatch oncall',
    '/firewatch incidents:',
  ])
})

test.each([
  {
    typed: 'stroefront',
    known: ['storefront', 'pay'],
    says: 'No service is called “stroefront”; did you mean storefront? In all, there are storefront and pay.',
  },
  { typed: 'zzz', known: ['storefront'], says: 'No service is called “zzz”: there is storefront.' },
  { typed: 'zzz', known: [], says: 'No service is called “zzz”: there is none.' },
])('$typed: $says', ({ typed, known, says }) => {
  expect(unknownName('service', typed, known)).toBe(says)
})

test('of many names some are told and the rest is counted', () => {
  const known = Array.from({ length: 200 }, (_, index) => `service-${index}`)
  expect(unknownName('service', 'zzz', known)).toMatch(/service-19 and 180 more\.$/)
})

test('names are found by id and by name, whatever the case', () => {
  const things = [{ id: 'shop', name: 'The Shop' }]
  for (const typed of ['shop', 'SHOP', ' the shop ']) expect(byName(things, typed)?.id).toBe('shop')
  expect(byName(things, 'sho')).toBeUndefined()
})

test.each([
  { count: 1, says: 'Taken down for Shop: 1 report within 15 min; 3 are a signal.' },
  {
    count: 3,
    says: 'Taken down for Shop: 3 reports within 15 min; that is a signal, and people are told as its severity asks.',
  },
])('$says', ({ count, says }) => {
  expect(reportedWords('Shop', { count, needed: 3, withinMs: 15 * MINUTE })).toBe(says)
})

describe('who is on call', () => {
  const now = at('2026-01-13T12:00:00Z')
  const services = [
    { id: 'storefront', name: 'Storefront' },
    { id: 'payments', name: 'Payments' },
  ]
  const ask = (typed: string | undefined, overrides: Partial<OnCall> = {}, otherwise?: string) =>
    onCallWords(
      describeOnCall({ onCall: anOnCall(overrides), overrides: [], absences: [] }, now, 'x'),
      services,
      typed,
      otherwise,
    )
  const shop = 'Shop: b until Mon 2026-01-19 09:00 (UTC), then c.'

  test.each([
    { typed: 'shop', says: shop, why: 'a team by its id' },
    { typed: 'SHOP', says: shop, why: 'in any case' },
    { typed: 'storefront', says: `Storefront is of ${shop}`, why: 'the team of a service' },
    { typed: undefined, says: shop, why: 'every team' },
    {
      typed: 'payments',
      says: 'No team owns Payments, and none is named for what no team owns.',
      why: 'a service of nobody',
    },
    {
      typed: 'shpo',
      says: 'No team or service is called “shpo”; did you mean shop? In all, there are shop, storefront and payments.',
      why: 'nothing',
    },
  ])('$why: $says', ({ typed, says }) => {
    expect(ask(typed)).toBe(says)
  })
  test('a service of nobody is of the team that has what no team owns', () => {
    expect(ask('payments', {}, 'shop')).toBe(`Payments is of ${shop}`)
  })
  test('with who stands behind, and by the clock of the rotation', () => {
    const rotations = [aRotation([{ secondary: { kind: 'next' }, zone: 'Europe/Berlin' }])]
    expect(ask('shop', { rotations })).toBe(
      'Shop: b until Mon 2026-01-19 09:00 (Europe/Berlin), behind them c, then c with a behind them.',
    )
  })
  test('an override ends when it ends', () => {
    const override = anOverride('d', '2026-01-13T10:00:00Z', '2026-01-13T18:00:00Z')
    const told = describeOnCall(
      { onCall: anOnCall(), overrides: [override], absences: [] },
      now,
      'x',
    )
    expect(onCallWords(told, services, 'shop')).toBe(
      'Shop: d until Tue 2026-01-13 18:00 (UTC), then b.',
    )
  })
  test('where there is no team, that is said', () => {
    expect(ask('shop', { teams: [], rotations: [] })).toMatch(/^Nobody is on call/)
    expect(ask('shop', { rotations: [] })).toBe('Shop: it has no rotation.')
  })
})

describe('what is open', () => {
  const now = at('2026-03-13T15:00:00Z')
  const one = (number: number, severity: 'SEV-1' | 'SEV-2', minutes: number, by?: string) => ({
    ...{ id: `INC-${number}`, severity, state: 'triage' as const },
    openedAt: now - minutes * MINUTE,
    headline: 'Checkout fails',
    ...(by !== undefined && { acknowledged: { by, at: now, generation: 1 } }),
  })
  const linkTo = (id: string) => `https://x/${id}`

  test('the worst and longest first, with who has it and where to look', () => {
    const open = [one(1, 'SEV-2', 90), one(2, 'SEV-1', 3, 'ada'), one(3, 'SEV-1', 0)]
    expect(incidentsWords(open, { now, total: 3, linkTo }).split('\n')).toEqual([
      '3 incidents are open:',
      'SEV-1 INC-2 triage for 3 min, ada has it: Checkout fails https://x/INC-2',
      'SEV-1 INC-3 triage just now, nobody has it: Checkout fails https://x/INC-3',
      'SEV-2 INC-1 triage for 1 h 30 min, nobody has it: Checkout fails https://x/INC-1',
    ])
  })
  test('of many the first, and how many more', () => {
    const open = Array.from({ length: 40 }, (_, index) => one(index + 1, 'SEV-2', index))
    const lines = incidentsWords(open, { now, total: 1_000, linkTo }).split('\n')
    expect(lines).toHaveLength(INCIDENTS_SHOWN_MAX + 2)
    expect(lines.at(-1)).toBe(`and ${1_000 - INCIDENTS_SHOWN_MAX} more`)
  })
  test('nothing', () => {
    expect(incidentsWords([], { now, total: 0, linkTo })).toBe('No incident is open.')
  })
})
