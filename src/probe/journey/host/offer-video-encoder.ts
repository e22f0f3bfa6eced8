import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, platform, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

/**
 * Playwright makes videos with an ffmpeg of its own, which it looks for in its folder of browsers when it is
 * loaded. Where that was not installed, the system's serves as well: it is offered in a folder that looks like
 * Playwright's. (The browser itself is always named by its path, and is not looked for there.)
 *
 * Must be imported before Playwright.
 */
export const hasVideoEncoder: boolean = offerVideoEncoder()

function offerVideoEncoder(): boolean {
  const folder = `ffmpeg-${encoderRevision()}`
  const file = platform() === 'darwin' ? 'ffmpeg-mac' : 'ffmpeg-linux'
  const browsers = process.env.PLAYWRIGHT_BROWSERS_PATH ?? usualFolder()
  if (existsSync(join(browsers, folder, file))) return true
  const system = (process.env.PATH ?? '')
    .split(delimiter)
    .map((path) => join(path, 'ffmpeg'))
    .find((path) => existsSync(path))
  if (system === undefined) return false
  const offered = join(tmpdir(), 'browsers')
  mkdirSync(join(offered, folder), { recursive: true })
  const link = join(offered, folder, file)
  // Another process of the same run may have offered it.
  if (!existsSync(link)) symlinkSync(system, link)
  process.env.PLAYWRIGHT_BROWSERS_PATH = offered
  return true
}

function usualFolder(): string {
  const caches = platform() === 'darwin' ? 'Library/Caches' : '.cache'
  return join(homedir(), caches, 'ms-playwright')
}

/** Of the ffmpeg that this version of Playwright asks for; 0, which is nowhere, if that is not to be found. */
function encoderRevision(): string {
  const playwright = createRequire(createRequire(import.meta.url).resolve('playwright'))
  const folder = dirname(playwright.resolve('playwright-core/package.json'))
  const { browsers } = JSON.parse(readFileSync(join(folder, 'browsers.json'), 'utf8')) as {
    browsers: { name: string; revision: string }[]
  }
  return browsers.find(({ name }) => name === 'ffmpeg')?.revision ?? '0'
}
