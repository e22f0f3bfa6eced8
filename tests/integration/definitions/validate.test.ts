import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { renderText } from '../../../src/cli/commands/validate.ts'
import { loadFleet } from '../../../src/definitions/load-fleet.ts'
import { CHECK_FILE, fleetFolder } from './fleet-folder.ts'

const COMMANDER = pathToFileURL(createRequire(import.meta.url).resolve('commander'))
const COMMAND = pathToFileURL(join(import.meta.dirname, '../../../src/cli/commands/validate.ts'))

/** A program that has this one command. */
const PROGRAM = `
  import { Command } from '${COMMANDER}'
  import { addValidateCommand } from '${COMMAND}'
  const program = new Command('firewatch')
  addValidateCommand(program)
  await program.parseAsync(['node', 'firewatch', ...process.argv.slice(1)])
`

type Options = { folder: string; environment?: Record<string, string> }

async function firewatch(words: string[], { folder, environment = {} }: Options) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

const MISSPELLED = 'service: shop\nchecks:\n  - { id: a, kind: dns, name: x.test, evry: 1m }\n'

test('a valid folder, the current one when none is named, exits with 0', async () => {
  const folder = await fleetFolder()

  expect(await firewatch(['validate'], { folder })).toEqual({
    code: 0,
    stdout: '1 check in 2 regions is valid\n',
    stderr: '',
  })
})

test('how soon each check turns a fault into an alert is told when it is asked for', async () => {
  const folder = await fleetFolder()
  const { stdout } = await firewatch(['validate', '--explain'], { folder })
  // Two regions look 30 s apart: both have within a minute, and the run may take its 30 s.
  expect(stdout).toMatch(
    /^buy {2,}1 min 33 s {2,}1 min 15 s {2,}1 min 33 s {2,}1 min 15 s {2,}3 min 33 s/m,
  )
  const json = await firewatch(['validate', '--explain', '--json'], { folder })
  expect(JSON.parse(json.stdout).detection.buy.everywhere.worstMs).toBe(93_000)
})

test('problems exit with 2, each with its line, its place and what was meant', async () => {
  const folder = await fleetFolder({ [CHECK_FILE]: MISSPELLED })

  expect(await firewatch(['validate', folder], { folder: '/' })).toEqual({
    code: 2,
    stdout: `${folder}/${CHECK_FILE}:3:5: nothing says when this check runs; expected "every" or "cron", here or in "defaults"
3 |   - { id: a, kind: dns, name: x.test, evry: 1m }
  |     ^

${folder}/${CHECK_FILE}:3:39: unknown key "evry"; did you mean "every"?
3 |   - { id: a, kind: dns, name: x.test, evry: 1m }
  |                                       ^

2 problems in 1 file
`,
    stderr: '',
  })
})

test('programs get the problems as JSON', async () => {
  const folder = await fleetFolder({ [CHECK_FILE]: MISSPELLED })

  const { code, stdout } = await firewatch(['validate', '--json'], { folder })

  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toEqual({
    valid: false,
    problems: [
      expect.objectContaining({ file: CHECK_FILE, line: 3, column: 5 }),
      {
        file: CHECK_FILE,
        line: 3,
        column: 39,
        message: 'unknown key "evry"',
        suggestion: 'every',
      },
    ],
    warnings: [],
  })
})

test.each([
  { why: 'a pipe gets no colours', environment: {}, hasColours: false },
  { why: 'unless they are asked for', environment: { FORCE_COLOR: '1' }, hasColours: true },
  { why: 'and never against NO_COLOR', environment: { NO_COLOR: '1' }, hasColours: false },
])('$why', async ({ environment, hasColours }) => {
  const folder = await fleetFolder({ [CHECK_FILE]: MISSPELLED })

  const { stdout } = await firewatch(['validate'], { folder, environment })

  expect(stdout.includes('\u001b[31m')).toBe(hasColours)
})

test('warnings stand before the summary and leave it valid', async () => {
  const folder = await fleetFolder({ 'probes/shop/old.journey.ts': '' })

  expect(renderText(await loadFleet(folder, {}), { paint: (_, plain) => plain })).toBe(
    'probes/shop/old.journey.ts:1:1: no check runs this journey\n\n1 check in 2 regions is valid\n',
  )
})
