import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  createJourneyBench,
  type JourneyBench,
  type JourneyRun,
} from '../../../support/journey-bench.ts'
import { type JourneySite, startJourneySite } from '../../../support/journey-site.ts'
import { listProcesses } from '../../../support/processes.ts'
import { until } from '../../../support/until.ts'

let site: JourneySite
let bench: JourneyBench

beforeAll(async () => {
  site = await startJourneySite()
  bench = await createJourneyBench()
})

afterAll(async () => {
  await bench.stop()
  await site.stop()
  expect(hostFolders()).toEqual([])
})

const hostFolders = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`firewatch-host-${process.pid}-`))

const hostProcesses = () =>
  listProcesses().filter(
    ({ command, parent }) => parent === process.pid && command.includes('host-process'),
  )

/** By the profile's folder on its command line, which has the supervisor's pid. */
const browserProcesses = (supervisor = process.pid) =>
  listProcesses().filter(({ command }) => command.includes(`firewatch-host-${supervisor}-`))

/** The run after: whatever the one before did, this one is not touched by it. */
async function expectNextRunGreen(): Promise<void> {
  const next = await bench.tryOut(
    `await step('open', () => page.goto(target))
     await expect(page.getByText('Lamp shop')).toBeVisible()`,
    { url: site.url },
  )
  expect(next.error).toBeUndefined()
}

/** Resolves when the journey is in its second step. */
async function aRunThatWaits(signal?: AbortSignal): Promise<{ running: Promise<JourneyRun> }> {
  const path = `/${randomUUID()}`
  const running = bench.tryOut(
    `await step('open', () => page.goto(target))
     await step('wait', () => page.goto(target + '/hang', { waitUntil: 'commit' }))`,
    { url: site.url + path, ...(signal ? { signal } : {}) },
  )
  await until('the journey waits', () => site.requests.includes(`GET ${path}/hang`))
  return { running }
}

const PICTURE_TRIES_MAX = 4

// Exactly one host with its browser is left after each, however many were killed.
afterEach(async () => {
  await expectNextRunGreen()
  await until('one host, one browser and one folder are left', () => {
    const browsers = new Set(browserProcesses().map((entry) => entry.group))
    return hostProcesses().length === 1 && browsers.size === 1 && hostFolders().length === 1
  })
})

test.each([
  {
    why: 'a journey in an endless loop',
    body: `await step('spin', () => { for (;;); })`,
    error: {
      type: 'journey.script',
      message: expect.stringMatching(
        /^step "spin" did not finish within 1 s: .* had to be killed$/,
      ),
    },
    steps: [{ name: 'spin', status: 'failed' }],
    pictures: 0,
  },
  {
    why: 'a page that never answers',
    body: `await step('open', () => page.goto(target + '/hang'))`,
    error: {
      type: 'timeout',
      message: expect.stringMatching(
        /^step "open" did not finish within 1 s: navigating to "http:.*hang"/,
      ),
    },
    steps: [{ name: 'open', status: 'failed' }],
    pictures: 1,
  },
  {
    why: 'an element that never comes, on an error page',
    body: `await page.goto(target + '/502'); await step('pay', () => page.getByText('Pay').click())`,
    error: {
      type: 'timeout',
      message: expect.stringMatching(
        /^HTTP 502 from http.*\/502; then: step "pay" did not finish.*: waiting for getByText\('Pay'\)$/,
      ),
    },
    steps: [{ name: 'pay', status: 'failed' }],
    pictures: 1,
  },
  {
    why: 'a page in an endless loop',
    body: `await page.goto(target + '/busy')
           await page.waitForTimeout(100)
           await step('read', () => page.evaluate(() => document.title))`,
    error: {
      type: 'timeout',
      message: expect.stringMatching(/^step "read" did not finish/),
    },
    steps: [{ name: 'read', status: 'failed' }],
    pictures: 0,
  },
  {
    why: 'code that goes on after the deadline',
    body: `await step('wait', async () => {
             for (;;) await new Promise((resolve) => setTimeout(resolve, 10))
           })`,
    error: { type: 'timeout', message: 'step "wait" did not finish within 1 s' },
    steps: [{ name: 'wait', status: 'failed' }],
    pictures: 1,
  },
])('$why is ended at its deadline', async ({ body, error, steps, pictures }) => {
  const tryIt = () => bench.tryOut(body, { url: site.url, timeoutMs: 1_000 })
  let run = await tryIt()
  // The picture has half a second: where a busy machine does not make it, one of the next runs has it.
  for (let tries = 1; run.artifacts.length < pictures && tries < PICTURE_TRIES_MAX; tries++)
    run = await tryIt()

  expect(run.error).toMatchObject(error)
  expect(run.steps).toMatchObject(steps)
  expect(run.artifacts).toHaveLength(pictures)
  // Between is what a host needs to start on a busy machine.
  expect(run.wallMs).toBeLessThan(10_000)
  expect(run.durationMs).toBeGreaterThanOrEqual(990)
  expect(run.durationMs).toBeLessThan(1_300)
})

