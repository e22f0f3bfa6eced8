import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Step } from '../../../../src/protocol/run.ts'
import { type DocsSite, startDocsSite } from '../../../support/docs-site.ts'
import { createJourneyBench, type JourneyBench } from '../../../support/journey-bench.ts'

/** Files as Playwright's documentation writes them, which nobody has changed for us. */

let bench: JourneyBench
let site: DocsSite
const ends: (() => Promise<void>)[] = []

/** Each run starts Node, a worker and a browser; on a busy machine that alone takes seconds. */
const RUN_MS = 90_000
const timeoutMs = 60_000

beforeAll(async () => {
  bench = await createJourneyBench({ isCold: true })
  site = await startDocsSite((stop) => void ends.push(stop))
})

afterAll(async () => {
  await bench.stop()
  for (const end of ends) await end()
})

const outline = (steps: readonly Step[]) =>
  steps.map(({ name, status, parent }) => `${parent === undefined ? '' : '  '}${status} ${name}`)

test('todo list, mocked API, upload, iframe, dialogs, new pages: each test is a step, with its steps inside', {
  timeout: RUN_MS,
}, async () => {
  await bench.write(
    'docs/todo-page.ts',
    `import type { Locator, Page } from '@playwright/test'

      export class TodoPage {
        private readonly inputBox: Locator
        constructor(public readonly page: Page) {
          this.inputBox = this.page.getByPlaceholder('What needs to be done?')
        }
        async goto() { await this.page.goto('/todo') }
        async addToDo(text: string) {
          await this.inputBox.fill(text)
          await this.inputBox.press('Enter')
        }
      }`,
  )
  const script = await bench.write(
    'docs/docs.spec.ts',
    `import { test as base, expect } from '@playwright/test'
      import { TodoPage } from './todo-page'

      const test = base.extend<{ todoPage: TodoPage }>({
        todoPage: async ({ page }, use) => {
          const todoPage = new TodoPage(page)
          await todoPage.goto()
          await use(todoPage)
        },
      })

      test.describe('todo list', () => {
        const TODO_ITEMS = ['buy some cheese', 'feed the cat']
        test.beforeEach(async ({ todoPage }) => {
          for (const item of TODO_ITEMS) await todoPage.addToDo(item)
        })
        test('should allow me to add todo items', async ({ page }) => {
          await test.step('both are listed', async () => {
            await expect(page.getByTestId('todo-title')).toHaveText(TODO_ITEMS)
            await test.step('and counted', () => expect(page.getByTestId('todo-count')).toHaveText('2 items left'))
          })
        })
        test('should allow me to mark items as complete', async ({ page }) => {
          const first = page.getByTestId('todo-item').nth(0)
          await first.getByRole('checkbox').check()
          await expect(first).toHaveClass('completed')
          await expect(page.getByTestId('todo-count')).toHaveText('1 item left')
        })
      })

      test('mocks a fruit and does not call api', async ({ page }) => {
        await page.route('*/**/api/v1/fruits', async (route) => {
          await route.fulfill({ json: [{ name: 'Strawberry', id: 21 }] })
        })
        await page.goto('/fruits')
        await expect(page.getByText('Strawberry')).toBeVisible()
      })

      test('gets the json from api and adds a new fruit', async ({ page }) => {
        await page.route('*/**/api/v1/fruits', async (route) => {
          const response = await route.fetch()
          const json = await response.json()
          json.push({ name: 'Loquat', id: 100 })
          await route.fulfill({ response, json })
        })
        await page.goto('/fruits')
        await expect(page.getByRole('listitem')).toHaveText(['Banana', 'Loquat'])
      })

      test('uploads a file', async ({ page }) => {
        await page.goto('/upload')
        await page.getByLabel('Upload file').setInputFiles({
          name: 'file.txt', mimeType: 'text/plain', buffer: Buffer.from('this is test'),
        })
        await expect(page.locator('output')).toHaveText('file.txt: this is test')
      })

      test('fills a form in a frame', async ({ page }) => {
        await page.goto('/frame')
        const username = page.frameLocator('.frame-class').getByLabel('User Name')
        await username.fill('John')
        await expect(username).toHaveValue('John')
      })

      test('accepts dialogs', async ({ page }) => {
        await page.goto('/dialogs')
        page.once('dialog', (dialog) => dialog.accept())
        await page.getByRole('button', { name: 'Delete' }).click()
        await expect(page.getByRole('button').first()).toHaveText('deleted')
        page.once('dialog', (dialog) => dialog.accept('Ada'))
        await page.getByRole('button', { name: 'Rename' }).click()
        await expect(page.getByRole('button').last()).toHaveText('Ada')
      })

      test('handles new pages', async ({ page, context }) => {
        await page.goto('/links')
        const pagePromise = context.waitForEvent('page')
        await page.getByText('open new tab').click()
        const newPage = await pagePromise
        await expect(newPage.getByRole('heading')).toHaveText('todos')
        const third = await context.newPage()
        await third.goto('/')
        await expect(third).toHaveTitle('Home')
      })

      test('asks the API', async ({ request }) => {
        const response = await request.get('/api/v1/fruits')
        await expect(response).toBeOK()
        expect(await response.json()).toContainEqual({ name: 'Banana', id: 1 })
      })
      `,
  )
  const run = await bench.run(script, {
    url: site.url,
    timeoutMs,
    evidence: { screenshots: 'each-step', recording: 'never', paintOver: [] },
    traceTo: [site.url],
  })

  expect(run.error).toBeUndefined()
  expect(outline(run.steps)).toEqual([
    'passed todo list › should allow me to add todo items',
    '  passed both are listed',
    '  passed and counted',
    'passed todo list › should allow me to mark items as complete',
    'passed mocks a fruit and does not call api',
    'passed gets the json from api and adds a new fruit',
    'passed uploads a file',
    'passed fills a form in a frame',
    'passed accepts dialogs',
    'passed handles new pages',
    'passed asks the API',
  ])
  expect(run.steps[2]?.parent).toBe(1)
  expect(run.browser?.pages.map(({ url }) => new URL(url).pathname)).toContain('/todo')
  expect(run.browser?.pages.find(({ url }) => url.endsWith('/frame'))?.step).toBe(
    'fills a form in a frame',
  )
  // The browser's start is in no time of the run.
  expect(run.durationMs).toBeLessThan(run.wallMs - (run.browser?.prepareMs ?? 0))
  expect(run.artifacts[0]).toMatchObject({
    name: 'step-01.png',
    step: 'todo list › should allow me to add todo items',
  })
  // Of every test that has a page.
  expect(run.artifacts).toHaveLength(8)
  expect(site.headers[0]).toHaveProperty('x-firewatch-run-id')
})

