import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Step } from '../../../../src/protocol/run.ts'
import { type DocsSite, startDocsSite } from '../../../support/docs-site.ts'
import { findSecret } from '../../../support/find-secret.ts'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'
import { listProcesses } from '../../../support/processes.ts'
import { until } from '../../../support/until.ts'
import { hasVideoEncoder } from '../../../support/video-encoder.ts'

let bench: JourneyBench
let site: DocsSite
const ends: (() => Promise<void>)[] = []

/** Each run starts Node, a worker and a browser; on a busy machine that alone takes seconds. */
const RUN = { timeout: 90_000 }
const timeoutMs = 60_000

beforeAll(async () => {
  bench = await createJourneyBench({
    isCold: true,
    environment: { ...process.env, FIREWATCH_TOKEN: 'of the probe', SHOP_KEY: 'of another check' },
  })
  site = await startDocsSite((stop) => void ends.push(stop))
  await bench.write(
    'account/playwright.config.ts',
    `import { defineConfig, devices } from '@playwright/test'
    export default defineConfig({
      testDir: './tests', retries: 2, workers: 4, fullyParallel: true, reporter: 'html',
      outputDir: './results',
      webServer: { command: 'exit 1', url: 'http://127.0.0.1:1' },
      use: { baseURL: 'http://127.0.0.1:1', locale: 'fr-FR', trace: 'on', video: 'on', screenshot: 'on' },
      projects: [
        { name: 'setup', testMatch: /.*\\.setup\\.ts/ },
        {
          name: 'chromium',
          use: { ...devices['Desktop Chrome'], channel: 'chrome', storageState: 'playwright/.auth/user.json', colorScheme: 'dark' },
          dependencies: ['setup'],
        },
        { name: 'firefox', use: { ...devices['Desktop Firefox'] }, dependencies: ['setup'] },
      ],
    })`,
  )
  await bench.write(
    'account/tests/auth.setup.ts',
    `import { expect, test as setup } from '@playwright/test'
    import path from 'path'
    const authFile = path.join(__dirname, '../playwright/.auth/user.json')
    setup('authenticate', async ({ page }) => {
      await page.goto('/login')
      await page.getByLabel('Username').fill('ada')
      await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD!)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await expect(page.getByRole('heading')).toHaveText('Welcome, Ada')
      await page.context().storageState({ path: authFile })
    })`,
  )
  await bench.write(
    'account/tests/account.spec.ts',
    `import { expect, test } from '@playwright/test'
    test('shows the account', async ({ page, locale, colorScheme }) => {
      await page.goto('/account')
      await expect(page.getByRole('heading')).toHaveText('Welcome, Ada')
      expect(await page.evaluate(() => navigator.language)).toBe('de-DE')
      expect([locale, colorScheme]).toEqual(['de-DE', 'dark'])
    })
    test('fails once', async ({ page }) => {
      await page.goto('/account?fails')
      expect(1).toBe(2)
    })`,
  )
})

afterAll(async () => {
  await bench.stop()
  for (const end of ends) await end()
  expect(hostFolders()).toEqual([])
})

const hostFolders = () =>
  readdirSync(tmpdir()).filter((name) => name.startsWith(`firewatch-host-${process.pid}-`))

const processesOfRuns = () =>
  listProcesses().filter(({ command }) => command.includes(`firewatch-host-${process.pid}-`))

const outline = (steps: readonly Step[]) => steps.map(({ name, status }) => `${status} ${name}`)

const known = { SHOP_PASSWORD: 'lamp-secret-7' }
const secrets = ['SHOP_PASSWORD']

test(
  'a config is honoured: its projects with what they depend on, and their storage state; the check and the probe stand above it',
  RUN,
  async () => {
    site.requests.length = 0
    const run = await bench.run('account/tests/account.spec.ts', {
      url: site.url,
      timeoutMs,
      known,
      secrets,
      projects: ['chromium'],
      browser: { locale: 'de-DE' },
    })

    expect(outline(run.steps)).toEqual([
      'passed [setup] authenticate',
      'passed [chromium] shows the account',
      'failed [chromium] fails once',
    ])
    // Retries are off, and a failed login would have been another request.
    expect(site.requests.filter((request) => request === 'GET /account?fails')).toHaveLength(1)
    expect(run.log).toContainEqual(expect.stringMatching(/webServer .* was not started/))
    const account = join(bench.folder, 'probes/account')
    expect(readdirSync(account).toSorted()).toEqual(['playwright', 'playwright.config.ts', 'tests'])
  },
)

