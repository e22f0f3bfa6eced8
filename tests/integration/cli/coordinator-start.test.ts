import { expect, test } from 'vitest'
import { runFirewatch, startFirewatch } from '../../support/command.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'
import { until } from '../../support/until.ts'

const ON_CALL = `people:
  - id: first-responder
    contacts:
      - { id: mail, kind: email, address: first@example.com, verified: 2026-03-01 }
      - { id: chat, kind: slack, user: U012AB3CD, token: SLACK_BOT_TOKEN, verified: 2026-03-01 }
`
const SENDERS = 'senders: { email: { from: firewatch@example.com } }\nchannels: []\n'

/** Everything that a coordinator needs but what a test is about. */
const environment = (folder: string, more: Record<string, string> = {}) => ({
  FIREWATCH_DIR: folder,
  FIREWATCH_DATA: folder,
  FIREWATCH_PORT: '0',
  FIREWATCH_LOG_LEVEL: 'warn',
  SMTP_URL: undefined,
  SLACK_BOT_TOKEN: undefined,
  ...more,
})

test('an address that nobody sends to keeps the coordinator from starting, and validate says the same', async () => {
  const folder = await aFleetFolder({ 'config/on-call.yaml': ON_CALL, 'probes/.keep': '' })
  const [coordinator, validate] = await Promise.all([
    runFirewatch(['coordinator'], { folder, environment: environment(folder) }),
    runFirewatch(['validate'], { folder }),
  ])
  const problem =
    'config/on-call.yaml:4:27: nothing says who sends e-mail; expected senders: { email: { from: firewatch@example.com } } in config/notifications.yaml'
  expect([coordinator.code, validate.code]).toEqual([2, 2])
  expect(coordinator.stderr).toContain(problem)
  expect(validate.stdout).toContain(problem)
})

test('a coordinator names the secrets without which somebody is not reached, as it starts', async () => {
  const folder = await aFleetFolder({
    'config/on-call.yaml': ON_CALL,
    'config/notifications.yaml': SENDERS,
    'probes/.keep': '',
  })
  const coordinator = startFirewatch(['coordinator'], {
    folder,
    environment: environment(folder, { SLACK_BOT_TOKEN: 'xoxb-of-the-test' }),
  })
  const log = () => coordinator.stdout() + coordinator.stderr()
  await until('it says so', () => log().includes('are not reached'), { withinMs: 30_000 })
  const warning = log()
    .split('\n')
    .find((line) => line.includes('are not reached'))
  expect(JSON.parse(warning ?? '')).toMatchObject({
    variable: 'SMTP_URL',
    usedBy: ['first-responder/mail'],
    problem: 'neither SMTP_URL nor SMTP_URL_FILE is set',
  })
  // What is set is not complained of, nor told.
  expect(log()).not.toMatch(/SLACK_BOT_TOKEN|xoxb/)
})