test('what fails is told with its place and line; hooks, fixtures, soft, poll and skipped tests as Playwright has them', {
  timeout: RUN_MS,
}, async () => {
  const script = await bench.write(
    'docs/failing.spec.ts',
    `import { test as base, expect } from '@playwright/test'
const test = base.extend<{ broken: string }>({
  broken: async ({}, use) => { throw new Error('the fixture broke') },
})
test('a step fails', async ({ page }) => {
  await page.goto('/broken')
  await test.step('look for the lamp', async () => {
    await test.step('on the page', () => expect(page.getByText('Lamp')).toBeVisible({ timeout: 100 }))
  })
})
test('goes on after soft ones', async ({ page }) => {
  await test.step('count', () => { expect.soft(1 + 1).toBe(3) })
  await test.step('go on', () => page.goto('/'))
  expect.soft('red').toBe('blue')
})
test('polls', async ({ request }) => {
  await expect.poll(async () => (await request.get('/')).status(), { timeout: 200, intervals: [50] }).toBe(418)
})
test('needs a fixture', async ({ broken }) => {})
test.skip('not yet', async () => {})
test('not here', async ({ browserName }) => { test.skip(browserName === 'chromium', 'only elsewhere') })
test('fails on purpose', async () => { test.fail(); expect(1).toBe(2) })
test('has a mistake', async () => { (undefined as unknown as string).trim() })
test.describe('with a hook', () => {
  test.beforeEach(async () => { await test.step('prepare', () => { throw new Error('no stock') }) })
  test('never gets there', async () => {})
})
test('waits too long', async ({ page }) => { test.setTimeout(1_000); await page.getByText('never').click() })
`,
  )
  const run = await bench.run(script, { url: site.url, timeoutMs })

  expect(outline(run.steps)).toEqual([
    'failed a step fails',
    '  failed look for the lamp',
    '  failed on the page',
    'failed goes on after soft ones',
    '  failed count',
    '  passed go on',
    'failed polls',
    'failed needs a fixture',
    'skipped not yet',
    'skipped not here',
    'passed fails on purpose',
    'failed has a mistake',
    'failed with a hook › never gets there',
    '  failed prepare',
    'failed waits too long',
  ])
  const step = (name: string) => run.steps.find((one) => one.name === name)
  expect(step('on the page')?.error).toMatch(
    /toBeVisible\(\) failed[\s\S]*at docs\/failing\.spec\.ts:8:\d+\n8 \| .*\n +\| +\^$/,
  )
  expect(step('a step fails')?.error).toMatch(/^HTTP 502 from http:\S+\/broken; then: expect/)
  expect(step('goes on after soft ones')?.error).toMatch(
    /Expected: 3\nReceived: 2[\s\S]*:12:\d+[\s\S]*Expected: "blue"\nReceived: "red"[\s\S]*:14:\d+/,
  )
  expect(step('polls')?.error).toContain('Expected: 418')
  expect(step('needs a fixture')?.error).toMatch(
    /^the fixture broke\nat docs\/failing\.spec\.ts:3:/,
  )
  expect(step('not here')?.reason).toBe('only elsewhere')
  expect(step('prepare')?.error).toMatch(/^no stock/)
  expect(step('waits too long')?.error).toMatch(
    /^Test timeout of 1000ms exceeded\.\nlocator\.click: [\s\S]*waiting for getByText\('never'\)[\s\S]*:28:/,
  )
  expect(run.error?.type).toBe('journey.step')
  expect(run.error?.message).toMatch(/^test "a step fails": HTTP 502/)
  expect(run.error?.message).not.toContain('fails on purpose')
  expect(run.artifacts.map(({ name }) => name)).toEqual(['screenshot.png'])
})

test('of a single test the steps are the outermost ones', { timeout: RUN_MS }, async () => {
  const script = await bench.write(
    'docs/single.spec.js',
    `const { test, expect } = require('@playwright/test')
test('walks', async ({ page }) => {
  await test.step('open the list', () => page.goto('/todo'))
  await test.step('see it empty', async () => {
    await test.step('no item', () => expect(page.getByRole('listitem')).toHaveCount(0))
  })
  console.log('seen')
})`,
  )
  const run = await bench.run(script, { url: site.url, timeoutMs })

  expect(run.error).toBeUndefined()
  expect(outline(run.steps)).toEqual([
    'passed open the list',
    'passed see it empty',
    '  passed no item',
  ])
  expect(run.log).toContain('seen')
})
