import { describe, expect, test } from 'vitest'
import { type OnCall, OnCallChange } from '../../../src/protocol/on-call.ts'
import { getOnCall } from '../../../src/protocol/on-call-api.ts'
import { at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { aFleetFolder } from '../../support/fleet-files.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { anOnCall } from '../../support/on-call-builders.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const ON_CALL = `people:
  - id: first-responder
    name: First responder
    contacts:
      - { id: push, kind: ntfy, url: 'https://ntfy.example.com', topic: first, verified: 2026-01-02 }
  - id: second-responder
    contacts:
      - { id: push, kind: ntfy, url: 'https://ntfy.example.com', topic: second, verified: 2026-01-02 }
teams:
  - { id: shop-team, name: Team, members: [first-responder, second-responder], lead: second-responder }
rotations:
  - id: weekly
    team: shop-team
    versions:
      - zone: America/New_York
        handOff: 2026-01-05T09:00
        participants: [first-responder, second-responder]
        secondary: next
lastResort: { team: shop-team, role: lead }
`

/** Nobody is written to by what a test is not about. */
const withoutContacts = (onCall: OnCall): OnCall => ({
  ...onCall,
  people: onCall.people.map((person) => ({ ...person, contacts: [] })),
})

const files = (onCall = ON_CALL) =>
  aFleetFolder({ 'config/on-call.yaml': onCall, 'probes/.keep': '' })

describe('from the files alone', () => {
  test('simulate prints who is paged minute by minute, and what if nobody answers', async () => {
    const folder = await files()
    const { code, stdout } = await runFirewatch(
      [
        ...['on-call', 'simulate', '--sev', '1', '--service', 'shop'],
        ...['--at', '2026-11-01T03:00[America/New_York]'],
      ],
      { folder },
    )
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'SEV-1 of shop, decided Sun 2026-11-01 03:00 (America/New_York); nobody answers',
      '  team:shop-team: Team is the team of shop at SEV-1',
      '',
      '03:00    +0 min  team:shop-team, round 1, step 1: First responder by ntfy',
    ])
    expect(stdout).toContain(
      '03:05    +5 min  team:shop-team, round 1, step 3: second-responder by ntfy; First responder by ntfy',
    )
    expect(stdout).toContain('03:20   +20 min  team:shop-team, round 2, step 1: First responder')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      '04:00   +60 min  team:shop-team: nobody has acknowledged, the page is unowned; told: second-responder by ntfy',
    )
    expect(code).toBe(0)
  })

  test('and what if somebody who is named does not', async () => {
    const folder = await files()
    const { stdout } = await runFirewatch(
      [
        ...['on-call', 'simulate', '--sev', '1', '--service', 'shop', '--json'],
        ...['--at', '2026-11-01T08:00:00Z', '--silent', 'first-responder'],
      ],
      { folder },
    )
    expect(JSON.parse(stdout).ends).toEqual([
      {
        escalationId: 'team:shop-team',
        at: at('2026-11-01T08:05:00Z'),
        answeredBy: 'second-responder',
      },
    ])
  })

  test.each([
    {
      why: 'all is well',
      change: (text: string) => text,
      code: 0,
      says: '0 errors and 0 warnings',
    },
    {
      why: 'a contact that is not verified',
      change: (text: string) => text.replace(', verified: 2026-01-02', ''),
      code: 1,
      says: 'error no_verified_contact config/on-call.yaml:2:5: First responder is on call in these weeks and has no verified contact',
    },
    {
      why: 'a gap at the weekend',
      change: (text: string) =>
        text.replace(
          'secondary: next',
          "restrictions: [{ days: [mon, tue, wed, thu], from: '00:00', until: '00:00' }]",
        ),
      code: 1,
      says: 'error gap config/on-call.yaml:12:5: nobody of Team is on call 8 times in these weeks, 23 d 23 h in all, first from Fri 2026-03-06 00:00 (America/New_York) until Mon 2026-03-09 00:00 (America/New_York) (2 d 23 h)',
    },
  ])('lint: $why → exit code $code', async ({ change, code, says }) => {
    const folder = await files(change(ON_CALL))
    const lint = await runFirewatch(['on-call', 'lint', '--at', '2026-03-03T12:00:00Z'], { folder })
    expect(lint.stdout).toContain(says)
    expect(lint.code).toBe(code)
  })

  test('validate warns of the same', async () => {
    const folder = await files(ON_CALL.replace(', verified: 2026-01-02', ''))
    const { code, stdout } = await runFirewatch(['validate', '--json'], { folder })
    const { warnings } = JSON.parse(stdout)
    expect(warnings[0]).toMatchObject({ file: 'config/on-call.yaml', line: 2, column: 5 })
    expect(warnings[0].message).toContain('no verified contact')
    expect(code).toBe(0)
  })

  test('who answers from the files when the coordinator is away, and says so', async () => {
    const { code, stdout, stderr } = await runFirewatch(
      [
        ...['on-call', 'who', '--at', '2026-01-07T12:00[America/New_York]'],
        ...['--coordinator', 'http://127.0.0.1:1'],
      ],
      { folder: await files() },
    )
    expect(stderr).toContain('by the files alone, without overrides and absences')
    expect(stdout).toContain('Team (shop)\n  primary    First responder\n')
    expect(stdout).toContain('  secondary  second-responder\n')
    expect(code).toBe(0)
  })

  test.each([
    {
      words: ['simulate', '--service', 'nope'],
      says: 'there is no service nope in config/services.yaml',
    },
    {
      words: ['simulate', '--service', 'shop', '--silent', 'nobody'],
      says: '--silent: there is no person nobody',
    },
    { words: ['who', '--at', 'tomorrow'], says: '--at: expected a time such as' },
    { words: ['who', '--at', '2026-11-01T03:00[Moon/Sea]'], says: '--at: expected a time such as' },
    {
      words: ['simulate', '--service', 'shop', '--sev', '7'],
      says: '--sev: expected 1, 2, 3 or 4',
    },
  ])('$words is refused: $says', async ({ words, says }) => {
    const { code, stderr } = await runFirewatch(['on-call', ...words], { folder: await files() })
    expect(stderr).toContain(says)
    expect(code).toBe(2)
  })
})

