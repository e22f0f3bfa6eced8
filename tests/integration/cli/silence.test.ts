import { expect, test } from 'vitest'
import { Silence } from '../../../src/protocol/suppression.ts'
import { at } from '../../support/builders.ts'
import { runFirewatch } from '../../support/command.ts'
import { startCoordinator } from '../../support/coordinator.ts'
import { movableClock } from '../../support/movable-clock.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const noon = at('2026-03-13T12:00:00Z')

test('a silence is begun, listed and ended', async () => {
  const { address } = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  const folder = await tempFolder()
  const silence = (...words: string[]) =>
    runFirewatch(['silence', ...words, '--coordinator', address], { folder })

  expect(await silence('list')).toMatchObject({ code: 0, stdout: 'Nothing is silenced.\n' })
  const begun = await silence(
    ...['add', '--check', 'shop-home', '--region', 'eu-west', '--for', '2h', '--by', 'Ana'],
    ...['--reason', 'known', '--json'],
  )
  expect(begun).toMatchObject({ code: 0, stderr: '' })
  const { id, ...added } = Silence.parse(JSON.parse(begun.stdout))
  expect(added).toEqual({
    author: 'Ana',
    reason: 'known',
    scope: { checks: ['shop-home'], regions: ['eu-west'] },
    createdAt: noon,
    until: noon + 7_200_000,
    untilResolved: false,
  })
  expect((await silence('list')).stdout).toBe(
    `${id}  checks shop-home; regions eu-west  until 2026-03-13T14:00:00.000Z  Ana: known\n`,
  )
  expect((await silence('end', id, '--by', 'Ben')).stdout).toContain('ended 2026-03-13T12:00:00')
  expect(await silence('list')).toMatchObject({ stdout: 'Nothing is silenced.\n' })
  expect((await silence('list', '--all')).stdout).toContain('(Ben)')
})

test.each([
  { words: ['--for', '25h', '--check', 'shop-home'], says: '--for: at most 24 hours' },
  {
    words: ['--for', 'long', '--check', 'shop-home'],
    says: '--for: expected a duration such as 30m',
  },
  {
    words: ['--for', '99h', '--check', 'shop-home', '--reason', 'x'],
    says: '--reason: expected a reason that others can read, of at least 3 characters; --for: at most',
  },
  { words: ['--for', '1h'], says: '--check, --service or --region: at least one' },
  { words: ['--for', '1h', '--check', 'nope'], says: 'there is no check nope' },
])('$words is refused: $says', async ({ words, says }) => {
  const { address } = await startCoordinator({ database: 'sqlite', clock: movableClock(noon) })
  const command = ['silence', 'add', '--reason', 'known', ...words, '--coordinator', address]
  const { code, stderr, stdout } = await runFirewatch(command, { folder: await tempFolder() })
  expect(stderr).toContain(says)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})

test('without a coordinator nothing can be decided', async () => {
  const command = ['silence', 'list', '--coordinator', 'http://127.0.0.1:1']
  const { code, stderr } = await runFirewatch(command, { folder: await tempFolder() })
  expect(stderr).toContain('the coordinator at http://127.0.0.1:1 does not answer\n  because: ')
  expect(stderr).not.toContain('fetch failed')
  expect(code).toBe(3)
})
