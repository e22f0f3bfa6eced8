import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { type JourneySite, startJourneySite } from '../../../support/journey-site.ts'
import { listProcesses } from '../../../support/processes.ts'
import { tempFolder } from '../../../support/temp-folder.ts'
import { until } from '../../../support/until.ts'

const MIB = 1024 ** 2

let bench: JourneyBench
let site: JourneySite

beforeAll(async () => {
  site = await startJourneySite()
  bench = await createJourneyBench({
    limits: {
      memoryBytesMax: 600 * MIB,
      tempBytesMax: 100 * MIB,
      tempFilesMax: 500,
      restMemoryBytesMax: 350 * MIB,
      runsMax: 5,
    },
  })
})

afterAll(async () => {
  await bench.stop()
  await site.stop()
})

const hosts = () =>
  listProcesses().filter(
    ({ command, parent }) => parent === process.pid && command.includes('host-process'),
  )

/** Takes memory until somebody ends it. */
const GROW = `const all = []
  for (;;) {
    all.push(new Uint8Array(16e6).fill(1))
    await new Promise((resolve) => setTimeout(resolve, 5))
  }`

test.each([
  {
    who: 'a page',
    body: `await step('grow', () => page.evaluate(async () => { ${GROW} }))`,
    type: 'journey.page_crashed',
    // The second where the kernel was faster than the look at what is used.
    says: /^the page took too much memory in step "grow": (\d+ MiB together, more than|it wanted more than) the 600 MiB/,
  },
  {
    who: 'a journey',
    body: `await step('grow', async () => { ${GROW} })`,
    type: 'probe.out_of_resources',
    says: /^the journey's own code took too much memory in step "grow"/,
  },
])('$who that takes too much memory is ended', async ({ body, type, says }) => {
  const run = await bench.tryOut(body)
  expect(run.error).toMatchObject({ type, message: expect.stringMatching(says) })
  expect(run.steps).toMatchObject([{ name: 'grow', status: 'failed' }])
  // Long before its deadline.
  expect(run.durationMs).toBeLessThan(9_000)
  expect((await bench.tryOut('')).error).toBeUndefined()
})

test('a download that the journey waits for is there to be looked into', async () => {
  const run = await bench.tryOut(
    `await page.goto(target + '/files')
     const coming = page.waitForEvent('download')
     await page.getByText('a file').click()
     const { readFile } = await import('node:fs/promises')
     log(await readFile(await (await coming).path(), 'utf8'))`,
    { url: site.url },
  )
  expect(run).toMatchObject({ error: undefined, log: ['what was asked for'] })
})

test('a download that nobody waits for is cancelled', async () => {
  const run = await bench.tryOut(
    `await page.goto(target + '/files')
     await page.getByText('an endless file').click()
     await page.waitForTimeout(1_000)`,
    { url: site.url },
  )
  expect(run).toMatchObject({
    error: undefined,
    log: [expect.stringMatching(/^a download that .* was cancelled: http.*\/endless-file$/)],
  })
})

test.each([
  {
    what: 'too large files',
    body: `const coming = page.waitForEvent('download')
      await page.goto(target + '/files')
      await page.getByText('an endless file').click()
      await step('fetch', async () => (await coming).path())`,
    says: /^the run wrote too much into temporary files in step "fetch": .* [MG]iB, more than the 100 MiB/,
  },
  {
    what: 'too many files',
    body: `const { mkdtempSync, writeFileSync } = await import('node:fs')
      const { tmpdir } = await import('node:os')
      const folder = mkdtempSync(tmpdir() + '/many-')
      await step('write', async () => {
        for (let n = 0; ; n++) {
          writeFileSync(folder + '/' + n, '')
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      })`,
    says: /^the run made too many temporary files in step "write": more than 500$/,
  },
])('a journey that makes $what is ended', async ({ body, says }) => {
  const run = await bench.tryOut(body, { url: site.url })
  expect(run.error).toMatchObject({
    type: 'probe.out_of_resources',
    message: expect.stringMatching(says),
  })
  expect(run.durationMs).toBeLessThan(9_000)
})

test('a host that holds much memory after its run, or did enough of them, is replaced', async () => {
  const pidOf = async (body = '') => {
    const run = await bench.tryOut(`log(String(process.pid)); ${body}`)
    expect(run.error).toBeUndefined()
    return Number(run.log[0])
  }
  const first = await pidOf()
  expect(await pidOf('globalThis.kept = new Uint8Array(250e6).fill(1)')).toBe(first)
  const second = await pidOf()
  expect(second).not.toBe(first)
  for (let runs = 2; runs <= 5; runs++) expect(await pidOf()).toBe(second)
  expect(await pidOf()).not.toBe(second)
  await until('one host is left', () => hosts().length === 1)
})

test('a check that wants it gets a browser of its own for each run', async () => {
  const pids = new Set<string>()
  for (let run = 0; run < 3; run++) {
    const {
      log,
      error,
      wallMs,
      durationMs = Infinity,
    } = await bench.tryOut('log(String(process.pid))', { recycle: 'every-run' })
    expect(error).toBeUndefined()
    // Starting it is no part of the journey's time.
    expect(durationMs).toBeLessThan(wallMs / 2)
    pids.add(log[0] ?? '')
  }
  expect(pids.size).toBe(3)
})

test('a daemon that left its parent, its group and its session ends with its host', async () => {
  const pidFile = join(await tempFolder(), 'pid')
  const run = await bench.tryOut(
    `const { execFileSync } = await import('node:child_process')
     const { readFileSync, existsSync } = await import('node:fs')
     const file = ${JSON.stringify(pidFile)}
     const daemon = 'echo $$ > ' + file + '.new; mv ' + file + '.new ' + file + '; exec sleep 96400'
     execFileSync('sh', ['-c', '(setsid setsid sh -c "$0" >/dev/null 2>&1 &) &', daemon], { stdio: 'ignore' })
     while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5))
     process.kill(Number(readFileSync(file, 'utf8')), 0)
     process.exit(1)`,
  )
  expect(run.error).toMatchObject({ type: 'journey.script' })
  // Written by the daemon itself, once it had left: there was something to end.
  const pid = Number(await readFile(pidFile, 'utf8'))
  expect(pid).toBeGreaterThan(1)
  await until('the daemon is gone', () => listProcesses().every((entry) => entry.pid !== pid), {
    withinMs: 1_000,
  })
})