test(
  'all projects run where the check names none, and one whose engine is missing says what to do',
  RUN,
  async () => {
    const run = await bench.run('account/tests/account.spec.ts', {
      url: site.url,
      timeoutMs,
      known,
      secrets,
      browser: { locale: 'de-DE' },
    })

    expect(outline(run.steps)).toEqual([
      'passed [setup] authenticate',
      'passed [chromium] shows the account',
      'failed [chromium] fails once',
      'failed [firefox] shows the account',
      'failed [firefox] fails once',
    ])
    expect(run.steps[3]?.error).toMatch(
      /^this probe has no firefox, which the project asks for: choose another by "project: chromium"/,
    )
  },
)

test(
  "a file sees the check's secrets and params and nothing of the probe, and shows no secret",
  RUN,
  async () => {
    const script = await bench.write(
      'env/env.spec.ts',
      `import { expect, test } from '@playwright/test'
      test('looks around', async ({}, testInfo) => {
        console.log(Object.keys(process.env).join(' '))
        console.log('the password is ' + process.env.SHOP_PASSWORD)
        await test.step('with ' + process.env.SHOP_PASSWORD, async () => {})
        await require('fs').promises.writeFile(testInfo.outputPath('kept.txt'), 'x')
        expect(process.env.PRODUCT + process.env.SHOP_PASSWORD).toBe('lamp')
      })`,
    )
    const run = await bench.run(script, {
      timeoutMs,
      known: { ...known, SHOP_KEY: 'other' },
      secrets,
      params: { PRODUCT: 'lamp', quantity: 2 },
    })

    const names = run.log[0]?.split(' ') ?? []
    expect(names).toEqual(expect.arrayContaining(['SHOP_PASSWORD', 'PRODUCT', 'quantity', 'PATH']))
    expect(names.filter((name) => /FIREWATCH|SHOP_KEY|VITEST/.test(name))).toEqual([])
    expect(run.log[1]).toBe('the password is [secret SHOP_PASSWORD]')
    expect(run.steps[0]?.name).toBe('with [secret SHOP_PASSWORD]')
    expect(run.error?.message).toContain('Received: "lamp[secret SHOP_PASSWORD]"')
    expect(JSON.stringify(run)).not.toContain(known.SHOP_PASSWORD)
  },
)

test(
  'a request that must never be made leaves neither a page nor the request fixture, by no redirect, and fails the run',
  RUN,
  async () => {
    const script = await bench.write(
      'order/order.spec.ts',
      `import { expect, test } from '@playwright/test'
      const click = (page, name) => Promise.all([
        page.waitForEvent('requestfailed'),
        page.getByRole('button', { name }).first().click(),
      ])
      const ways = {
        'a form': ({ page }) => click(page, 'Place order'),
        'a redirect': ({ page }) => click(page, 'elsewhere'),
        'a fetch behind a route of the test': async ({ page }) => {
          await page.route('**/orders', (route) => route.continue())
          await page.evaluate(() => fetch('/orders', { method: 'POST' }))
        },
        'the request fixture': ({ request }) => request.post('/orders'),
        'a redirect of the request fixture': ({ request }) => request.post('/moved'),
        'requests of the page': ({ page }) => page.request.post('/orders'),
        'a context of its own': async ({ playwright, baseURL }) => {
          const own = await playwright.request.newContext({ baseURL })
          await own.post('/orders')
        },
        'a browser context of its own': async ({ browser, baseURL }) => {
          const page = await (await browser.newContext({ baseURL })).newPage()
          await page.goto('/order')
          await click(page, 'elsewhere')
        },
      }
      for (const [name, go] of Object.entries(ways))
        test(name, async ({ page, request, playwright, browser, baseURL }) => {
          await page.goto('/order')
          await go({ page, request, playwright, browser, baseURL }).catch(() => undefined)
        })`,
    )
    site.requests.length = 0
    const run = await bench.run(script, { url: site.url, timeoutMs, never: ['POST **/orders'] })

    expect(run.error).toMatchObject({
      type: 'journey.forbidden_request',
      message: expect.stringMatching(/tried POST \S+\/orders, .*; the request was blocked$/),
    })
    expect(run.steps.map(({ status }) => status)).toEqual(Array(8).fill('passed'))
    expect(site.requests.filter((request) => request.endsWith('/orders'))).toEqual([])
    // A form, the request fixture, and a page of another context were sent on from there.
    expect(site.requests.filter((request) => request === 'POST /moved')).toHaveLength(3)
  },
)

