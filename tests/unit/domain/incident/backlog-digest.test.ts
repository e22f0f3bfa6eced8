import { describe, expect, test } from 'vitest'
import {
  type Backlog,
  backlogPage,
  DIGEST_SHOWN_MAX,
  DIGEST_WITHIN_MS,
  digestDueAt,
  digestText,
  dueDigests,
} from '../../../../src/domain/incident/backlog-digest.ts'
import type { Digest } from '../../../../src/protocol/on-call.ts'
import { at } from '../../../support/builders.ts'
import { anAbsence, anOnCall, aPerson, aRotation } from '../../../support/on-call-builders.ts'

const DAY = 86_400_000
const MONDAY: Digest = { day: 1, at: 9 * 60 }
const due = at('2026-03-16T08:00:00Z')
/** When it is due by the clock of a team that is in UTC. */
const LATER = at('2026-03-16T09:01:00Z')
const URL = 'https://firewatch.example.com/incidents?state=backlog'

test.each<{ now: string; is: string; why: string; digest?: Digest }>([
  { now: '2026-03-16T09:00:00+01:00', is: '2026-03-16T09:00:00+01:00', why: 'at the minute' },
  { now: '2026-03-16T08:59:59+01:00', is: '2026-03-09T09:00:00+01:00', why: 'a second before' },
  { now: '2026-03-22T23:00:00+01:00', is: '2026-03-16T09:00:00+01:00', why: 'on a Sunday' },
  {
    ...{ now: '2026-03-30T10:00:00+02:00', is: '2026-03-30T09:00:00+02:00' },
    why: 'the day after the clock was put forward',
  },
  {
    ...{ now: '2026-10-26T08:30:00+01:00', is: '2026-10-19T09:00:00+02:00' },
    why: 'the day after it was put back, before nine',
  },
  {
    ...{ now: '2026-03-29T12:00:00+02:00', is: '2026-03-29T03:00:00+02:00' },
    ...{ digest: { day: 7, at: 2 * 60 + 30 }, why: 'the clock skips that time' },
  },
  {
    ...{ now: '2026-10-25T12:00:00+01:00', is: '2026-10-25T02:30:00+02:00' },
    ...{ digest: { day: 7, at: 2 * 60 + 30 }, why: 'the clock shows it twice: the first' },
  },
])('at $now it was last due at $is: $why', ({ now, is, digest = MONDAY }) => {
  expect(digestDueAt(digest, 'Europe/Berlin', at(now))).toBe(at(is))
})

const mail = (id: string, verified?: string) =>
  aPerson(id, {
    contacts: [{ id: 'mail', kind: 'email', address: `${id}@example.com`, verified }] as never,
  })
const rings = aPerson('d', {
  contacts: [{ id: 'rings', kind: 'pagerduty', routingKey: 'KEY', verified: '2026-01-02' }],
})
const people = [
  mail('a', '2026-01-02'),
  mail('b', '2026-01-02'),
  mail('c'),
  mail('d', '2026-01-02'),
]

