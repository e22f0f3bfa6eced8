import { expect, test } from 'vitest'
import { formatProblem } from '../../../src/definitions/format-problem.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'

const PEOPLE = `people:
  - id: first-responder
  - id: second-responder
teams:
  - { id: shop-team, name: Team, members: [first-responder] }
`
const ROTATION = `rotations:
  - id: weekly
    team: shop-team
    versions:
      - zone: Europe/Berlin
        handOff: 2026-01-05T09:00
        participants: [first-responder, second-responder]
`

const load = async (text: string, files: Record<string, string> = {}) => {
  const all = { 'config/on-call.yaml': text, 'probes/.keep': '', ...files }
  const folder = await aFleetFolder(all)
  return loadFleet(folder, {})
}

test('a file comes resolved, with every default', async () => {
  const loaded = await load(`${PEOPLE}${ROTATION}        restrictions:
          - { days: [sat, sun], from: '22:00', until: '06:00' }
        every: 12 hours
        secondary: next
    access: [{ name: Logs, test: sign in, url: 'https://logs.example.com' }]
responders:
  - id: database
    when: { says: [postgres] }
    page: [{ secondaryOf: weekly }]
    because: It is the database.
`)
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  const { onCall } = loaded.fleet
  expect(onCall?.people[0]).toEqual({
    ...{ id: 'first-responder', name: 'first-responder', zone: 'UTC', contacts: [] },
  })
  // services.yaml names the team as the owner of shop.
  expect(onCall?.teams).toEqual([
    { id: 'shop-team', name: 'Team', members: ['first-responder'], services: ['shop'] },
  ])
  expect(onCall?.rotations[0]).toEqual({
    ...{ id: 'weekly', name: 'weekly', teamId: 'shop-team' },
    access: [{ name: 'Logs', test: 'sign in', url: 'https://logs.example.com' }],
    versions: [
      {
        ...{ effectiveFrom: '2026-01-05T09:00', anchor: '2026-01-05T09:00', zone: 'Europe/Berlin' },
        ...{ every: { count: 12, unit: 'hour' }, secondary: { kind: 'next' }, shadows: [] },
        participants: ['first-responder', 'second-responder'],
        restrictions: [{ days: [6, 7], from: 1_320, until: 360 }],
      },
    ],
  })
  expect(onCall?.ladders['SEV-1'].steps.map(({ afterMs }) => afterMs / 60_000)).toEqual([
    0, 2, 5, 10, 15,
  ])
  expect(onCall?.ladders['SEV-3'].steps).toEqual([])
  expect(onCall?.responders[0]?.ladder.steps).toEqual([
    { afterMs: 0, page: [{ kind: 'rotation', rotationId: 'weekly', role: 'secondary' }] },
  ])
})

test('a file without people, and no file, are nobody on call', async () => {
  expect(await load('people: []\n')).toMatchObject({ ok: true, fleet: { onCall: { people: [] } } })
  const none = await loadFleet(await aFleetFolder({ 'probes/.keep': '' }), {})
  expect(none.ok && none.fleet.onCall).toBeUndefined()
})

const MAIL = PEOPLE.replace(
  'id: second-responder',
  'id: second-responder\n    contacts: [{ id: mail, kind: email, address: a@example.com }]',
)
const STAKEHOLDERS = `stakeholders:
  - id: support
    name: Customer support
    severity: SEV-2
    services: [shop]
    contacts:
      - { id: desk, kind: email, address: support@example.com }
      - { id: room, kind: slack, channel: C024BE91L }
  - id: leadership
    contacts: [{ id: hook, kind: webhook, url: 'https://example.com/hook', secret: HOOK }]
`
const NO_SENDER =
  'nothing says who sends e-mail; expected senders: { email: { from: firewatch@example.com } } in config/notifications.yaml'

test.each([
  {
    why: 'there is no such file',
    text: MAIL,
    files: {},
    says: [`config/on-call.yaml:4:34: ${NO_SENDER}`],
  },
  {
    why: 'the file has senders, and none for e-mail',
    text: `${MAIL}${STAKEHOLDERS}`,
    files: { 'config/notifications.yaml': 'senders: { slack: {} }\nchannels: []\n' },
    says: [`config/on-call.yaml:4:34: ${NO_SENDER}`, `config/on-call.yaml:13:27: ${NO_SENDER}`],
  },
  {
    why: 'it says who sends',
    text: `${MAIL}${STAKEHOLDERS}`,
    files: {
      'config/notifications.yaml':
        'senders: { email: { from: firewatch@example.com } }\nchannels: []\n',
    },
    says: [],
  },
  {
    why: 'of a file that cannot be read nothing is known',
    text: MAIL,
    files: { 'config/notifications.yaml': 'senders: [\n' },
    says: [expect.stringMatching(/^config\/notifications\.yaml:/)],
  },
])('an address needs somebody who sends to it: $why', async ({ text, files, says }) => {
  const loaded = await load(text, files)
  expect(loaded.ok ? [] : loaded.problems.map(formatProblem)).toEqual(says)
})