test(
  'at the deadline the open step and its action are named, with a picture, and nothing is left behind',
  RUN,
  async () => {
    const script = await bench.write(
      'slow/slow.spec.ts',
      `import { test } from '@playwright/test'
      test.setTimeout(600_000)
      test('waits', async ({ page }) => {
        await test.step('open the shop', () => page.goto('/'))
        await test.step('find the lamp', () => page.getByText('Lamp').click())
      })`,
    )
    const run = await bench.run(script, { url: site.url, timeoutMs: 2_000 })

    expect(run.error?.type).toBe('timeout')
    expect(run.error?.message).toMatch(
      /^step "find the lamp" did not finish.*: Click.* at slow\/slow\.spec\.ts:5:\d+$/,
    )
    expect(outline(run.steps)).toEqual(['passed open the shop', 'failed find the lamp'])
    expect(run.artifacts).toMatchObject([{ name: 'screenshot.png', step: 'find the lamp' }])
    expect(run.durationMs).toBeLessThanOrEqual(2_000)
    await until('no process is left', () => processesOfRuns().length === 0)
    expect(hostFolders()).toEqual([])
  },
)

test(
  'a test file that failed is recorded: of the context in which it failed, without secrets',
  RUN,
  async () => {
    const script = await bench.write(
      'order/recorded.spec.ts',
      `import { expect, test } from '@playwright/test'
      test('fine', async ({ page }) => { await page.goto('/') })
      test('signs in', async ({ page }) => {
        await page.goto('/login')
        await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD!)
        await page.evaluate(() => console.warn('lamps are low'))
        await test.step('see the lamp', () => expect(page.getByText('Lamp')).toBeVisible({ timeout: 100 }))
      })
      test('another', async ({ page }) => { await page.goto('/todo') })`,
    )
    const { recording, files } = await bench.recordScript(script, {
      url: site.url,
      timeoutMs,
      known,
      secrets,
    })

    expect(recording).toMatchObject({ verdict: 'failed', error: { type: 'journey.step' } })
    expect(recording.notes).toEqual(hasVideoEncoder ? [] : [expect.stringContaining('no ffmpeg')])
    expect([...files.keys()].toSorted()).toEqual([
      'console.txt',
      'network.har',
      'page.html',
      'recording.json',
      'trace.zip',
      ...(hasVideoEncoder ? ['video.webm'] : []),
    ])
    const har = files.get('network.har')?.toString() ?? ''
    expect(har).toContain('/login')
    expect(har).not.toContain('/todo')
    expect(files.get('console.txt')?.toString()).toContain('warning: lamps are low')
    for (const [name, content] of files)
      expect(findSecret(known.SHOP_PASSWORD, name, content)).toEqual([])
  },
)

test(
  'a global set-up with a browser, ES modules, and a Playwright of its own beside the files: all use the one of the probe',
  RUN,
  async () => {
    await bench.write('modern/package.json', '{ "type": "module" }')
    await bench.write(
      'modern/node_modules/@playwright/test/index.js',
      "throw new Error('a second copy was loaded')",
    )
    await bench.write(
      'modern/playwright.config.ts',
      `import { defineConfig } from '@playwright/test'
      export default defineConfig({ globalSetup: './global-setup.ts', use: { storageState: 'state.json' } })`,
    )
    await bench.write(
      'modern/global-setup.ts',
      `import { chromium, type FullConfig } from '@playwright/test'
      export default async function globalSetup(config: FullConfig) {
        const { baseURL, storageState } = config.projects[0]!.use
        const browser = await chromium.launch({ channel: 'chrome' })
        const page = await browser.newPage({ baseURL })
        await page.goto('/login')
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.context().storageState({ path: storageState as string })
        await browser.close()
      }`,
    )
    const script = await bench.write(
      'modern/account.test.mts',
      `import { expect, test } from '@playwright/test'
      test('is signed in', async ({ page }) => {
        await page.goto('/account')
        await expect(page.getByRole('heading')).toHaveText('Welcome, Ada')
      })`,
    )
    const run = await bench.run(script, { url: site.url, timeoutMs })

    expect(run.error).toBeUndefined()
    expect(outline(run.steps)).toEqual(['passed is signed in'])
  },
)

