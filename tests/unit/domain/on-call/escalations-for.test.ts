import { describe, expect, test } from 'vitest'
import {
  escalationsFor,
  type PageableIncident,
} from '../../../../src/domain/on-call/escalations-for.ts'
import { simulateEscalation } from '../../../../src/domain/on-call/simulate-escalation.ts'
import type { Duty, Ladder, ResponderRule } from '../../../../src/protocol/on-call.ts'
import { at } from '../../../support/builders.ts'
import { anOnCall, aPerson, aRotation } from '../../../support/on-call-builders.ts'

const finding = {
  key: 'check:checkout',
  kind: 'check_failing' as const,
  subject: 'checkout',
  reason: 'the answer was 500',
}
const incident = (overrides: Partial<PageableIncident> = {}): PageableIncident => ({
  severity: 'SEV-1',
  services: ['storefront'],
  findings: [finding],
  ...overrides,
})
const ladder = (...duties: Duty[]): Ladder<Duty> => ({
  steps: [{ afterMs: 0, page: duties }],
  ...{ rounds: 1, acknowledgeWithinMs: 300_000, acknowledgementLastsMs: 1_200_000 },
})
const rule = (when: ResponderRule['when'], as: ResponderRule['as'] = 'page'): ResponderRule => ({
  ...{ id: 'database', when, as, because: 'It is about the database.' },
  ladder: ladder({ kind: 'person', personId: 'd' }),
})

describe('whom an incident goes to', () => {
  const two = anOnCall({
    teams: [
      { id: 'shop', name: 'Shop', services: ['storefront', 'search'], members: ['a'] },
      { id: 'pay', name: 'Payments', services: ['orders'], members: ['b'] },
    ],
  })

  test('the team of each of its services, once', () => {
    const found = escalationsFor(two, incident({ services: ['storefront', 'orders', 'search'] }))
    expect(found.map(({ id, because }) => [id, because])).toEqual([
      ['team:shop', 'Shop is the team of storefront, search at SEV-1'],
      ['team:pay', 'Payments is the team of orders at SEV-1'],
    ])
    expect(found[0]?.ladder.steps[0]?.page).toEqual([
      { kind: 'team', teamId: 'shop', role: 'primary' },
    ])
  })

  test('of a service that nobody owns the steps page nobody', () => {
    const [unowned] = escalationsFor(two, incident({ services: ['nothing'] }))
    expect(unowned).toMatchObject({ id: 'unowned', because: 'no team owns nothing at SEV-1' })
    expect(unowned?.ladder.steps.every(({ page }) => page.length === 0)).toBe(true)
    const [other] = escalationsFor(
      { ...two, otherwise: 'pay' },
      incident({ services: ['nothing'] }),
    )
    expect(other?.id).toBe('team:pay')
  })

  test('nobody at a severity whose ladder has no steps', () => {
    expect(escalationsFor(two, incident({ severity: 'SEV-3' }))).toEqual([])
  })

  test.each<[ResponderRule['when'], Partial<PageableIncident>, boolean]>([
    [{}, {}, true],
    [{ severities: ['SEV-2'] }, {}, false],
    [{ services: ['storefront'] }, {}, true],
    [{ services: ['orders'] }, {}, false],
    [{ finding: 'check_failing' }, {}, true],
    [{ finding: 'signal' }, {}, false],
    [{ layer: 'probes' }, {}, true],
    [{ layer: 'logs' }, {}, false],
    [{ says: ['POSTGRES', 'answer was 5'] }, {}, true],
    [{ says: ['postgres'] }, {}, false],
    [{ says: ['500'], services: ['orders'] }, {}, false],
    [
      { says: ['500'], services: ['orders'] },
      { findings: [{ ...finding, serviceId: 'orders' }] },
      true,
    ],
    [
      { pattern: 'disk-full' },
      { findings: [{ ...finding, key: 'signal:query-disk:1', kind: 'signal' }] },
      true,
    ],
    [
      { pattern: 'out-of-memory' },
      { findings: [{ ...finding, key: 'signal:query-disk:1', kind: 'signal' }] },
      false,
    ],
    // What two findings say together is not what the rule asks for.
    [
      { layer: 'logs', says: ['500'] },
      { findings: [finding, { ...finding, layer: 'logs', reason: 'other' }] },
      false,
    ],
  ])('a rule %j of an incident %j: %s', (when, overrides, applies) => {
    const found = escalationsFor({ ...two, responders: [rule(when)] }, incident(overrides), [
      { id: 'disk', pattern: 'disk-full' },
    ])
    expect(found.some(({ id }) => id === 'responder:database')).toBe(applies)
  })
})

describe('a ladder that is played', () => {
  const start = at('2026-01-07T12:00:00Z')
  const onCall = anOnCall({ rotations: [aRotation([{ secondary: { kind: 'next' } }])] })
  const play = (silent: string[] | 'all', from = onCall) => {
    const { steps, ends } = simulateEscalation(
      { onCall: from, overrides: [], absences: [] },
      escalationsFor(from, incident()),
      start,
      (id) => silent !== 'all' && !silent.includes(id),
    )
    const minute = (instant: number) => (instant - start) / 60_000
    return {
      steps: steps.map(({ at, pages }) => [
        minute(at),
        pages.map(({ personId }) => personId).join(),
      ]),
      ends: ends.map(({ at, answeredBy }) => [minute(at), answeredBy ?? 'nobody']),
    }
  }

  test('goes on until somebody answers', () => {
    expect(play([])).toEqual({ steps: [[0, 'a']], ends: [[0, 'a']] })
    expect(play(['a'])).toEqual({
      steps: [
        [0, 'a'],
        [2, 'a'],
        [5, 'b,a'],
      ],
      ends: [[5, 'b']],
    })
  })

  test('is over after three rounds', () => {
    const { steps, ends } = play('all')
    expect(steps.filter(([, who]) => who === 'd').map(([minute]) => minute)).toEqual([10, 30, 50])
    expect(steps).toHaveLength(15)
    expect(ends).toEqual([[60, 'nobody']])
  })

  test('a step that reaches nobody is passed at once, and a round of them ends it', () => {
    const noSecondary = anOnCall({
      teams: [{ id: 'shop', name: 'Shop', services: ['storefront'], members: ['a', 'b', 'c'] }],
    })
    expect(play('all', noSecondary).steps.slice(0, 6)).toEqual([
      [0, 'a'],
      [2, 'a'],
      [5, 'a'],
      [10, ''],
      [10, 'a,b,c'],
      [15, 'a'],
    ])
    const unreachable = anOnCall({
      people: ['a', 'b', 'c', 'd'].map((id) => aPerson(id, { contacts: [] })),
    })
    const { steps, ends } = play([], unreachable)
    expect(steps.map(([minute]) => minute)).toEqual([0, 0, 0, 0, 0])
    expect(ends).toEqual([[0, 'nobody']])
  })
})