test('stakeholders come resolved, with every default', async () => {
  const sender = 'senders: { email: { from: firewatch@example.com } }\nchannels: []\n'
  const loaded = await load(`${PEOPLE}${STAKEHOLDERS}`, { 'config/notifications.yaml': sender })
  expect(loaded.ok && loaded.fleet.onCall?.stakeholders).toEqual([
    {
      ...{ id: 'support', name: 'Customer support', severity: 'SEV-2', services: ['shop'] },
      contacts: [
        { id: 'desk', destination: { kind: 'email', to: 'support@example.com' } },
        { id: 'room', destination: { kind: 'slack', channel: 'C024BE91L' } },
      ],
    },
    {
      ...{ id: 'leadership', name: 'leadership', severity: 'SEV-1' },
      contacts: [
        {
          id: 'hook',
          destination: { kind: 'webhook', url: 'https://example.com/hook', secret: 'HOOK' },
        },
      ],
    },
  ])
})

const at = (where: string, what: string) => `config/on-call.yaml:${where}: ${what}`

test.each([
  {
    text: PEOPLE.replace('members: [first-responder]', 'members: [first-respondr]'),
    says: at('5:44', 'unknown person "first-respondr"; did you mean "first-responder"?'),
  },
  {
    text: PEOPLE.replace('id: second-responder', 'id: first-responder'),
    says: at(
      '3:9',
      'the person id "first-responder" is taken, at config/on-call.yaml:2:9; expected an id of its own',
    ),
  },
  {
    text: `${PEOPLE}${ROTATION}`.replace('Europe/Berlin', 'Europe/Berlim'),
    says: at(
      '10:15',
      '"Europe/Berlim" is no IANA time zone; expected a name such as Europe/Berlin',
    ),
  },
  {
    text: `${PEOPLE}${ROTATION}`.replace('2026-01-05T09:00', '2026-02-30T09:00'),
    says: at(
      '11:18',
      '"2026-02-30T09:00" is on no calendar; expected a local date and time such as 2026-11-02T09:00',
    ),
  },
  {
    text: `${PEOPLE}${ROTATION}${ROTATION.slice(ROTATION.indexOf('      - zone'))}`,
    says: at(
      '14:18',
      'the version does not take effect after the one before it; expected later than 2026-01-05T09:00',
    ),
  },
  {
    text: `${PEOPLE}${ROTATION}        every: weekly\n`,
    says: at(
      '13:16',
      '"every" cannot be "weekly"; expected an interval such as 1 week, 12 hours or 1 month',
    ),
  },
  {
    text: `${PEOPLE}${ROTATION}    access: [{ name: Logs, test: sign in, url: logs }]
`,
    says: at(
      '13:48',
      '"url" cannot be "logs"; expected an address such as https://shop.example.com/',
    ),
  },
  {
    text: `${PEOPLE}ladders:
  SEV-1:
    steps:
      - { after: 5m, page: [primary] }
      - { after: 2m, page: [everyone] }
`,
    says: at('10:18', 'the step after 2m stands behind one that comes later; expected at least 5m'),
  },
  {
    text: `${PEOPLE}ladders:
  SEV-1:
    steps:
      - { after: 0m, page: [boss] }
`,
    says: at(
      '9:29',
      'entry 1 of "page" cannot be "boss"; expected primary, secondary, lead, manager, everyone',
    ),
  },
  {
    text: PEOPLE.replace(
      'id: second-responder',
      'id: second-responder\n    contacts: [{ id: a, kind: telegraph }]',
    ),
    says: at(
      '4:31',
      '"kind" cannot be "telegraph"; expected "email", "ntfy", "slack", "webhook", "pagerduty", "opsgenie", "jsm", "voice" or "sms"',
    ),
  },
  {
    text: PEOPLE.replace(
      'id: second-responder',
      "id: second-responder\n    contacts: [{ id: a, kind: voice, phone: '0170 1234567' }]",
    ),
    says: at(
      '4:45',
      '"phone" cannot be "0170 1234567"; expected a number with its country, such as +491701234567, in quotes',
    ),
  },
  {
    text: PEOPLE.replace(
      'id: second-responder',
      "id: second-responder\n    contacts: [{ id: a, kind: voice, phone: '+491701234567' }]",
    ),
    says: at(
      '4:31',
      "nothing says who calls people; expected senders: { voice: { account: AC…, from: '+1…' } } in config/notifications.yaml",
    ),
  },
  {
    text: PEOPLE.replace(
      'members: [first-responder] }',
      'members: [first-responder], services: [shop] }\n  - { id: b, members: [first-responder], services: [shop] }',
    ),
    says: at(
      '6:53',
      'the service "shop" has a team, at config/on-call.yaml:5:73; expected one team for each service',
    ),
  },
  {
    text: `${PEOPLE}stakeholders:
  - { id: a, services: [shopp], contacts: [{ id: b, kind: webhook, url: 'https://a.test', secret: S }] }
`,
    says: at('7:25', 'unknown service "shopp"; did you mean "shop"?'),
  },
  {
    text: `${PEOPLE}stakeholders:
  - { id: a, contacts: [{ id: b, kind: pagerduty, routingKey: K }] }
`,
    says: at('7:40', '"kind" cannot be "pagerduty"; expected "email", "slack" or "webhook"'),
  },
  {
    text: `${PEOPLE}responders:
  - { id: a, when: {}, because: always, page: [{ person: nobody }] }
`,
    says: at('7:58', 'unknown person "nobody"; expected "first-responder" or "second-responder"'),
  },
])('is refused: $says', async ({ text, says }) => {
  const loaded = await load(text)
  const problems = loaded.ok ? [] : loaded.problems.map(formatProblem)
  expect(
    problems.some((problem) => problem.startsWith(says)),
    problems.join('\n'),
  ).toBe(true)
})