describe('who gets one', () => {
  const of = (
    roster: Partial<Parameters<typeof dueDigests>[0]> = {},
    now = due + 60_000,
    digest: Digest | undefined = { ...MONDAY, zone: 'Europe/Berlin' },
  ) =>
    dueDigests(
      {
        onCall: anOnCall({ people, ...(digest && { digest }), ...roster.onCall }),
        absences: roster.absences ?? [],
      },
      now,
    )

  test('whoever leads the team', () => {
    expect(of()).toMatchObject([{ team: { id: 'shop' }, dueAt: due, person: { id: 'd' } }])
  })
  test('the first of it, while who leads is away', () => {
    const away = anAbsence('d', '2026-03-10T00:00:00Z', '2026-03-20T00:00:00Z')
    expect(of({ absences: [away] })[0]?.person?.id).toBe('a')
  })
  test('the first of it, where who leads can only be rung', () => {
    const onCall = anOnCall({ people: [...people.slice(0, 3), rings], digest: MONDAY })
    expect(of({ onCall }, LATER)[0]?.person?.id).toBe('a')
  })
  test('nobody, where nobody has a verified contact that rings nobody', () => {
    const onCall = anOnCall({ people: [mail('a'), rings], digest: MONDAY })
    expect(of({ onCall }, LATER)).toMatchObject([{ person: undefined }])
  })
  test('by the clock of the team, where the file names none', () => {
    const rotations = [aRotation([{ zone: 'Asia/Tokyo' }])]
    const onCall = anOnCall({ people, rotations, digest: MONDAY })
    expect(of({ onCall })).toMatchObject([
      { zone: 'Asia/Tokyo', dueAt: at('2026-03-16T00:00:00Z') },
    ])
  })
  test('nobody, when it is too late or nobody wants it', () => {
    expect(of({}, due + DIGEST_WITHIN_MS + 1)).toEqual([])
    expect(dueDigests({ onCall: anOnCall({ people }), absences: [] }, due)).toEqual([])
  })
})

const digest = { team: { id: 'shop', name: 'Shop', services: [], members: [] }, dueAt: due }
const one = (number: number, ageMs: number, severity: 'SEV-3' | 'SEV-4' = 'SEV-4') => ({
  ...{ id: `INC-${number}`, severity, title: `Small thing ${number}`, state: 'triage' as const },
  openedAt: due - ageMs,
})
const textOf = (backlog: Partial<Backlog>) =>
  digestText(
    { ...digest, zone: 'Europe/Berlin' },
    { open: [], openCount: backlog.open?.length ?? 0, opened: 0, ended: 0, ...backlog },
    URL,
  )

test('the oldest comes first, with its age, then how the week was', () => {
  const open = [one(7, 3 * 3_600_000), one(3, 41.5 * DAY, 'SEV-3'), one(5, DAY)]
  expect(textOf({ open, opened: 3, ended: 5 })).toEqual({
    subject: 'Backlog of Shop: 3 open, one for 41 days',
    lines: [
      'Incidents of SEV-3 and SEV-4 at Mon 2026-03-16 09:00 (Europe/Berlin), the oldest first:',
      '- INC-3 SEV-3 for 41 days: Small thing 3 (triage)',
      '- INC-5 SEV-4 for 1 day: Small thing 5 (triage)',
      '- INC-7 SEV-4 for 3 h: Small thing 7 (triage)',
      'In the week before, 3 opened and 5 ended.',
      URL,
    ],
  })
})

test('of many the oldest are told and the rest is counted, with what was not loaded', () => {
  const open = Array.from({ length: 30 }, (_, index) => one(index + 1, (index + 1) * DAY))
  const lines = textOf({ open, openCount: 1_234 })?.lines ?? []
  expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(DIGEST_SHOWN_MAX)
  expect(lines[1]).toContain('INC-30 SEV-4 for 30 days')
  expect(lines).toContain(`and ${1_234 - DIGEST_SHOWN_MAX} more`)
})

test('a week in which everything ended is told, and one in which nothing was is not', () => {
  expect(textOf({ ended: 2 })?.subject).toBe('Backlog of Shop: nothing is open')
  expect(textOf({ ended: 2 })?.lines[0]).toBe(
    'Incidents of SEV-3 and SEV-4 at Mon 2026-03-16 09:00 (Europe/Berlin): none is open.',
  )
  expect(textOf({})).toBeUndefined()
})

test.each([
  { open: [], is: '/incidents?state=backlog' },
  { open: ['SEV-4', 'SEV-3'], is: '/incidents?state=backlog' },
  { open: ['SEV-3', 'SEV-4'], is: '/incidents?state=backlog&severity=SEV-3' },
] as const)('the oldest first of $open, its page is $is', ({ open, is }) => {
  const incidents = open.map((severity, index) => ({ severity, openedAt: due - DAY + index }))
  expect(backlogPage(incidents.toReversed())).toBe(is)
})
