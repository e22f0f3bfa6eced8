import { expect, test } from 'vitest'
import { OnCallChange } from '../../../src/protocol/on-call.ts'
import {
  addOnCallChange,
  endOnCallChange,
  getOnCall,
  getOnCallForService,
  lintOnCall,
  listOnCallChanges,
  listOnCallShifts,
} from '../../../src/protocol/on-call-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPerson, aRotation } from '../../support/on-call-builders.ts'

const wednesday = at('2026-01-07T12:00:00Z')
const HOUR = 3_600_000
const fleet = aFleet({
  onCall: anOnCall({ rotations: [aRotation([{ secondary: { kind: 'next' } }])] }),
})

const override = (personId: string, from: number, until: number) => ({
  ...{ kind: 'override', rotationId: 'weekly', role: 'primary', personId, author: 'd' },
  ...{ from, until, reason: 'at the dentist' },
})

test.each(DATABASES)(
  '%s: an override holds for its time, and not beyond its end',
  async (database) => {
    const clock = movableClock(wednesday)
    const coordinator = await startCoordinator({ database, clock, fleet })
    const primaryAt = async (instant: number) => {
      const { rotations } = await coordinator.get(getOnCall, {}, { at: instant })
      const primary = rotations[0]?.now.primary
      return primary && 'personId' in primary ? primary.personId : primary?.nobody
    }
    expect(await primaryAt(wednesday)).toBe('a')

    const added = await coordinator.post(
      addOnCallChange,
      {},
      override('c', wednesday - HOUR, wednesday + 4 * HOUR),
    )
    expect(added.status).toBe(200)
    const change = OnCallChange.parse(added.answer)
    // What is past stays as it was: it begins now.
    expect(change).toMatchObject({ author: 'd', from: wednesday, createdAt: wednesday })
    expect(await primaryAt(wednesday - 1)).toBe('a')
    expect(await primaryAt(wednesday)).toBe('c')
    expect(await primaryAt(wednesday + 4 * HOUR)).toBe('a')

    clock.advance(HOUR)
    const ended = await coordinator.post(endOnCallChange, { changeId: change.id }, { author: 'a' })
    expect(ended.answer).toMatchObject({ endedAt: wednesday + HOUR, endedBy: 'a' })
    expect(await primaryAt(wednesday + HOUR)).toBe('a')
    expect(await primaryAt(wednesday + HOUR - 1)).toBe('c')
    expect((await coordinator.get(listOnCallChanges)).data).toEqual([])
  },
)

test.each(DATABASES)(
  '%s: of overrides at the same time only one is taken down',
  async (database) => {
    const coordinator = await startCoordinator({ database, clock: movableClock(wednesday), fleet })
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((personId, index) =>
        coordinator.post(
          addOnCallChange,
          {},
          override(personId, wednesday + index * HOUR, wednesday + 8 * HOUR),
        ),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409])
    const refused = answers.find(({ status }) => status === 409)
    expect(refused?.answer).toMatchObject({ code: 'on_call.refused' })
    expect(refused?.answer.detail).toMatch(
      /^it overlaps an override of d from Wed 2026-01-07 \d\d:00 \(UTC\) until Wed 2026-01-07 20:00 \(UTC\); end that one first: [0-9a-f-]{36}$/,
    )
    expect((await coordinator.get(listOnCallChanges)).data).toHaveLength(1)
  },
)

test.each([
  {
    body: override('x', wednesday, wednesday + HOUR),
    status: 400,
    detail: 'there is no person x',
  },
  {
    body: { ...override('a', wednesday, wednesday + HOUR), rotationId: 'y' },
    status: 400,
    detail: 'there is no rotation y',
  },
  {
    body: override('a', wednesday + HOUR, wednesday + HOUR),
    status: 409,
    detail: 'it must end after it begins',
  },
  {
    body: override('a', wednesday - 2 * HOUR, wednesday),
    status: 409,
    detail: 'it would be over already',
  },
  {
    body: override('a', wednesday, wednesday + 400 * 24 * HOUR),
    status: 409,
    detail: 'it would last more than a year',
  },
  {
    body: {
      ...{ kind: 'swap', rotationId: 'weekly', role: 'primary', between: ['a', 'a'], author: 'd' },
      ...{ from: wednesday, until: wednesday + HOUR },
    },
    status: 400,
    detail: 'a swap is between two people',
  },
  {
    body: { ...override('a', wednesday, wednesday + HOUR), author: undefined },
    status: 400,
    detail: 'body.author: who does it',
  },
])('is refused: $detail', async ({ body, status, detail }) => {
  const clock = movableClock(wednesday)
  const coordinator = await startCoordinator({ database: 'sqlite', clock, fleet })
  const refused = await coordinator.post(addOnCallChange, {}, body)
  expect(refused.status).toBe(status)
  expect(refused.answer.detail).toContain(detail)
  expect((await coordinator.get(listOnCallChanges)).data).toEqual([])
})

