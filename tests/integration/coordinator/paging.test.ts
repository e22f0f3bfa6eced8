import { describe, expect, test } from 'vitest'
import type { Fleet } from '../../../src/protocol/config.ts'
import { type OnCall, OnCallChange } from '../../../src/protocol/on-call.ts'
import { addOnCallChange, endOnCallChange } from '../../../src/protocol/on-call-api.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
} from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { type MessageService, startNtfy } from '../../support/message-services.ts'
import { type MovableClock, movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const MINUTE_MS = 60_000
const INCIDENT = { incidentId: 'INC-1' }

type Paging = {
  coordinator: TestCoordinator
  clock: MovableClock
  phones: MessageService
  /** Lets time pass when what was sent is known to have arrived: else its lease ends, and it is sent again. */
  pass(minutes: number): Promise<void>
  /** A second coordinator beside the first, on the same database. */
  another(): Promise<TestCoordinator>
}

/** A coordinator whose two people have phones, and a third who has none that is verified. */
async function startPaging(
  database: (typeof DATABASES)[number],
  change: (onCall: OnCall, phones: MessageService) => OnCall = (onCall) => onCall,
  more: Partial<Fleet> = {},
): Promise<Paging> {
  const phones = await startNtfy()
  const onCall = anOnCall({
    'first-responder': [aPhone('first', phones.url)],
    'second-responder': [aPhone('second', phones.url)],
  })
  const clock = movableClock(noon)
  const options = {
    database: await freshDatabase(database),
    clock,
    fleet: aFleet({ silentAfterMs: 86_400_000, onCall: change(onCall, phones), ...more }),
  }
  const coordinator = await startCoordinator(options)
  const pass = async (minutes: number) => {
    await until('what was sent is known to have arrived', async () => {
      const { notifications } = await coordinator.get(getIncident, INCIDENT)
      return notifications.every(({ state }) => state !== 'pending')
    })
    clock.advance(minutes * MINUTE_MS)
  }
  return { coordinator, clock, phones, pass, another: () => startCoordinator(options) }
}

/** Somebody who is on call only where they are named. */
const withStandIn = (onCall: OnCall, phones: MessageService): OnCall => ({
  ...onCall,
  people: [
    ...onCall.people,
    { id: 'stand-in', name: 'stand-in', zone: 'UTC', contacts: [aPhone('stand-in', phones.url)] },
  ],
})

const override = (coordinator: TestCoordinator, clock: MovableClock) =>
  coordinator.post(
    addOnCallChange,
    {},
    {
      ...{ kind: 'override', rotationId: 'shop-weekly', role: 'primary', personId: 'stand-in' },
      ...{ author: 'first-responder', from: clock.now(), until: clock.now() + 60 * MINUTE_MS },
    },
  )

const declare = (coordinator: TestCoordinator, severity = 'SEV-1') =>
  coordinator.post(
    declareIncident,
    {},
    {
      by: 'reporter',
      serviceId: 'storefront',
      title: 'Nobody can pay',
      severity,
      reason: 'Three customers called.',
    },
  )

const command = (
  coordinator: TestCoordinator,
  name: keyof typeof INCIDENT_COMMANDS,
  body: object,
) => coordinator.post(INCIDENT_COMMANDS[name], INCIDENT, body)

/** What is about incidents: a shift that begins is told as well, whenever its own loop comes to it. */
const messages = ({ taken }: MessageService) =>
  taken
    .map(({ body }) => JSON.parse(body) as { topic: string; title: string; message: string })
    .filter(({ title }) => !title.startsWith('You are on call'))

/** Whom each push was for, and its first words. */
const pushes = (phones: MessageService) =>
  messages(phones).map(({ topic, title }) => `${topic}: ${title}`)

const pushed = (phones: MessageService, count: number) =>
  until(`${count} pushes`, () => pushes(phones).length >= count && pushes(phones), {
    withinMs: 15_000,
  })

const eventTypes = async (coordinator: TestCoordinator) =>
  (await coordinator.get(getIncident, INCIDENT)).events.map(({ type }) => type)

describe.each(DATABASES)('on %s', (database) => {
  test('nobody acknowledges: from the first to the second, round by round, until it is unowned', async () => {
    const { coordinator, clock, phones, pass } = await startPaging(database)
    await declare(coordinator)
    expect(await pushed(phones, 1)).toEqual(['first: SEV-1 INC-1: Nobody can pay'])
    for (const count of [2, 3, 4]) {
      await pass(5)
      await pushed(phones, count)
    }
    await pass(5)
    const { incident, pages } = await until('it is unowned', async () => {
      const answer = await coordinator.get(getIncident, INCIDENT)
      return answer.incident.unownedSince !== undefined && answer
    })
    expect(pushes(phones).map((push) => push.split(':')[0])).toEqual([
      'first',
      'second',
      'first',
      'second',
    ])
    expect(incident.unownedSince).toBe(clock.now())
    expect(pages).toMatchObject([
      { state: 'unowned', stateReason: 'first-responder and second-responder did not acknowledge' },
    ])
    expect(messages(phones)[0]?.message.split('\n')).toEqual([
      'What: SEV-1 Storefront: Three customers called. Nobody can pay',
      'Since: 12:00 UTC, 0 ms ago',
      'Where: Declared by a person; no check shows it',
      'Changed: Not known: no system tells of changes',
      'Last time: Nothing like it is on record',
      expect.stringMatching(/^First step: No runbook is bound to this; start at http:.*\/INC-1$/),
    ])
  })

  test('an acknowledgement stops what was to come, and the others hear who has it', async () => {
    const { coordinator, phones, pass } = await startPaging(database)
    await declare(coordinator)
    await pushed(phones, 1)
    await pass(5)
    await pushed(phones, 2)
    await command(coordinator, 'acknowledge', { by: 'second-responder' })
    expect((await pushed(phones, 3)).at(-1)).toBe('first: INC-1: second-responder has it')
    const { pages } = await until('nothing is pending', async () => {
      const answer = await coordinator.get(getIncident, INCIDENT)
      return answer.notifications.every(({ state }) => state !== 'pending') && answer
    })
    expect(pages).toMatchObject([{ state: 'acknowledged' }])
  })

  test('who says nothing for too long has it no more, and it is paged again', async () => {
    const { coordinator, clock, phones, pass } = await startPaging(database, (onCall) => ({
      ...onCall,
      ladders: {
        ...onCall.ladders,
        // Less than the time until an update is due, which is another story.
        'SEV-1': { ...onCall.ladders['SEV-1'], acknowledgementLastsMs: 8 * MINUTE_MS },
      },
    }))
    await declare(coordinator)
    await pushed(phones, 1)
    await command(coordinator, 'acknowledge', { by: 'first-responder' })
    await pass(6)
    await command(coordinator, 'note', { by: 'first-responder', text: 'looking at the database' })
    await pass(6)
    await until('the acknowledgement was looked at', async () => {
      const { pages } = await coordinator.get(getIncident, INCIDENT)
      return (pages?.[0]?.dueAt ?? 0) > clock.now()
    })
    expect(pushes(phones)).toHaveLength(1)
    await pass(2)
    await pushed(phones, 2)
    expect(await eventTypes(coordinator)).toContain('acknowledgement_expired')
  })

  test('an override has the page of an incident that opens, and its end gives it back', async () => {
    const { coordinator, clock, phones } = await startPaging(database, withStandIn)
    const change = OnCallChange.parse((await override(coordinator, clock)).answer)
    await declare(coordinator)
    expect(await pushed(phones, 1)).toEqual(['stand-in: SEV-1 INC-1: Nobody can pay'])
    const { events } = await coordinator.get(getIncident, INCIDENT)
    expect(events.find(({ type }) => type === 'paged')).toMatchObject({
      people: [{ id: 'stand-in' }],
      reason: expect.stringMatching(/^it was opened; .* by an override of first-responder/),
    })
    await coordinator.post(endOnCallChange, { changeId: change.id }, { author: 'first-responder' })
    await declare(coordinator)
    expect((await pushed(phones, 2)).at(-1)).toBe('first: SEV-1 INC-2: Nobody can pay')
  })

  test('an override that is said while somebody is paged has the next step', async () => {
    const { coordinator, clock, phones, pass } = await startPaging(database, withStandIn)
    await declare(coordinator)
    await pushed(phones, 1)
    await override(coordinator, clock)
    for (const count of [2, 3]) {
      await pass(5)
      await pushed(phones, count)
    }
    expect(pushes(phones).map((push) => push.split(':')[0])).toEqual([
      'first',
      'second',
      'stand-in',
    ])
    const { events } = await coordinator.get(getIncident, INCIDENT)
    expect(events.findLast(({ type }) => type === 'paged')).toMatchObject({
      people: [{ id: 'stand-in' }],
      reason: expect.stringContaining('by an override of first-responder'),
    })
  })

  test('an update that is overdue pages again: once for each promise, with two coordinators as well', async () => {
    const { coordinator, phones, another, pass } = await startPaging(database, undefined, {
      updateEveryMs: { 'SEV-1': 15 * MINUTE_MS },
    })
    await another()
    await declare(coordinator)
    await pushed(phones, 1)
    await command(coordinator, 'acknowledge', { by: 'first-responder' })
    const reminded = async () =>
      (await coordinator.get(getIncident, INCIDENT)).events.flatMap((event) =>
        event.type === 'update_reminded' ? event.stage : [],
      )
    for (const [minutes, stages] of [
      [12, ['soon']],
      [3, ['soon', 'due']],
    ] as const) {
      await pass(minutes)
      await until(`it reminds: ${stages.at(-1)}`, async () =>
        (await reminded()).includes(stages.at(-1) ?? 'soon'),
      )
      expect(await reminded()).toEqual(stages)
      expect(pushes(phones)).toHaveLength(1)
    }
    // Somebody works on it, and says nothing to those who wait for word.
    await command(coordinator, 'note', {
      ...{ by: 'first-responder', text: 'disk is full', as: 'finding' },
    })
    await pass(5)
    expect((await pushed(phones, 2)).at(-1)).toBe('first: SEV-1 INC-1: Nobody can pay')

    await command(coordinator, 'acknowledge', { by: 'second-responder' })
    await pushed(phones, 3)
    await pass(10)
    await until('time has passed', async () =>
      (await eventTypes(coordinator)).includes('progress_missing'),
    )
    expect(await reminded()).toEqual(['soon', 'due', 'overdue'])
    expect(pushes(phones).at(-1)).toBe('first: INC-1: second-responder has it')
    expect(pushes(phones)).toHaveLength(3)

    // The next promise, whose end is that of the acknowledgement as well.
    await command(coordinator, 'update', {
      ...{ by: 'second-responder', impact: 'Nobody can pay.' },
      ...{ currentStatus: 'Rolling back.', nextSteps: 'Look again.' },
    })
    await pass(20)
    await pushed(phones, 4)
    await until('the second promise is overdue', async () =>
      (await reminded()).includes('overdue', 3),
    )
    const { events, pages } = await coordinator.get(getIncident, INCIDENT)
    expect(events.filter(({ type }) => type === 'acknowledgement_expired')).toHaveLength(2)
    expect(pages?.filter(({ state }) => state === 'running')).toHaveLength(1)
    expect(pushes(phones)).toHaveLength(4)
  })

  test('raised after it was acknowledged, everybody hears of it by the stronger ladder', async () => {
    const { coordinator, phones } = await startPaging(database)
    await declare(coordinator, 'SEV-2')
    await pushed(phones, 1)
    await command(coordinator, 'acknowledge', { by: 'first-responder' })
    await command(coordinator, 'severity', { by: 'reporter', to: 'SEV-1' })
    expect((await pushed(phones, 2)).at(-1)).toBe('first: SEV-1 INC-1: Nobody can pay')
    const { pages } = await coordinator.get(getIncident, INCIDENT)
    expect(pages).toMatchObject([
      { state: 'ended', severity: 'SEV-2' },
      { state: 'running', severity: 'SEV-1', generation: 2 },
    ])
  })

  test('who was called and is not needed hears why, and is thanked; who says so knows', async () => {
    const { coordinator, phones } = await startPaging(database)
    await declare(coordinator)
    await pushed(phones, 1)
    await command(coordinator, 'stand-down', { by: 'second-responder', reason: 'it was a drill' })
    expect((await pushed(phones, 2)).at(-1)).toBe(
      'first: INC-1: nobody is needed any more, says second-responder',
    )
    expect(JSON.stringify(messages(phones).at(-1))).toContain('it was a drill. Thank you')
    await declare(coordinator)
    await pushed(phones, 3)
    await coordinator.post(
      INCIDENT_COMMANDS['stand-down'],
      { incidentId: 'INC-2' },
      { by: 'first-responder', reason: 'so was this' },
    )
    await declare(coordinator)
    expect((await pushed(phones, 4)).at(-1)).toContain('INC-3')
  })

  test.each([{ name: 'severity', body: { to: 'SEV-2', reason: 'only one customer' } }] as const)(
    '$name stops what was to come',
    async ({ name, body }) => {
      const { coordinator, phones, pass } = await startPaging(database)
      await declare(coordinator)
      await pushed(phones, 1)
      await command(coordinator, name, { by: 'reporter', ...body })
      const { pages } = await coordinator.get(getIncident, INCIDENT)
      expect(pages).toMatchObject([{ state: 'ended' }])
      await pass(60)
      await declare(coordinator)
      await pushed(phones, 2)
      expect(pushes(phones)[1]).toContain('INC-2')
    },
  )

  test('severities whose ladder is empty page nobody', async () => {
    const { coordinator } = await startPaging(database)
    await declare(coordinator, 'SEV-3')
    expect((await coordinator.get(getIncident, INCIDENT)).pages).toEqual([])
  })

  test('a step that reaches nobody is on record and passed at once', async () => {
    const { coordinator, phones } = await startPaging(database, (onCall) => ({
      ...onCall,
      people: onCall.people.map((person) =>
        person.id === 'first-responder' ? { ...person, contacts: [] } : person,
      ),
    }))
    await declare(coordinator)
    expect(await pushed(phones, 1)).toEqual(['second: SEV-1 INC-1: Nobody can pay'])
    const { events } = await coordinator.get(getIncident, INCIDENT)
    expect(events.find(({ type }) => type === 'nobody_on_call')).toMatchObject({
      isPassed: true,
      reason: 'first-responder has no verified contact',
    })
  })

  test('when no contact can be reached, the next step comes at once', async () => {
    const { coordinator, phones } = await startPaging(database, (onCall) => ({
      ...onCall,
      people: onCall.people.map((person) =>
        person.id === 'first-responder'
          ? {
              ...person,
              contacts: [
                { id: 'mail', kind: 'email', address: 'first@example.com', verified: '2026-03-01' },
              ],
            }
          : person,
      ),
    }))
    await declare(coordinator)
    expect(await pushed(phones, 1)).toEqual(['second: SEV-1 INC-1: Nobody can pay'])
    const { events, notifications } = await coordinator.get(getIncident, INCIDENT)
    expect(events.find(({ type }) => type === 'page_undeliverable')).toMatchObject({
      people: [{ id: 'first-responder' }],
      reason: 'senders.email is not in config/',
    })
    expect(notifications).toMatchObject([
      { channelId: 'first-responder/mail', state: 'undeliverable' },
      { channelId: 'second-responder/phone' },
    ])
  })

  test('of several contacts the next is tried when the first fails, which is tried again', async () => {
    const { coordinator, clock, phones } = await startPaging(database, (onCall, service) => ({
      ...onCall,
      people: onCall.people.map((person) =>
        person.id === 'first-responder'
          ? {
              ...person,
              contacts: [
                { ...aPhone('watch', service.url), id: 'watch' },
                aPhone('first', service.url),
              ],
            }
          : person,
      ),
      ladders: {
        ...onCall.ladders,
        'SEV-1': {
          ...onCall.ladders['SEV-1'],
          steps: [{ afterMs: 0, page: [{ kind: 'owner', role: 'primary' }], by: ['ntfy'] }],
        },
      },
    }))
    phones.next.push({ status: 503 })
    await declare(coordinator)
    expect((await pushed(phones, 2)).map((push) => push.split(':')[0])).toEqual(['watch', 'first'])
    clock.advance(10_000)
    expect((await pushed(phones, 3)).at(-1)).toMatch(/^watch/)
    const { notifications } = await coordinator.get(getIncident, INCIDENT)
    expect(notifications.map(({ attempts }) => attempts)).toEqual([1, 2])
  })

  test('who is needed by what is wrong is told with the reason, and by rules as a notice', async () => {
    const { coordinator, phones } = await startPaging(database, (onCall) => ({
      ...onCall,
      responders: [
        {
          id: 'support',
          when: { severities: ['SEV-1'] },
          as: 'notice',
          because: 'Support has to answer customers.',
          ladder: {
            ...onCall.ladders['SEV-2'],
            steps: [{ afterMs: 0, page: [{ kind: 'person', personId: 'second-responder' }] }],
          },
        },
      ],
    }))
    await declare(coordinator)
    const told = await pushed(phones, 2)
    expect(told.toSorted()).toEqual([
      'first: SEV-1 INC-1: Nobody can pay',
      'second: SEV-1 INC-1, for your information: Nobody can pay',
    ])
    const notice = JSON.stringify(messages(phones).find(({ topic }) => topic === 'second'))
    expect(notice).toContain('for your information')
    expect(notice).not.toContain('/acknowledge/')
  })
})
