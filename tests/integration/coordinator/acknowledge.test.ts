import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { signSlack } from '../../../src/coordinator/slack-signature.ts'
import { declareIncident, getIncident } from '../../../src/protocol/public-api.ts'
import { getTestPage, sendTestPage, type TestPage } from '../../../src/protocol/test-page-api.ts'
import { at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { type MessageService, startNtfy, startSlack } from '../../support/message-services.ts'
import { type MovableClock, movableClock } from '../../support/movable-clock.ts'
import { anOnCall, aPhone } from '../../support/on-call.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')
const INCIDENT = { incidentId: 'INC-1' }
const SIGNING = '8f742231b10e8888abcd99yyyzzz85a5'
const WEBHOOKS = 'secret of the subscription'

type Story = {
  coordinator: TestCoordinator
  clock: MovableClock
  phones: MessageService
  slack: MessageService
}

/** Somebody has been paged by a push and in Slack. */
async function startPaged(database: (typeof DATABASES)[number]): Promise<Story> {
  const [phones, slack] = [await startNtfy(), await startSlack()]
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    database,
    clock,
    fleet: aFleet({
      silentAfterMs: 86_400_000,
      onCall: anOnCall({
        'first-responder': [
          aPhone('first', phones.url),
          {
            id: 'chat',
            kind: 'slack',
            user: 'U012AB3CD',
            token: 'SLACK_BOT_TOKEN',
            verified: '2026-03-01',
          },
        ],
        'second-responder': [aPhone('second', phones.url)],
      }),
      senders: { slack: { url: slack.url, signingSecret: 'SLACK_SIGNING_SECRET' } },
      signalSources: [
        {
          id: 'pager',
          kind: 'pagerduty',
          secret: 'PAGERDUTY_WEBHOOKS',
          service: 'storefront',
          name: 'Pager',
        },
      ],
    }),
    secrets: {
      SLACK_BOT_TOKEN: 'xoxb-of-the-test',
      SLACK_SIGNING_SECRET: SIGNING,
      PAGERDUTY_WEBHOOKS: WEBHOOKS,
    },
  })
  await coordinator.post(
    declareIncident,
    {},
    {
      by: 'reporter',
      serviceId: 'storefront',
      title: 'Nobody can pay <b>',
      severity: 'SEV-1',
      reason: 'Three customers called.',
    },
  )
  await until('somebody is paged', () => phones.taken.length === 1 && slack.taken.length === 1)
  return { coordinator, clock, phones, slack }
}

const linkIn = ({ taken }: MessageService) =>
  JSON.parse(taken[0]?.body ?? '').actions[0].url as string

const whoHas = async (coordinator: TestCoordinator) =>
  (await coordinator.get(getIncident, INCIDENT)).incident.acknowledged?.by

const press = (
  { coordinator, clock }: Story,
  { user = 'U012AB3CD', at: sentAt = clock.now(), secret = SIGNING, id = 'INC-1' } = {},
) => {
  const payload = {
    type: 'block_actions',
    user: { id: user, username: 'third-responder' },
    actions: [{ action_id: 'firewatch.acknowledge', value: JSON.stringify({ id, generation: 1 }) }],
  }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const timestamp = String(Math.floor(sentAt / 1_000))
  return fetch(`${coordinator.address}/api/v1/slack/interactions`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signSlack(secret, timestamp, body),
    },
  })
}

test("a signature is what Slack's documentation says", () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c'
  expect(signSlack(SIGNING, '1531420618', body)).toBe(
    'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  )
})