test('who takes a duty over confirms it from the terminal', async () => {
  const monday = at('2026-01-12T09:00:00Z')
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(monday),
    fleet: aFleet({ onCall: withoutContacts(anOnCall()) }),
  })
  await until('b is told', async () => (await coordinator.get(getOnCall)).handOffs?.length === 1)
  const folder = await tempFolder()
  const confirm = (...words: string[]) =>
    runFirewatch(['on-call', 'confirm', ...words, '--coordinator', coordinator.address], { folder })
  expect(await confirm('weekly', '--by', 'a')).toEqual({
    code: 2,
    stdout: '',
    stderr: 'firewatch: a took over nothing of weekly that is to be confirmed\n',
  })
  expect(await confirm('--by', 'b')).toEqual({
    code: 0,
    stdout: 'b has confirmed to be primary of weekly until Mon 2026-01-19 09:00 (UTC)\n',
    stderr: '',
  })
  expect((await coordinator.get(getOnCall)).handOffs).toMatchObject([{ confirmedAt: monday }])
})

test('an override and an absence are added, listed and ended', async () => {
  const wednesday = at('2026-01-07T12:00:00Z')
  const { address } = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(wednesday),
    fleet: aFleet({ onCall: anOnCall() }),
  })
  const folder = await tempFolder()
  const onCall = (...words: string[]) =>
    runFirewatch(['on-call', ...words, '--coordinator', address], { folder })

  const added = await onCall(
    ...['override', 'add', 'c', '--rotation', 'weekly', '--by', 'a', '--reason', 'dentist'],
    ...['--from', '2026-01-07T13:00:00Z', '--for', '4h', '--json'],
  )
  expect(added).toMatchObject({ code: 0, stderr: '' })
  const { id } = OnCallChange.parse(JSON.parse(added.stdout))
  expect((await onCall('override', 'list')).stdout).toBe(
    `${id}  c is primary of weekly from Wed 2026-01-07 13:00 (UTC) until Wed 2026-01-07 17:00 (UTC)  a: dentist\n`,
  )
  expect((await onCall('absence', 'list')).stdout).toBe('There are no absences.\n')
  expect((await onCall('who', '--at', '2026-01-07T14:00:00Z')).stdout).toContain('primary    c\n')

  const again = await onCall(
    ...['override', 'add', 'd', '--rotation', 'weekly', '--by', 'b'],
    ...['--from', '2026-01-07T16:00:00Z', '--until', '2026-01-07T18:00:00Z'],
  )
  expect(again.code).toBe(2)
  expect(again.stderr).toContain(`it overlaps an override of a`)

  const swap = await onCall(
    ...['override', 'swap', 'a', 'b', '--rotation', 'weekly', '--for', '14d', '--by', 'a'],
  )
  expect(swap.stdout).toContain('a and b swap as primary of weekly')
  expect((await onCall('override', 'end', id, '--by', 'c')).stdout).toContain('(c)')
  await onCall(
    ...['absence', 'add', 'b', '--for', '7d', '--by', 'b', '--from', '2026-01-07T12:00:00Z'],
  )
  expect((await onCall('absence', 'list')).stdout).toContain('b is absent from Wed 2026-01-07')
})