test('a journey that ends its process has itself to blame', async () => {
  const run = await bench.tryOut(`await step('leave', () => process.exit(0))`)
  expect(run.error).toMatchObject({
    type: 'journey.script',
    message: expect.stringContaining('in step "leave" (exit code 0)'),
  })
  expect(run.steps).toMatchObject([{ name: 'leave', status: 'failed' }])
})

test('a journey’s file that ends the process while it loads has itself to blame', async () => {
  const script = await bench.write('shop/exit.journey.ts', 'process.exit(3)')
  expect((await bench.run(script)).error).toMatchObject({ type: 'journey.script' })
})

test('an exception after the end harms no run', async () => {
  const run = await bench.tryOut(`setTimeout(() => { throw new Error('late') }, 50)`)
  expect(run.error).toBeUndefined()
  await bench.tryOut('await page.waitForTimeout(100)')
})

test('a browser killed in the middle of a run is the probe’s fault', async () => {
  const { running } = await aRunThatWaits()
  for (const { pid } of browserProcesses()) process.kill(pid, 'SIGKILL')

  const run = await running
  expect(run.error).toMatchObject({
    type: 'probe.browser_crashed',
    message: expect.stringMatching(/^the browser ended/),
  })
  expect(run.steps).toMatchObject([{ name: 'open' }, { name: 'wait', status: 'failed' }])
})

test('a host killed in the middle of a run is the probe’s fault', async () => {
  const { running } = await aRunThatWaits()
  const [host] = hostProcesses()
  process.kill(host?.pid ?? Number.NaN, 'SIGKILL')

  const run = await running
  expect(run.error).toMatchObject({ type: 'probe.host_crashed' })
  expect(run.steps).toMatchObject([{ name: 'open' }, { name: 'wait', status: 'failed' }])
})

test('a page that crashes is the target’s fault', async () => {
  const run = await bench.tryOut(`await step('open', () => page.goto('chrome://crash'))`)
  expect(run.error).toMatchObject({
    type: 'journey.page_crashed',
    message: expect.stringMatching(/^the page crashed; /),
  })
  expect(run.steps).toMatchObject([{ name: 'open', status: 'failed' }])
})

test('a process that a journey starts, in a group of its own, ends with its host', async () => {
  // A number of seconds that no other process sleeps for.
  const seconds = `${86_400 + process.pid}`
  const run = await bench.tryOut(
    `const { spawn } = await import('node:child_process')
     spawn('sleep', ['${seconds}'], { detached: true, stdio: 'ignore' })
     log('sleeps')
     for (;;);`,
    { timeoutMs: 500 },
  )
  expect(run).toMatchObject({ error: { type: 'journey.script' }, log: ['sleeps'] })
  await until(
    'the sleeper is gone',
    () => !listProcesses().some(({ command }) => command === `sleep ${seconds}`),
  )
})

test('a journey cannot forge its verdict over the channel', async () => {
  const run = await bench.tryOut(
    `process.send?.({ kind: 'finished', runId: 'x', durationMs: 1 })
     log(typeof process.send)
     throw new Error('the truth')`,
  )
  expect(run.error).toMatchObject({ message: expect.stringContaining('the truth') })
  expect(run.log).toEqual(['undefined'])
})

test('a run is given up when the probe stops, and not because a time limit passed', async () => {
  const stop = new AbortController()
  const { running } = await aRunThatWaits(stop.signal)
  stop.abort()
  expect((await running).error).toMatchObject({ type: 'probe.interrupted' })

  const late = await bench.tryOut('await page.waitForTimeout(300)', {
    signal: AbortSignal.timeout(100),
  })
  expect(late.error).toBeUndefined()
})