describe.each(DATABASES)('on %s', (database) => {
  test('a link is looked at without consequence, and its button acknowledges, twice the same', async () => {
    const story = await startPaged(database)
    const { coordinator, phones } = story
    const link = linkIn(phones)
    const looked = await fetch(link)
    const page = await looked.text()
    expect(looked.headers.get('cache-control')).toBe('no-store')
    expect(page).toContain('I have it (first-responder)')
    expect(page).toContain('Nobody can pay &lt;b&gt;')
    expect(page).not.toContain('<script')
    expect(await whoHas(coordinator)).toBeUndefined()

    for (const _ of ['once', 'twice']) {
      const done = await fetch(link, {
        method: 'POST',
        body: new URLSearchParams({ generation: '1' }),
      })
      expect(await done.text()).toContain('You have it, first-responder.')
    }
    expect(await whoHas(coordinator)).toBe('first-responder')
    const { events } = await coordinator.get(getIncident, INCIDENT)
    expect(events.filter(({ type }) => type === 'acknowledged')).toHaveLength(1)
  })

  test('a link that is changed, too old or of nobody acknowledges nothing', async () => {
    const { coordinator, clock, phones } = await startPaged(database)
    const link = linkIn(phones)
    const [claims = '', signature = ''] = link.split('/').at(-1)?.split('.') ?? []
    const other = Buffer.from(
      Buffer.from(claims, 'base64url').toString().replace('first-responder', 'somebody-else'),
    ).toString('base64url')
    const changed = [`${other}.${signature}`, claims, `${claims}.`, 'x'.repeat(150)]
    for (const token of changed) {
      const answer = await fetch(`${coordinator.address}/acknowledge/${token}`, { method: 'POST' })
      expect(answer.status).toBe(404)
    }
    clock.advance(25 * 3_600_000)
    expect((await fetch(link, { method: 'POST' })).status).toBe(404)
    expect(await whoHas(coordinator)).toBeUndefined()
  })

  test("Slack's button acknowledges in the name of who pressed it; the next one learns who has it", async () => {
    const story = await startPaged(database)
    expect((await press(story)).status).toBe(200)
    await until('it is theirs', async () => (await whoHas(story.coordinator)) === 'first-responder')
    expect((await press(story, { user: 'U999' })).status).toBe(200)
    const page = await (await fetch(linkIn(story.phones))).text()
    expect(page).toContain('first-responder has it.')
    expect(await whoHas(story.coordinator)).toBe('first-responder')
  })

  test.each([
    { why: 'another secret', press: { secret: 'guessed' }, status: 401 },
    { why: 'six minutes old', press: { at: noon - 360_000 }, status: 401 },
    { why: 'six minutes in the future', press: { at: noon + 360_000 }, status: 401 },
    { why: 'four minutes old', press: { at: noon - 240_000 }, status: 200 },
    { why: 'four minutes in the future', press: { at: noon + 240_000 }, status: 200 },
    { why: 'an incident that does not exist', press: { id: 'INC-99' }, status: 200 },
  ])('a button that is $why gets $status', async ({ press: options, status, why }) => {
    const story = await startPaged(database)
    expect((await press(story, options)).status).toBe(status)
    const isTaken = status === 200 && !why.includes('not exist')
    await until(
      'it is so',
      async () => (await whoHas(story.coordinator)) === (isTaken ? 'first-responder' : undefined),
    )
  })

  test('what is acknowledged in PagerDuty is acknowledged here, and is no finding', async () => {
    const { coordinator } = await startPaged(database)
    const body = JSON.stringify({
      event: {
        id: '01BWJAMCGQYLB3MZ9BFJTNLTXM',
        event_type: 'incident.acknowledged',
        resource_type: 'incident',
        occurred_at: '2026-03-13T12:01:00Z',
        agent: { id: 'PUSER', type: 'user_reference', summary: 'second-responder' },
        data: { id: 'PINC', type: 'incident', incident_key: 'inc-1-g1', title: 'Nobody can pay' },
      },
    })
    const signature = createHmac('sha256', WEBHOOKS).update(body).digest('hex')
    for (const _ of ['once', 'twice']) {
      const answer = await fetch(`${coordinator.address}/api/v1/signals/pager`, {
        method: 'POST',
        body,
        headers: { 'x-pagerduty-signature': `v1=${signature}` },
      })
      expect(answer.status).toBe(200)
    }
    const { incident } = await coordinator.get(getIncident, INCIDENT)
    expect(incident.acknowledged?.by).toBe('second-responder')
    expect(incident.findings).toEqual([])
  })

  test('a test page goes to each contact, and says what became of it', async () => {
    const { coordinator, slack } = await startPaged(database)
    slack.next.push({ status: 200, body: '{"ok":false,"error":"channel_not_found"}' })
    const sent = await coordinator.post(
      sendTestPage,
      { personId: 'first-responder' },
      { by: 'reporter' },
    )
    const { testId } = sent.answer as unknown as TestPage
    const { contacts } = await until('both ended', async () => {
      const page = await coordinator.get(getTestPage, { testId })
      return page.contacts.every(({ state }) => state !== 'pending') && page
    })
    expect(contacts).toMatchObject([
      { id: 'phone', state: 'delivered' },
      { id: 'chat', state: 'undeliverable', lastError: 'Slack said channel_not_found' },
    ])
    const unknown = await coordinator.post(sendTestPage, { personId: 'nobody' }, { by: 'reporter' })
    expect(unknown.answer.code).toBe('person.unknown')
  })
})

test('firewatch page --test prints the result of each contact, and what to write', async () => {
  const phones = await startNtfy()
  const { verified: _, ...unverified } = aPhone('first', phones.url)
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon),
    fleet: aFleet({
      onCall: anOnCall({
        'first-responder': [
          unverified,
          { id: 'mail', kind: 'email', address: 'first@example.com', verified: '2026-03-01' },
        ],
      }),
    }),
  })
  const { code, stdout } = await runFirewatch(
    ['page', '--test', 'first-responder', '--by', 'reporter', '--coordinator', coordinator.address],
    { folder: await tempFolder() },
  )
  expect(stdout).toMatch(/phone +ntfy +taken \(not verified\)/)
  expect(stdout).toMatch(/mail +email +failed: senders\.email is not in config\/ \(verified/)
  expect(stdout).toMatch(/ - id: phone\n {4}verified: \d{4}-\d\d-\d\d/)
  expect(code).toBe(1)
})
