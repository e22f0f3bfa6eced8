import { writeFile } from 'node:fs/promises'
import { errors, type Page } from 'playwright'
import { messageOf } from '../../../base/app-error.ts'
import { ARTIFACT_BYTES_MAX } from '../../../protocol/probe-api.ts'
import { within } from '../../../runtime/deadline.ts'

/** Painted over in every picture; where that is not possible, the browser itself shows dots. */
const PASSWORDS = 'input[type=password]'
const MASK_COLOR = '#777777'

export type PictureOptions = {
  limitMs: number
  /** CSS selectors. */
  paintOver: readonly string[]
}

/** Time for Playwright's own way of taking a picture; what is left is for the other. */
const CAREFUL_MS = 500
/** What the other one is left at least. */
const FAST_MS = 150

/**
 * Writes what the page shows into a file. Evidence never changes a verdict: where there is no
 * picture to be had, that is one line in the log.
 *
 * @returns whether the file is there.
 */
export async function takeScreenshot(
  page: Page,
  path: string,
  { limitMs, paintOver }: PictureOptions,
  log: (line: string) => void,
): Promise<boolean> {
  if (page.isClosed() || limitMs <= FAST_MS) return false
  try {
    // What must be painted over knows no other way.
    const carefulMs = paintOver.length > 0 ? limitMs : Math.min(limitMs - FAST_MS, CAREFUL_MS)
    const picture = await within(limitMs, capture(page, carefulMs, paintOver))
    if (!picture) throw new Error(`the page gave no picture within ${Math.round(limitMs)} ms`)
    if (picture.byteLength > ARTIFACT_BYTES_MAX)
      throw new Error(`it has ${picture.byteLength} bytes, more than ${ARTIFACT_BYTES_MAX}`)
    await writeFile(path, picture)
    return true
  } catch (error) {
    log(`no screenshot: ${messageOf(error).split('\n')[0]}`)
    return false
  }
}

/**
 * Playwright's way knows pages that are just being replaced or have crashed (asking Chromium itself
 * for a picture of those ends the whole browser), but waits for a navigation under way. A page that
 * hangs is just what is to be shown; Chromium itself shows it at once.
 */
async function capture(
  page: Page,
  carefulMs: number,
  paintOver: readonly string[],
): Promise<Buffer> {
  try {
    return await page.screenshot({
      animations: 'disabled',
      scale: 'css',
      timeout: carefulMs,
      mask: [PASSWORDS, ...paintOver].map((selector) => page.locator(selector)),
      maskColor: MASK_COLOR,
    })
  } catch (error) {
    if (!(error instanceof errors.TimeoutError)) throw error
    // Here nothing can be painted over: better no picture than one that shows what it must not.
    if (paintOver.length > 0)
      throw new Error('what must be painted over could not be', { cause: error })
    const session = await page.context().newCDPSession(page)
    const { data } = await session.send('Page.captureScreenshot', { format: 'png' })
    return Buffer.from(data, 'base64')
  }
}