test('what nobody said cannot be ended', async () => {
  const clock = movableClock(wednesday)
  const coordinator = await startCoordinator({ database: 'sqlite', clock, fleet })
  const changeId = '00000000-0000-4000-8000-000000000000'
  const refused = await coordinator.post(endOnCallChange, { changeId }, { author: 'a' })
  expect(refused).toMatchObject({ status: 404, answer: { code: 'on_call.unknown' } })
})

test('an absence moves the turn on, and is in the shifts, in the lint and with the service', async () => {
  const clock = movableClock(wednesday)
  const coordinator = await startCoordinator({ database: 'sqlite', clock, fleet })
  await coordinator.post(
    addOnCallChange,
    {},
    {
      ...{ kind: 'absence', personId: 'b', author: 'b' },
      ...{ from: at('2026-01-12T00:00:00Z'), until: at('2026-01-26T00:00:00Z') },
    },
  )
  const { data, timeZoneData } = await coordinator.get(listOnCallShifts)
  expect(timeZoneData).toBe(process.versions.tz)
  const next = data.find(({ from }) => from === at('2026-01-12T09:00:00Z'))
  expect(next?.primary).toEqual({
    ...{ personId: 'c', by: 'stand_in' },
    reason:
      'c is the primary of weekly, standing in for b, absent until Mon 2026-01-26 00:00 (UTC)',
  })
  const { complaints } = await coordinator.get(lintOnCall)
  expect(complaints.map(({ kind, message }) => [kind, message])).toContainEqual([
    'long_shifts_in_a_row',
    'c has two long shifts without a break: weekly from Mon 2026-01-12 09:00 (UTC) until Mon 2026-01-19 09:00 (UTC), and weekly from Mon 2026-01-19 09:00 (UTC) until Mon 2026-01-26 09:00 (UTC)',
  ])

  const forService = await coordinator.get(
    getOnCallForService,
    { serviceId: 'storefront' },
    { severity: 'SEV-1' },
  )
  expect(forService.team).toEqual({ id: 'shop', name: 'Shop' })
  expect(
    forService.steps.map(({ afterMs, people }) => [afterMs / 60_000, people.map(({ id }) => id)]),
  ).toEqual([
    [0, ['a']],
    [2, ['a']],
    [5, ['b', 'a']],
    [10, ['d']],
    [15, ['a', 'b', 'c']],
  ])
})

test('no address, topic or secret of anybody is in an answer', async () => {
  const onCall = anOnCall({
    people: ['a', 'b', 'c', 'd'].map((id) =>
      aPerson(id, {
        email: 'hidden@example.com',
        contacts: [
          { id: 'm', kind: 'email', address: 'hidden@example.com', verified: '2026-01-01' },
          { id: 'n', kind: 'ntfy', url: 'https://hidden.example.com', topic: 'hidden' },
        ],
      }),
    ),
  })
  const clock = movableClock(wednesday)
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    fleet: aFleet({ onCall }),
  })
  const answers = [
    await coordinator.get(getOnCall),
    await coordinator.get(listOnCallShifts),
    await coordinator.get(lintOnCall),
    await coordinator.get(getOnCallForService, { serviceId: 'storefront' }),
  ]
  expect(JSON.stringify(answers)).not.toContain('hidden')
  expect(answers[0]).toMatchObject({ people: [{ id: 'a', reachedBy: ['email'] }, {}, {}, {}] })
})

test('without a file nobody is on call, and that is an answer', async () => {
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(wednesday),
  })
  expect(await coordinator.get(getOnCall)).toMatchObject({ people: [], teams: [], rotations: [] })
  const forService = await coordinator.get(getOnCallForService, { serviceId: 'storefront' })
  expect(forService).toMatchObject({ primary: { nobody: 'no team owns storefront' }, steps: [] })
})
