import { expect, test } from 'vitest'
import { signSlack } from '../../../src/coordinator/slack-signature.ts'
import { declareIncident, getIncident } from '../../../src/protocol/public-api.ts'
import { at } from '../../support/builders.ts'
import { aFleet, startCoordinator, type TestCoordinator } from '../../support/coordinator.ts'
import { DATABASES } from '../../support/databases.ts'
import { type MovableClock, movableClock } from '../../support/movable-clock.ts'
import { anOnCall } from '../../support/on-call.ts'

const noon = at('2026-03-13T12:00:00Z')
const SIGNING = '8f742231b10e8888abcd99yyyzzz85a5'

async function start(database: (typeof DATABASES)[number], signing: string | undefined = SIGNING) {
  const clock = movableClock(noon)
  const coordinator = await startCoordinator({
    database,
    clock,
    fleet: aFleet({
      silentAfterMs: 86_400_000,
      checks: [],
      onCall: anOnCall({
        'first-responder': [
          { id: 'chat', kind: 'slack', user: 'U012AB3CD', token: 'SLACK_BOT_TOKEN' },
        ],
        'second-responder': [],
      }),
      senders: { slack: { signingSecret: 'SLACK_SIGNING_SECRET' } },
    }),
    secrets: signing === undefined ? {} : { SLACK_SIGNING_SECRET: signing },
  })
  return { coordinator, clock }
}

type Answer = { text?: string; response_type?: string; code?: string }

let typed = 0
async function type(
  { coordinator, clock }: { coordinator: TestCoordinator; clock: MovableClock },
  text: string,
  options: {
    user?: string
    trigger?: string
    sentAt?: number
    secret?: string
    form?: Record<string, string>
  } = {},
): Promise<{ status: number; text: string; body: Answer }> {
  const {
    user = 'U999',
    trigger = `1333.${typed++}.88088`,
    sentAt = clock.now(),
    secret = SIGNING,
  } = options
  const body = new URLSearchParams(
    options.form ?? {
      ...{ token: 'old', team_id: 'T0001', channel_id: 'C2147', command: '/firewatch', text },
      ...{ user_id: user, user_name: 'support', trigger_id: trigger },
      response_url: 'https://hooks.slack.example/commands/1',
    },
  ).toString()
  const timestamp = String(Math.floor(sentAt / 1_000))
  const response = await fetch(`${coordinator.address}/api/v1/slack/commands`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signSlack(secret, timestamp, body),
    },
  })
  const answer = (await response.json()) as Answer
  return { status: response.status, text: answer.text ?? '', body: answer }
}

test.each(DATABASES)(
  'on %s, what people report in Slack counts as on the form, once each, and becomes a signal',
  async (database) => {
    const story = await start(database)
    const first = await type(story, 'report storefront cart &amp; checkout show &lt;nothing&gt;', {
      trigger: '1333.first.88088',
    })
    expect(first).toMatchObject({
      status: 200,
      body: { response_type: 'ephemeral' },
      text: 'Taken down for Storefront: 1 report within 15 min; 3 are a signal.',
    })
    // Slack sent it again.
    await type(story, 'report storefront cart', { trigger: '1333.first.88088' })
    const second = await type(story, 'report Storefront nobody can pay', { user: 'U012AB3CD' })
    expect(second.text).toContain('2 reports within 15 min')
    const third = await type(story, 'report storefront nothing loads')
    expect(third.text).toContain('3 reports within 15 min; that is a signal')

    const { incident, triage } = await story.coordinator.get(getIncident, { incidentId: 'INC-1' })
    expect(incident.findings).toMatchObject([{ kind: 'signal', layer: 'users' }])
    const said = triage.reports?.latest.map(({ text, by }) => ({ text, by })) ?? []
    expect(said).toHaveLength(3)
    expect(said).toContainEqual({ text: 'cart & checkout show <nothing>', by: 'support' })
    expect(said).toContainEqual({ text: 'nobody can pay', by: 'first-responder' })

    const unknown = await type(story, 'report stroefront x')
    expect(unknown.text).toContain('did you mean storefront?')
    const long = await type(story, `report storefront ${'x'.repeat(7_000)}`)
    expect(long.text).toContain('too long')
  },
)

test('who is on call and what is open is answered to whoever asks alone', async () => {
  const story = await start('sqlite')
  const onCall = await type(story, 'oncall storefront')
  expect(onCall.text).toMatch(
    /^Storefront is of Shop: first-responder until \w{3} \d{4}-\d\d-\d\d 09:00 \(UTC\), behind them second-responder, /,
  )
  expect((await type(story, 'incidents')).text).toBe('No incident is open.')
  const title = 'Nobody can pay <!channel>'
  const body = { by: 'a', serviceId: 'storefront', title, severity: 'SEV-2', reason: 'x' }
  await story.coordinator.post(declareIncident, {}, body)
  const open = await type(story, 'incidents')
  expect(open.text).toBe(
    `1 incident is open:\nSEV-2 INC-1 mitigating just now, nobody has it: Nobody can pay &lt;!channel&gt; ${story.coordinator.address}/incidents/INC-1`,
  )
  const help = await type(story, 'wat')
  expect(help).toMatchObject({ status: 200, body: { response_type: 'ephemeral' } })
  expect(help.text).toMatch(
    /“wat” is nothing that can be asked[\s\S]*\/firewatch report &lt;service&gt;/,
  )
})

test('what is not signed by Slack now is refused, and says nothing', async () => {
  const story = await start('sqlite')
  const refused = { status: 401, body: { code: 'signal.refused' }, text: '' }
  expect(await type(story, 'incidents', { secret: 'another' })).toMatchObject(refused)
  expect(await type(story, 'incidents', { sentAt: noon - 301_000 })).toMatchObject(refused)
  expect(await type(story, 'incidents', { sentAt: noon + 301_000 })).toMatchObject(refused)
  expect(await type(story, '', { form: { text: 'incidents' } })).toMatchObject({
    status: 400,
    body: { code: 'signal.malformed' },
  })
  const huge = await type(story, 'x'.repeat(300_000)).catch(() => ({ status: 413 }))
  expect(huge.status).toBe(413)
})

test('without a signing secret nobody can prove that it is Slack', async () => {
  const story = await start('sqlite', undefined)
  expect(await type(story, 'incidents', { secret: '' })).toMatchObject({ status: 401 })
})
