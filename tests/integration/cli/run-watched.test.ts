import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, expect, test } from 'vitest'
import { findChromium } from '../../../src/probe/find-chromium.ts'
import { runFirewatch, startFirewatch } from '../../support/command.ts'
import { startPage } from '../../support/probe.ts'
import { descendantsOf } from '../../support/processes.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { SELDOM_MS, until } from '../../support/until.ts'
import { hasVideoEncoder } from '../../support/video-encoder.ts'
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

const LAST_RUN = '.firewatch/last-run'

test('recorded, the very run leaves its trace, and says how to look at it', async () => {
  const { page, folder, words } = await aWalk()
  const { code, stdout, stderr } = await runFirewatch([...words, '--trace'], { folder })
  expect(code).toBe(0)
  expect(page.requests.filter(({ url }) => url === '/')).toHaveLength(1)
  expect(stdout).toContain(`trace.zip: ${LAST_RUN}/trace.zip\n`)
  expect(stderr).toContain('recorded: times are slower than measured ones\n')
  expect(stderr).toContain(`npx firewatch show-trace ${LAST_RUN}/trace.zip\n`)
  const trace = unzipSync(await readFile(join(folder, LAST_RUN, 'trace.zip')))
  expect(Buffer.from(trace['trace.trace'] ?? '').toString()).toContain('look around')
})

test.skipIf(!hasVideoEncoder)('recorded, the very run leaves its video', async () => {
  const { folder, words } = await aWalk()
  const { code, stdout } = await runFirewatch([...words, '--video'], { folder })
  expect(code).toBe(0)
  expect(stdout).toContain(`video.webm: ${LAST_RUN}/video.webm\n`)
  const video = await readFile(join(folder, LAST_RUN, 'video.webm'))
  expect(video.subarray(0, 4)).toEqual(Buffer.from([0x1a, 0x45, 0xdf, 0xa3]))
})

test('recorded and repeated, each run keeps its trace; the one to look at did not pass', async () => {
  const { folder, words } = await aWalk()
  await writeFile(
    join(folder, 'walk.journey.ts'),
    WALK.replace('export default', 'let runs = 0\nexport default').replace(
      "await step('look",
      "await step('be lucky', () => { if (++runs === 2) throw new Error('no luck') })\n  await step('look",
    ),
  )
  const { code, stderr } = await runFirewatch([...words, '--trace', '--repeat', '3'], { folder })
  expect(code).toBe(1)
  for (const run of ['run-1', 'run-2', 'run-3'])
    expect(existsSync(join(folder, LAST_RUN, run, 'trace.zip'))).toBe(true)
  expect(stderr).toContain(`1/3 passed  files: ${LAST_RUN}/run-1\n`)
  expect(stderr).toContain(`npx firewatch show-trace ${LAST_RUN}/run-2/trace.zip\n`)
})

test.skipIf(process.platform !== 'linux')(
  'where there is no encoder, a line says why there is no video',
  async () => {
    const { folder, words } = await aWalk()
    const chromium = await findChromium(process.env)
    if ('missing' in chromium) throw new Error(chromium.missing)
    // Only what a browser's own start script may need.
    const bin = join(folder, 'bin')
    await mkdir(bin)
    for (const path of (process.env.PATH ?? '').split(delimiter))
      for (const name of existsSync(path) ? await readdir(path) : [])
        if (!name.includes('ffmpeg'))
          await symlink(join(path, name), join(bin, name)).catch(() => undefined)
    const { code, stdout } = await runFirewatch([...words, '--video'], {
      folder,
      environment: { PATH: bin, HOME: folder, FIREWATCH_CHROMIUM: chromium.path },
    })
    expect(code).toBe(0)
    expect(stdout).toContain('no video.webm: there is no ffmpeg')
  },
)

test('a journey that Ctrl-C ends says so once', async () => {
  const { page, folder, words } = await aWalk()
  await writeFile(
    join(folder, 'walk.journey.ts'),
    WALK.replace("page.locator('body').click()", "page.locator('#never').click()"),
  )
  const command = startFirewatch(words, { folder })
  await until('the browser asks for the page', () => page.requests.length > 0, {
    withinMs: 20_000,
  })
  command.process.kill('SIGINT')
  expect(await command.exited).toBe(130)
  expect(command.stdout().match(/the probe stopped/g)).toHaveLength(1)
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
  'a file of Playwright Test with a window on a real display',
  async () => {
    const { page, folder } = await aWalk()
    await writeFile(
      join(folder, 'walk.spec.ts'),
      `import { expect, test } from '@playwright/test'
      test('walks', async ({ page }) => {
        await page.goto('/')
        expect(await page.evaluate(() => navigator.userAgent)).not.toContain('Headless')
      })`,
    )
    const words = ['run', 'walk.spec.ts', '--url', page.url, '--headed']
    const environment = await startDisplay()
    const { code, stdout } = await runFirewatch(words, { folder, environment })
    expect(stdout).toContain('✓ passed  walk')
    expect(code).toBe(0)
  },
)

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
