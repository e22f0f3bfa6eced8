import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { expect, test } from 'vitest'
import { PROJECT } from '../../support/command.ts'

test('who reads only the first line of what is printed is told of no fault', () => {
  // `true` is gone long before anything is printed.
  const { stderr, stdout } = spawnSync(
    'sh',
    ['-c', `"${process.execPath}" src/cli/main.ts --help | true`],
    { cwd: PROJECT, encoding: 'utf8', timeout: 20_000 },
  )
  expect(stdout).toBe('')
  expect(stderr).toBe('')
})
