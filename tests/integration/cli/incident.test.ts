import { expect, test } from 'vitest'
import { getNow } from '../../../src/protocol/public-api.ts'
import { aCheck, aRun, at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { aFleet, startCoordinator } from '../../support/coordinator.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

/** A dozen processes, one after the other, on a machine that has other work as well. */
const PROCESSES_MS = 90_000

const noon = at('2026-03-13T12:00:00Z')

/** A coordinator with one incident of two checks, and the command that speaks to it. */
async function anOutage() {
  const fleet = aFleet({
    services: [{ id: 'storefront', name: 'Storefront', tier: 'core', owner: 'team shop' }],
    checks: [aCheck('http'), aCheck('http', { id: 'search', name: 'Search' })],
  })
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock: movableClock(noon + 5_000),
    fleet,
  })
  for (const checkId of ['shop-home', 'search'])
    for (const regionId of ['eu-west', 'us-east', 'ap-south'])
      await coordinator.ingest([
        aRun({
          checkId,
          regionId,
          slotAt: noon,
          startedAt: noon,
          verdict: 'failed',
          // What comes from a target must not control the terminal.
          error: { type: 'connect.refused', message: 'connection \u001b[31mrefused' },
        }),
      ])
  await until('both fire', async () => {
    const now = await coordinator.get(getNow)
    return now.services[0]?.checks.every(({ alert }) => alert.state === 'firing')
  })
  const folder = await tempFolder()
  const environment = { FIREWATCH_COORDINATOR_URL: coordinator.address, FIREWATCH_USER: 'Ada' }
  return (...typed: string[]) => runFirewatch(['incident', ...typed], { folder, environment })
}

test(
  'an incident is seen and led from the terminal, in 80 columns',
  async () => {
    const incident = await anOutage()
    const list = await incident('list')
    expect(list).toMatchObject({ code: 0, stderr: '' })
    expect(list.stdout).toMatch(/^INC-1 +SEV-1 +triage +/)

    expect(await incident('ack', '1')).toMatchObject({
      code: 0,
      stdout: 'INC-1 is triage, SEV-1, acknowledged by Ada\n',
    })
    expect(await incident('ack', '1', '--by', 'Grace')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'firewatch: It is so already. Ada has acknowledged INC-1 already\n',
    })
    await incident('declare', 'inc-1')
    await incident('note', '1', 'rolling', 'back', '812')
    expect((await incident('severity', '1', '3')).stderr).toContain('needs a reason')
    expect((await incident('severity', '1', '3', '--reason', 'few buy now')).stdout).toContain(
      'SEV-3',
    )
    const split = await incident('split', '1', 'check:search', '--reason', 'its own cause')
    expect(split.stdout).toContain('; see INC-2')

    const shown = await incident('show', '1')
    expect(shown.code).toBe(0)
    for (const line of shown.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    for (const words of [
      'How bad',
      '100 % (3 of 3 runs in the last 10 min)',
      'What is affected',
      'Who is needed',
      'team shop (Storefront)',
      'rolling back 812 (Ada)',
      'INC-2 split off it',
    ])
      expect(shown.stdout).toContain(words)
    expect(shown.stdout).not.toContain('\u001b')
    expect(JSON.parse((await incident('show', '1', '--json')).stdout)).toMatchObject({
      incident: { id: 'INC-1', severity: 'SEV-3', state: 'mitigating' },
      triage: { needed: { acknowledged: { by: 'Ada' } } },
    })
  },
  PROCESSES_MS,
)

