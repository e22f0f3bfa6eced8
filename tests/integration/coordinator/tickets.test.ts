import { describe, expect, test } from 'vitest'
import type { Fleet } from '../../../src/protocol/config.ts'
import type { Objective } from '../../../src/protocol/objective.ts'
import {
  declareIncident,
  getIncident,
  INCIDENT_COMMANDS,
  listIncidents,
  listObjectives,
} from '../../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, type Database } from '../../support/databases.ts'
import { startNtfy } from '../../support/message-services.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'
import { startGitHub } from '../../support/ticket-services.ts'
import { until } from '../../support/until.ts'

// A Friday: the next business day is not the next day.
const noon = at('2026-03-13T12:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const INCIDENT = { incidentId: 'INC-1' }

async function start(database: Database, overrides: Partial<Fleet> = {}) {
  const [github, phones] = [await startGitHub(), await startNtfy()]
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    database,
    clock,
    fleet: aFleet({
      silentAfterMs: 86_400_000,
      onCall: anOnCall({ 'first-responder': [aPhone('first', phones.url)] }),
      tracker: {
        kind: 'github',
        repository: 'example/shop',
        token: 'GITHUB_TOKEN',
        url: github.url,
      },
      ...overrides,
    }),
    secrets: { GITHUB_TOKEN: 'github-token-of-the-test' },
  })
  return { clock, coordinator, github, phones }
}

const declare = (coordinator: TestCoordinator, severity: string) =>
  coordinator.post(
    declareIncident,
    {},
    {
      by: 'reporter',
      serviceId: 'storefront',
      title: 'Search shows yesterday',
      severity,
      reason: 'Somebody noticed.',
    },
  )

const command = (
  coordinator: TestCoordinator,
  name: keyof typeof INCIDENT_COMMANDS,
  body: object,
) => coordinator.post(INCIDENT_COMMANDS[name], INCIDENT, { by: 'reporter', ...body })

const ticketOf = (coordinator: TestCoordinator) =>
  until('the incident has its ticket', async () => {
    const answer = await coordinator.get(getIncident, INCIDENT)
    return answer.incident.ticket && answer
  })

