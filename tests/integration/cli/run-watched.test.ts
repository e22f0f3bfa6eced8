import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runFirewatch, startFirewatch } from '../../support/command.ts'
import { startPage } from '../../support/probe.ts'
import { descendantsOf } from '../../support/processes.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { SELDOM_MS, until } from '../../support/until.ts'
import { startDisplay, windowProblem } from '../../support/virtual-display.ts'

const WALK = `import { journey } from 'firewatch'
export default journey(async ({ page, step, target }) => {
  await step('open the page', () => page.goto(target))
  await step('look around', async () => {
    for (let i = 0; i < 3; i++) await page.locator('body').click()
  })
})
`

async function aWalk() {
  const page = await startPage()
  const folder = await tempFolder()
  await writeFile(join(folder, 'walk.journey.ts'), WALK)
  return { page, folder, words: ['run', 'walk.journey.ts', '--url', page.url] }
}

const stepMs = (json: string, name: string): number =>
  JSON.parse(json).steps.find((step: { name: string }) => step.name === name).ms

test('slowed down, each action waits; its times are said not to be the target’s', async () => {
  const { folder, words } = await aWalk()
  const { code, stdout, stderr } = await runFirewatch([...words, '--slow-mo', '300ms', '--json'], {
    folder,
  })
  expect(code).toBe(0)
  expect(stepMs(stdout, 'look around')).toBeGreaterThan(900)
  expect(stderr).toContain('each action waits 300 ms first')
})

test.each([
  { words: ['--slow-mo', 'slowly'], says: 'expected a duration such as 500ms' },
  { words: ['--slow-mo', '5m'], says: 'expected from 1ms to 1m for each action' },
  { words: ['--headed'], says: 'there is no display' },
  { words: ['--debug'], says: 'there is no display' },
])('$words where that cannot be: 2, and why', async ({ words, says }) => {
  const walk = await aWalk()
  const environment = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined }
  const result = await runFirewatch([...walk.words, ...words], { folder: walk.folder, environment })
  expect(result.code).toBe(2)
  expect(result.stderr).toContain(says)
})

test.skipIf(windowProblem !== undefined)('with a window on a real display', async () => {
  const { folder, words } = await aWalk()
  const environment = await startDisplay()
  const { code, stdout } = await runFirewatch([...words, '--headed'], { folder, environment })
  expect(stdout).toContain('✓ passed  walk')
  expect(code).toBe(0)
})

test.skipIf(windowProblem !== undefined)(
  'the inspector opens and waits before the first action; Ctrl-C ends the run and leaves nothing',
  async () => {
    const { folder, words } = await aWalk()
    const command = startFirewatch([...words, '--debug'], {
      folder,
      environment: await startDisplay(),
    })
    const browsers = () =>
      descendantsOf(command.process.pid ?? 0).filter(
        ({ command: line }) => line.includes('--user-data-dir=') && !line.includes('--type='),
      )
    // The journey's, and the inspector's.
    await until('two browsers', () => browsers().length === 2, {
      withinMs: 20_000,
      everyMs: SELDOM_MS,
    })
    expect(command.stderr()).toContain("Playwright's inspector stops before the first action")
    const left = browsers()
    command.process.kill('SIGINT')
    expect(await command.exited).toBe(130)
    await until('no browser', () => {
      const pids = new Set(descendantsOf(process.pid).map(({ pid }) => pid))
      return left.every(({ pid }) => !pids.has(pid))
    })
  },
)

// Said loudly: a skipped line alone is overlooked.
afterAll(() => {
  if (windowProblem !== undefined)
    process.stderr.write(`\nno window was shown in these tests: ${windowProblem}\n`)
})
