import { expect, test } from 'vitest'
import { Commands } from '../../../src/protocol/probe-api.ts'
import { listRegions } from '../../../src/protocol/public-api.ts'
import { aRun, at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { startCoordinator } from '../../support/coordinator.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'

const noon = at('2026-03-13T12:00:00Z')

test('a check is run now in the whole fleet, and what each region says is printed', async () => {
  const coordinator = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  // What a probe of the region does: it listens, runs and sends.
  async function answer(regionId: string, verdict: 'passed' | 'failed') {
    const held = await coordinator.probeRequest(`/commands?region=${regionId}`)
    const [asked] = Commands.parse(await held.json()).commands
    if (!asked) throw new Error(`${regionId} was told nothing`)
    const { commandId, reason } = asked
    const error = { type: 'timeout' as const, message: 'no answer\u001b[2J\nin time' }
    await coordinator.ingest([
      aRun({
        regionId,
        slotAt: noon,
        verdict,
        command: { commandId, reason },
        ...(verdict === 'failed' && { error }),
      }),
    ])
  }
  const answered = [answer('eu-west', 'failed'), answer('us-east', 'passed')]
  await until('both listen', async () => {
    const { data } = await coordinator.get(listRegions)
    return data.filter(({ takesCommands }) => takesCommands).length === 2
  })
  const { code, stdout, stderr } = await runFirewatch(
    ['run', 'shop-home', '--now', '--by', 'Ada', '--coordinator', coordinator.address],
    { folder: await tempFolder() },
  )
  expect(stdout.split('\n')).toEqual([
    'ap-south  has no probe that listens',
    'eu-west  failed after 120 ms: no answer\ufffd[2J',
    'us-east  passed after 120 ms',
    '',
  ])
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  await Promise.all(answered)
})

test.each([
  { check: 'shop-home', code: 3, says: 'eu-west  has no probe that listens' },
  { check: 'nothing', code: 2, says: 'No check with this id is defined' },
])('$check ends with $code: $says', async ({ check, code, says }) => {
  const { address } = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  const command = ['run', check, '--now', '--coordinator', address]
  const ended = await runFirewatch(command, { folder: await tempFolder() })
  expect(ended.stdout + ended.stderr).toContain(says)
  expect(ended.code).toBe(code)
})