test(
  'incidents are declared by hand, merged and declined',
  async () => {
    const incident = await anOutage()
    const opened = await incident(
      'declare',
      ...['--service', 'storefront', '--title', 'Nobody can pay', '--severity', '1'],
      ...['--reason', 'twelve calls', '--at', '2026-03-13T11:50:00Z'],
    )
    expect(opened).toMatchObject({ code: 0, stdout: 'INC-2 is mitigating, SEV-1\n' })
    expect((await incident('list', '--json')).stdout).toContain('Nobody can pay')
    expect(await incident('merge', '2', '1', '--reason', 'the same')).toMatchObject({
      stdout: 'INC-2 is merged, SEV-1; see INC-1\n',
    })
    expect((await incident('false-alarm', '1', '--reason', 'x')).stderr).toContain(
      'INC-1 is mitigating and cannot become declined',
    )
    expect((await incident('stand-down', '1', '--reason', 'over')).stdout).toContain('cancelled')
    expect((await incident('list')).stdout).toBe('no incidents\n')
  },
  PROCESSES_MS,
)

test.each([
  { typed: ['show', '99'], code: 4, says: 'INC-99', why: 'there is no such incident' },
  {
    typed: ['show', 'nonsense'],
    code: 2,
    says: 'expected an incident such as',
    why: 'it is no id',
  },
  { typed: ['resolve', '1'], code: 2, says: '--cause or --accept-risk', why: 'neither is said' },
  { typed: ['declare'], code: 2, says: '--service, --title', why: 'nothing is said' },
  {
    typed: ['note', '1', 'x', '--at', 'noon'],
    code: 2,
    says: '--at: expected',
    why: 'the time is no time',
  },
  { typed: ['note', '1', 'x', '--by', ' '], code: 2, says: 'who are you', why: 'nobody says it' },
  {
    typed: ['list', '--coordinator', 'http://127.0.0.1:1'],
    code: 3,
    says: 'does not answer',
    why: 'nobody answers',
  },
  {
    typed: ['list', '--coordinator', 'shop'],
    code: 2,
    says: 'expected an address',
    why: 'it is no address',
  },
])('exits with $code when $why', async ({ typed, code, says }) => {
  const coordinator = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  const environment = { FIREWATCH_COORDINATOR_URL: coordinator.address, FIREWATCH_USER: 'Ada' }
  const ended = await runFirewatch(['incident', ...typed], {
    folder: await tempFolder(),
    environment,
  })
  expect(ended).toMatchObject({ code, stdout: '' })
  expect(ended.stderr).toContain(says)
})

test(
  'an incident is led from the terminal: roles, what is next, corrections, and the draft that is sent',
  async () => {
    const incident = await anOutage()
    await incident('declare', '1')
    expect((await incident('take', '1', 'commnder')).stderr).toContain('did you mean commander?')
    expect(await incident('take', '1', 'commander')).toMatchObject({ code: 0, stderr: '' })
    expect((await incident('take', '1', 'commander', '--by', 'Grace')).stderr).toContain(
      'they can hand it over',
    )
    await incident('next', '1', 'look', 'at', 'the', 'disk', '--who', 'Grace')
    await incident('note', '1', 'rolled back 811', '--as', 'action')
    const before = (await incident('show', '1')).stdout
    const [, entry = ''] = /rolled back 811 \(Ada\) #(\d+)/.exec(before) ?? []
    await incident('correct', '1', entry, '--text', 'rolled back 812', '--reason', 'typo')

    const draft = await incident('update', '1', '--draft')
    expect(draft.stdout).toMatch(
      /^Severity: SEV-1\nImpact: .*\nCurrent Status: People work on it\. Last done: rolled back 812\.\nNext Steps: look at the disk\. Grace does it\.\n/,
    )
    expect(await incident('update', '1', '--public')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('config/status-page.yaml makes one'),
    })
    expect(await incident('update', '1', '--status', 'Nearly there.')).toMatchObject({ code: 0 })

    const shown = (await incident('show', '1')).stdout.replaceAll(/\s+/g, ' ')
    expect(shown).toContain('Incident Commander: Ada')
    expect(shown).toContain('Next: look at the disk (Grace)')
    expect(shown).toContain('rolled back 811 [corrected: rolled back 812]')
    expect(shown).toContain('Current Status: Nearly there.')
  },
  PROCESSES_MS,
)
