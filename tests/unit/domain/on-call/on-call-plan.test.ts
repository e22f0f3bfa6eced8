import { expect, test } from 'vitest'
import { onCallPlan, planWords, teamsOfPlan } from '../../../../src/domain/on-call/on-call-plan.ts'
import type { OnCall } from '../../../../src/protocol/on-call.ts'
import {
  OnCallPlan,
  PLAN_SHIFTS_MAX,
  PLAN_SHIFTS_OF_ROTATION_MAX,
} from '../../../../src/protocol/on-call-plan.ts'
import { at } from '../../../support/builders.ts'
import { anAbsence, anOnCall, anOverride, aRotation } from '../../../support/on-call-builders.ts'

/** Tuesday; b has the week, c the next. */
const now = at('2026-01-13T12:00:00Z')
const HOUR = 3_600_000

const planOf = (
  overrides: Partial<OnCall> = {},
  said: Partial<Pick<Parameters<typeof onCallPlan>[0], 'overrides' | 'absences'>> = {},
) =>
  OnCallPlan.parse(
    onCallPlan({ onCall: anOnCall(overrides), overrides: [], absences: [], ...said }, now),
  )
const wordsAt = (plan: OnCallPlan, instant: number, asked = instant) =>
  planWords(plan, plan.teams, { at: asked, now: instant })

test('a plan has the next seven days, by turns and by what was said besides, in names alone', () => {
  const rotations = [aRotation([{ secondary: { kind: 'next' } }])]
  const plan = planOf(
    { rotations },
    { overrides: [anOverride('d', '2026-01-14T08:00:00Z', '2026-01-14T20:00:00Z')] },
  )
  expect(plan).toMatchObject({ at: now, until: now + 7 * 24 * HOUR })
  expect(plan.teams[0]?.rotations[0]?.shifts).toEqual([
    { from: now, until: at('2026-01-14T08:00:00Z'), primary: 'b', secondary: 'c' },
    {
      from: at('2026-01-14T08:00:00Z'),
      until: at('2026-01-14T20:00:00Z'),
      primary: 'd',
      secondary: 'c',
    },
    {
      from: at('2026-01-14T20:00:00Z'),
      until: at('2026-01-19T09:00:00Z'),
      primary: 'b',
      secondary: 'c',
    },
    { from: at('2026-01-19T09:00:00Z'), until: plan.until, primary: 'c', secondary: 'a' },
  ])
  // No contact of anybody is in it, whichever kind it is.
  expect(JSON.stringify(plan)).not.toMatch(/ntfy|push|pages|https?:/)
})

test('who is away is not in it, and a rotation of nobody says so', () => {
  const absence = anAbsence('b', '2026-01-10T00:00:00Z', '2026-01-30T00:00:00Z')
  expect(planOf({}, { absences: [absence] }).teams[0]?.rotations[0]?.shifts[0]?.primary).toBe('c')
  const night = [{ days: [6] as [6], from: 0, until: 60 }]
  const rotations = [aRotation([{ restrictions: night }])]
  expect(planOf({ rotations }).teams[0]?.rotations[0]?.shifts[0]?.primary).toBeNull()
})

test('however often duties change, it stays small', () => {
  const hourly = { every: { count: 1, unit: 'hour' as const } }
  const many = Array.from({ length: 60 }, (_, index) => aRotation([hourly], { id: `r${index}` }))
  const rotations = planOf({ rotations: many }).teams[0]?.rotations ?? []
  expect(rotations[0]?.shifts).toHaveLength(PLAN_SHIFTS_OF_ROTATION_MAX)
  expect(rotations.flatMap(({ shifts }) => shifts)).toHaveLength(PLAN_SHIFTS_MAX)
  expect(rotations.at(-1)?.shifts).toEqual([])
})

test.each([
  { after: 0, says: '  b until Mon 2026-01-19 09:00 (UTC), then c', age: 'less than a minute' },
  {
    after: 3 * HOUR + 12 * 60_000,
    says: '  b until Mon 2026-01-19 09:00 (UTC), then c',
    age: '3 h 12 min',
  },
  { after: 6 * 24 * HOUR, says: '  c until Tue 2026-01-20 12:00 (UTC) at least', age: '6 d' },
])('after $age it says who and how old that is', ({ after, says, age }) => {
  const words = wordsAt(planOf(), now + after)
  expect(words).toContain(says)
  expect(words[0]).toContain(`a copy that is ${age} old`)
})

test('of what it does not reach it says nothing', () => {
  const words = wordsAt(planOf(), now + 8 * 24 * HOUR)
  expect(words[1]).toBe('It reaches until Tue 2026-01-20 12:00 (UTC), and not so far.')
  expect(words).toContain('  not in this copy')
})

test('a service is of its team, else of the team that has what no team owns', () => {
  const plan = planOf()
  expect(teamsOfPlan(plan, undefined)).toHaveLength(1)
  expect(teamsOfPlan(plan, 'storefront')).toMatchObject([{ id: 'shop' }])
  expect(teamsOfPlan(plan, 'payments')).toEqual([])
  expect(teamsOfPlan(planOf({ otherwise: 'shop' }), 'payments')).toMatchObject([{ id: 'shop' }])
})

test('a service that no team names is said, since it may be a slip', () => {
  const plan = planOf({ otherwise: 'shop' })
  const words = (service: string) =>
    planWords(plan, teamsOfPlan(plan, service), { at: now, now, service })
  const [known = ''] = plan.teams[0]?.services ?? []
  expect(words(known).join()).not.toContain('has the service')
  expect(words('odrers')).toContain(
    'No team has the service odrers: this one has what no team owns.',
  )
})
