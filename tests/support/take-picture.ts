import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright'
import { findChromium } from '../../src/probe/find-chromium.ts'
import { PROJECT } from './command.ts'

const GALLERY = join(PROJECT, 'src/dashboard/pictures')

/** What the window shows of a page now, into the README's gallery, when that is to be renewed. */
export async function addToGallery(page: Page, name: string): Promise<void> {
  if (!process.env.FIREWATCH_UPDATE_PICTURES) return
  await page.screenshot({ path: join(GALLERY, `${name}.png`) })
}

/**
 * A picture of a page as it is during a test. It goes to `.build/pictures/`, and into the sources,
 * for the README, only when `FIREWATCH_UPDATE_PICTURES` is set: pictures differ from run to run.
 */
export async function takePicture(url: string, name: string, readyText: string): Promise<void> {
  const found = await findChromium(process.env)
  if (!('path' in found)) throw new Error(found.missing)
  const folder = process.env.FIREWATCH_UPDATE_PICTURES ? GALLERY : join(PROJECT, '.build/pictures')
  await mkdir(folder, { recursive: true })
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({
    executablePath: found.path,
    args: [
      ...asRoot,
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  try {
    const page = await browser.newPage({
      viewport: { width: 1200, height: 760 },
      colorScheme: 'light',
    })
    await page.goto(url)
    await page.getByText(readyText).first().waitFor()
    await page.locator('.slot-bar').first().waitFor()
    await page
      .getByText(/on its way|^Loading/)
      .first()
      .waitFor({ state: 'hidden' })
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
  } finally {
    await browser.close()
  }
}