describe.each(DATABASES)('on %s', (database) => {
  test('SEV-3 is one ticket for Monday, pages nobody, and pages when it is raised', async () => {
    const { coordinator, github, phones } = await start(database)
    await declare(coordinator, 'SEV-3')
    const { incident, events, pages, notifications } = await ticketOf(coordinator)
    expect(incident.ticket).toEqual({
      tracker: 'github',
      key: '#1',
      url: 'https://github.test/example/shop/issues/1',
    })
    expect(events.at(-1)).toMatchObject({
      type: 'ticket_opened',
      reason: 'SEV-3 is work for the next business day',
    })
    expect(pages).toEqual([])
    expect(notifications).toMatchObject([{ channelId: 'ticket:github', state: 'delivered' }])
    const [ticket] = github.tickets
    expect(ticket?.title).toBe('SEV-3 INC-1: Search shows yesterday')
    expect(ticket?.text).toContain('Due 2026-03-16')
    for (const name of ['What', 'Since', 'Where', 'Changed', 'Last time', 'First step'])
      expect(ticket?.text).toContain(`* ${name}: `)

    await command(coordinator, 'note', { text: 'nothing new' })
    await command(coordinator, 'severity', { to: 'SEV-1' })
    await until('somebody is paged', () => phones.taken.length > 0)
    await until('the ticket has heard of it', () => github.tickets[0]?.comments.length === 1)
    await command(coordinator, 'stand-down', { reason: 'it was the cache' })
    await until('the last word is said', () => github.tickets[0]?.comments.length === 2)
    expect(github.tickets).toMatchObject([{ isClosed: true }])
    expect(github.tickets[0]?.comments).toEqual([
      expect.stringContaining('INC-1 was raised from SEV-3 to SEV-1'),
      'INC-1 was stood down: it was the cache',
    ])
  })

  test('a budget that burns slowly is a ticket and no incident', async () => {
    const availability: Objective = {
      id: 'storefront/availability',
      serviceId: 'storefront',
      name: 'availability',
      target: 0.99,
      periodMs: 7 * 24 * HOUR,
      checks: ['shop-home'],
    }
    const check = aCheck('http', {
      alert: { failuresToFire: 100, regionsMin: 3, passesToResolve: 1 },
    })
    const { clock, coordinator, github } = await start(database, {
      checks: [check],
      objectives: [availability],
    })
    // Every hundredth run of a day is bad: too slow for any page, and faster than the week allows.
    const slots = Array.from({ length: 480 }, (_, index) => index)
    for (const regionId of ['eu-west', 'us-east'])
      for (const batch of [slots.slice(0, 200), slots.slice(200, 400), slots.slice(400)])
        await coordinator.ingest(
          batch.map((index) =>
            aRun({
              regionId,
              slotAt: noon - (index + 1) * 3 * MINUTE,
              ...(index % 100 === 15 && {
                verdict: 'failed' as const,
                error: { type: 'assertion' as const, message: 'HTTP 502' },
              }),
            }),
          ),
          regionId,
        )
    clock.advance(20_000)
    const status = await until(
      'the objective has its ticket',
      async () => {
        const { data } = await coordinator.get(listObjectives)
        return data[0]?.status?.ticket?.opened && data[0].status
      },
      { withinMs: 10_000 },
    )
    expect(status).toMatchObject({
      state: 'burning',
      action: 'ticket',
      ticket: { isOver: false, opened: { key: '#1' } },
    })
    expect(github.tickets[0]?.title).toBe('Storefront: availability burns its error budget slowly')
    expect(github.tickets[0]?.text).toContain('misses its objective availability of 99%')
    clock.advance(20_000)
    await until('it is evaluated again', async () => {
      const { data } = await coordinator.get(listObjectives)
      return (data[0]?.status?.evaluatedAt ?? 0) >= clock.now()
    })
    expect(github.tickets).toHaveLength(1)
    expect((await coordinator.get(listIncidents)).data).toEqual([])
  })
})

describe('whatever the database', () => {
  test('an answer that is lost, and a tracker that is away, make no second ticket', async () => {
    const { clock, coordinator, github } = await start('sqlite')
    github.next.push('dropped', { status: 503 })
    await declare(coordinator, 'SEV-3')
    // By what it says: while the second attempt is under way, the first one's words are still there.
    for (const says of [/^(?!.*503)./, /503/]) {
      await until(`an attempt has failed: ${says}`, async () => {
        const { notifications } = await coordinator.get(getIncident, INCIDENT)
        return says.test(notifications[0]?.lastError ?? '')
      })
      clock.advance(MINUTE)
    }
    expect((await ticketOf(coordinator)).incident.ticket?.key).toBe('#1')
    expect(github.tickets).toHaveLength(1)
  })

  test('what is declined because a ticket is enough gets one, whatever its severity', async () => {
    const { coordinator, github } = await start('sqlite')
    for (const regionId of ['eu-west', 'us-east'])
      await coordinator.ingest([
        aRun({
          regionId,
          slotAt: noon,
          startedAt: noon,
          verdict: 'failed',
          error: { type: 'connect.refused', message: 'connection refused' },
        }),
      ])
    await until('it is an incident', async () => {
      const { data } = await coordinator.get(listIncidents)
      return data[0]?.severity === 'SEV-1'
    })
    await command(coordinator, 'decline', { as: 'ticket', reason: 'a known flake' })
    const { incident } = await ticketOf(coordinator)
    expect(incident).toMatchObject({ state: 'declined', ticket: { key: '#1' } })
    expect(github.tickets[0]?.text).toContain('declined because a ticket is enough: a known flake')
  })
})
