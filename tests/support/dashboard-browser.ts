import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from 'playwright'
import { afterAll, beforeAll, expect, inject, onTestFinished } from 'vitest'
import { findChromium } from '../../src/probe/find-chromium.ts'
import { builtDashboard } from './dashboard-folder.ts'

const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

export type DashboardBrowser = {
  /** Folder of the dashboard, built from the sources as they are. */
  folder(): string
  /**
   * A page of its own. The test fails at its end when the page threw an error or was refused
   * something by its policy.
   */
  newPage(options?: BrowserContextOptions): Promise<Page>
}

/** Starts a browser for the tests of one file, once the dashboard is built. */
export function dashboardBrowser(): DashboardBrowser {
  let folder = ''
  let browser: Browser | undefined
  beforeAll(async () => {
    const [found, built] = await Promise.all([
      findChromium(process.env),
      builtDashboard(inject('dashboardFolder')),
    ])
    folder = built
    if (!('path' in found)) throw new Error(found.missing)
    browser = await chromium.launch({
      executablePath: found.path,
      args: [
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(async () => {
    await browser?.close()
  })
  return {
    folder: () => folder,
    async newPage(options = {}) {
      if (!browser) throw new Error('the browser starts before the first test')
      const context = await browser.newContext({ timezoneId: 'Europe/Berlin', ...options })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (message) => {
        // A request that failed is part of some tests; what the page makes of it is tested there.
        const isOurs = !message.text().startsWith('Failed to load resource')
        if (message.type() === 'error' && isOurs) complaints.push(message.text())
      })
      onTestFinished(async () => {
        await context.close()
        expect(complaints).toEqual([])
      })
      return page
    },
  }
}

/** What axe finds wrong on the page as it is now, one line each; none is what we want. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
  await page.evaluate(await readFile(axe, 'utf8'))
  return page.evaluate(async (tags) => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') }
    const { violations } = await axe.run({ runOnly: tags })
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))
  }, AXE_TAGS)
}

/** How far the page is wider than its window. */
export const overflowPixels = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

export const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((element) => element.matches(':focus'))
