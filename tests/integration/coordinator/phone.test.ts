import { describe, expect, test } from 'vitest'
import { declareIncident, getIncident } from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES, freshDatabase } from '../../support/databases.ts'
import { type MessageService, startNtfy } from '../../support/message-services.ts'
import { type MovableClock, movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'
import {
  type Asked,
  PHONE_ACCOUNT,
  PHONE_TOKEN,
  type PhoneProvider,
  startPhoneProvider,
} from '../../support/phone-provider.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const INCIDENT = { incidentId: 'INC-1' }
const NUMBER = '+491701234567'
const CALL = { id: 'call', kind: 'voice', phone: NUMBER, verified: '2026-03-01' } as const

type Story = {
  coordinator: TestCoordinator
  clock: MovableClock
  provider: PhoneProvider
  pushes: MessageService
  another(): Promise<TestCoordinator>
}

/** The first is called, and pushed when that fails; the second has a push alone. */
async function start(
  database: (typeof DATABASES)[number],
  { hasPush = true, asksWhoAnswers = false } = {},
): Promise<Story> {
  const [provider, pushes] = [await startPhoneProvider(), await startNtfy()]
  const clock = movableClock(noon)
  const onCall = anOnCall({
    'first-responder': [CALL, ...(hasPush ? [aPhone('first', pushes.url)] : [])],
    'second-responder': [aPhone('second', pushes.url)],
  })
  for (const step of onCall.ladders['SEV-1'].steps) step.by = ['voice']
  const options = {
    ...{ database: await freshDatabase(database), clock },
    fleet: aFleet({
      ...{ silentAfterMs: 86_400_000, onCall },
      senders: {
        voice: { url: provider.url, account: PHONE_ACCOUNT, from: '+15005550006', asksWhoAnswers },
      },
    }),
    secrets: { TWILIO_AUTH_TOKEN: PHONE_TOKEN },
  }
  const coordinator = await startCoordinator(options)
  return { coordinator, clock, provider, pushes, another: () => startCoordinator(options) }
}

async function page({ coordinator, provider }: Story): Promise<Asked> {
  await coordinator.post(
    declareIncident,
    {},
    {
      ...{ by: 'reporter', serviceId: 'storefront', title: 'Nobody can pay', severity: 'SEV-1' },
      reason: 'Three customers called.',
    },
  )
  return until('the telephone rings', () => provider.asked[0])
}

/** What became of each delivery to the contacts of the first. */
const states = async (coordinator: TestCoordinator) =>
  (await coordinator.get(getIncident, INCIDENT)).notifications
    .filter(({ personId }) => personId === 'first-responder')
    .map(({ channelId, state, lastError }) =>
      [channelId.split('/')[1], state, ...(lastError === undefined ? [] : [lastError])].join(' '),
    )
    .toSorted()

const hasStates = ({ coordinator }: Story, expected: string[]) =>
  until(expected.join(', '), async () => {
    const found = await states(coordinator)
    return JSON.stringify(found) === JSON.stringify(expected)
  })

const topics = ({ taken }: MessageService) => taken.map(({ body }) => JSON.parse(body).topic)
const methods = ({ taken }: MessageService) => taken.map(({ method }) => method)

describe.each(DATABASES)('on %s', (database) => {
  test('4 acknowledges in the name of whoever was called; another key is asked for again', async () => {
    const story = await start(database)
    const { coordinator, provider, pushes } = story
    const call = await page(story)
    expect((await provider.tell(call, { CallStatus: 'ringing' })).status).toBe(204)
    await hasStates(story, ['call pending', 'phone waiting'])
    const ringing = await coordinator.get(getIncident, INCIDENT)
    expect(ringing.notifications.filter(({ isTaken }) => isTaken)).toHaveLength(1)

    expect(await provider.press(call, '9')).toContain('That was not 4.')
    await hasStates(story, ['call delivered', 'phone cancelled'])
    expect((await coordinator.get(getIncident, INCIDENT)).incident.acknowledged).toBeUndefined()

    expect(await provider.press(call, '4')).toContain('You have incident 1.')
    const { incident, notifications } = await coordinator.get(getIncident, INCIDENT)
    expect(incident.acknowledged?.by).toBe('first-responder')
    expect(await provider.press(call, '4')).toContain('<Hangup/>')
    await provider.tell(call, { CallStatus: 'completed' })
    await hasStates(story, ['call delivered', 'phone cancelled'])
    expect(pushes.taken).toEqual([])
    expect(provider.asked).toHaveLength(1)
    expect(JSON.stringify(notifications)).not.toContain(NUMBER.slice(0, 8))
  })

  test('a busy line: the next contact at once, and the line again when it may be free', async () => {
    const story = await start(database)
    const { clock, provider, pushes } = story
    const call = await page(story)
    await provider.tell(call, { CallStatus: 'busy' })
    await until('the push', () => pushes.taken.length === 1)
    await hasStates(story, ['call pending the line was busy', 'phone delivered'])
    expect(provider.asked).toHaveLength(1)
    clock.advance(20_000)
    const again = await until('it rings again', () => provider.asked[1])
    await provider.tell(again, { CallStatus: 'in-progress' })
    await hasStates(story, ['call delivered', 'phone delivered'])
    // Of the first call nothing is news any more.
    await provider.tell(call, { CallStatus: 'busy' })
    expect(await states(story.coordinator)).toEqual(['call delivered', 'phone delivered'])
  })

  test('nobody picks up, and there is no other way: the next person at once', async () => {
    const story = await start(database, { hasPush: false })
    const { coordinator, provider, pushes } = story
    const call = await page(story)
    await provider.tell(call, { CallStatus: 'no-answer' })
    await until('the second is pushed', () => pushes.taken.length === 1)
    expect(topics(pushes)).toEqual(['second'])
    expect(await states(coordinator)).toEqual(['call undeliverable nobody picked up'])
    const { events } = await coordinator.get(getIncident, INCIDENT)
    expect(events.find(({ type }) => type === 'page_undeliverable')).toMatchObject({
      reason: 'nobody picked up',
    })
    // Nothing is to be mended: who watches the ways to people is not called because somebody sleeps.
    const counted = await (await fetch(`${coordinator.address}/metrics`)).text()
    expect(counted).toMatch(
      /^synthetics_notification_attempts_total\{.*outcome="unanswered".*\} 1/m,
    )
    expect(counted).not.toMatch(/^synthetics_notification_attempts_total\{.*"undeliverable"/m)
  })

  test('a machine that answers has heard nothing, and the end of its call changes that no more', async () => {
    const story = await start(database, { asksWhoAnswers: true })
    const { coordinator, provider, pushes } = story
    const call = await page(story)
    await provider.tell(call, { CallStatus: 'in-progress' })
    await hasStates(story, ['call pending', 'phone waiting'])
    await provider.tell(call, { AnsweredBy: 'machine_start' })
    await until('the push', () => pushes.taken.length === 1)
    await provider.tell(call, { CallStatus: 'completed' })
    await hasStates(story, ['call undeliverable a machine answered', 'phone delivered'])
    expect((await coordinator.get(getIncident, INCIDENT)).incident.acknowledged).toBeUndefined()
  })

  test('an answer that is lost: the next contact at once, and no second call once it is known to ring', async () => {
    const story = await start(database)
    const { clock, provider, pushes } = story
    provider.next.push('dropped')
    const call = await page(story)
    await until('the push', () => pushes.taken.length === 1)
    await provider.tell(call, { CallStatus: 'ringing' })
    await hasStates(story, ['call pending', 'phone delivered'])
    call.status = 'completed'
    clock.advance(45_000)
    await hasStates(story, ['call delivered', 'phone delivered'])
    expect(methods(provider)).toEqual(['POST', 'GET'])
  })

  test('an answer that is lost and no word of it: it is called again, and on record that it may be twice', async () => {
    const story = await start(database)
    const { coordinator, clock, provider, pushes } = story
    provider.next.push('dropped')
    await page(story)
    await until('the push', () => pushes.taken.length === 1)
    clock.advance(15_000)
    await until('it rings again', () => provider.asked.length === 2)
    const { notifications } = await coordinator.get(getIncident, INCIDENT)
    expect(notifications.find(({ channelId }) => channelId.endsWith('/call'))).toMatchObject({
      ...{ isAmbiguous: true, attempts: 2 },
    })
  })

  test('whoever takes over asks about a call, and does not call again', async () => {
    const story = await start(database)
    const { coordinator, clock, provider, another } = story
    const call = await page(story)
    await hasStates(story, ['call pending', 'phone waiting'])
    await provider.tell(call, { CallStatus: 'ringing' })
    await coordinator.stop()
    call.status = 'completed'
    const other = await another()
    clock.advance(45_000)
    await hasStates({ ...story, coordinator: other }, ['call delivered', 'phone cancelled'])
    expect(methods(provider)).toEqual(['POST', 'GET'])
  })

  test('what is not signed by the service changes nothing, nor what is of another delivery', async () => {
    const story = await start(database)
    const { coordinator, provider } = story
    const call = await page(story)
    const forged = await provider.tell(call, { CallStatus: 'completed' }, 'another token')
    expect(forged.status).toBe(401)
    const key = `${coordinator.address}/api/v1/phone/key?delivery=INC-1.p1.1.1.first-responder.call`
    const unsigned = await fetch(key, {
      method: 'POST',
      body: new URLSearchParams({ Digits: '4' }),
    })
    expect(unsigned.status).toBe(401)
    const fields = new URLSearchParams(call.fields)
    fields.set('StatusCallback', `${coordinator.address}/api/v1/phone/call-status?delivery=none`)
    const unknown = await provider.tell({ ...call, fields }, { CallStatus: 'completed' })
    expect(unknown.status).toBe(404)
    expect(await states(coordinator)).toEqual(['call pending', 'phone waiting'])
    expect((await coordinator.get(getIncident, INCIDENT)).incident.acknowledged).toBeUndefined()
  })
})

test('firewatch page --test calls, waits until somebody has heard it, and tells who did not', async () => {
  const provider = await startPhoneProvider()
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon),
    fleet: aFleet({
      onCall: anOnCall({
        'first-responder': [
          { id: 'call', kind: 'voice', phone: NUMBER },
          { id: 'other', kind: 'voice', phone: '+491707654321' },
          { id: 'text', kind: 'sms', phone: NUMBER },
        ],
      }),
      senders: { voice: { url: provider.url, account: PHONE_ACCOUNT, from: '+15005550006' } },
    }),
    secrets: { TWILIO_AUTH_TOKEN: PHONE_TOKEN },
  })
  const printed = runFirewatch(
    ['page', '--test', 'first-responder', '--by', 'reporter', '--coordinator', coordinator.address],
    { folder: await tempFolder() },
  )
  await until('all three were asked for', () => provider.asked.length === 3)
  const of = (kind: Asked['kind'], to = NUMBER) =>
    provider.asked.find((one) => one.kind === kind && one.fields.get('To') === to) as Asked
  expect(await provider.press(of('Calls'), '4')).toContain('The test worked.')
  await provider.tell(of('Calls', '+491707654321'), { CallStatus: 'no-answer' })
  await provider.tell(of('Messages'), { MessageStatus: 'sent' })
  const { code, stdout } = await printed
  expect(stdout).toMatch(/call +voice +taken \(not verified\)/)
  expect(stdout).toMatch(/other +voice +failed: nobody picked up \(not verified\)/)
  expect(stdout).toMatch(/text +sms +taken \(not verified\)/)
  expect(code).toBe(1)
})