test('a worker that is busy for good is ended in time', RUN, async () => {
  const script = await bench.write(
    'slow/busy.spec.ts',
    `import { test } from '@playwright/test'
    test('computes', async ({ page }) => {
      await page.goto('/')
      await test.step('count', () => { for (;;); })
    })`,
  )
  const run = await bench.run(script, { url: site.url, timeoutMs: 1_500 })

  expect(run.error).toMatchObject({
    type: 'timeout',
    message: expect.stringMatching(/^step "count"/),
  })
  await until('no process is left', () => processesOfRuns().length === 0)
})

test('a file that ends its own process fails, and says so', RUN, async () => {
  const script = await bench.write(
    'slow/exits.spec.ts',
    `import { test } from '@playwright/test'
    test('leaves', async () => { process.exit(0) })`,
  )
  const run = await bench.run(script, { timeoutMs })

  expect(run.error).toMatchObject({
    type: 'journey.script',
    message: expect.stringContaining('worker process exited unexpectedly (code=0'),
  })
})

test("a browser that ends is the probe's fault, a page that crashes is not", RUN, async () => {
  const script = await bench.write(
    'slow/crash.spec.ts',
    `import { test } from '@playwright/test'
    test('breaks it', async ({ page, browser }) => {
      await page.goto('/')
      if (process.env.WHAT === 'page') return void (await page.goto('chrome://crash'))
      const session = await browser.newBrowserCDPSession()
      session.send('Browser.crash').catch(() => undefined)
      await page.getByText('never').click()
    })`,
  )
  const options = { url: site.url, timeoutMs }
  const browser = await bench.run(script, { ...options, params: { WHAT: 'browser' } })
  const page = await bench.run(script, { ...options, params: { WHAT: 'page' } })

  expect(browser.error).toMatchObject({
    type: 'probe.browser_crashed',
    message: 'Chromium ended before the test file did',
  })
  expect(page.error?.type).toBe('journey.page_crashed')
})

test('a probe that stops ends a run at once, with all of its processes', RUN, async () => {
  const script = await bench.write(
    'slow/stopped.spec.ts',
    `import { test } from '@playwright/test'
    test('waits', async ({ page }) => { await page.goto('/hang?stopped') })`,
  )
  const stopping = new AbortController()
  const running = bench.run(script, { url: site.url, timeoutMs, signal: stopping.signal })
  await until('the test waits', () => site.requests.includes('GET /hang?stopped'), {
    withinMs: 60_000,
  })
  stopping.abort()

  expect((await running).error?.type).toBe('probe.interrupted')
  await until('no process is left', () => processesOfRuns().length === 0)
  expect(hostFolders()).toEqual([])
})

test('a project that is not there, and a file that no project runs, are said', RUN, async () => {
  const options = { timeoutMs, known, secrets }
  const run = await bench.run('account/tests/account.spec.ts', { ...options, projects: ['chrome'] })
  expect(run.error?.message).toMatch(/account\.spec\.ts:1:1: Project\(s\) "chrome" not found/)

  const script = await bench.write(
    'account/elsewhere/lost.spec.ts',
    `import { test } from '@playwright/test'\ntest('x', () => {})`,
  )
  const lost = await bench.run(script, { ...options, projects: ['chromium'] })
  expect(lost.error?.message).toMatch(
    /no project of account\/playwright\.config\.ts has a test in this file/,
  )
  expect(existsSync(join(bench.folder, 'probes/account/playwright-report'))).toBe(false)
})

test('a test goes through the proxy of the check, by its slower line', RUN, async () => {
  const script = await bench.write(
    'line/line.spec.ts',
    `import { expect, test } from '@playwright/test'
    test('looks around', async ({ page }) => {
      await test.step('open', () => page.goto('http://shop.invalid/todo'))
      await expect(page.getByRole('heading')).toHaveText('todos')
    })`,
  )
  const { origin } = new URL(site.url)
  const through = async (network?: { latencyMs: number }) => {
    const run = await bench.run(script, {
      timeoutMs,
      browser: { proxy: { url: origin }, ...(network && { network }) },
    })
    expect(run.error).toBeUndefined()
    return run.steps.find(({ name }) => name === 'open')?.ms ?? 0
  }
  site.requests.length = 0
  const usual = await through()
  expect(site.requests).toContain('GET http://shop.invalid/todo')
  expect((await through({ latencyMs: 900 })) - usual).toBeGreaterThan(500)
})
