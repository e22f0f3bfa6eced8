import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../base/app-error.ts'
import type { Environment } from '../runtime/environment.ts'

/** A browser that was found and answers `--version`, or why there is none and how to mend that. */
export type FoundChromium = { path: string; version: string } | { missing: string }

/** A cold Chromium on a busy machine needs a second; one that needs more than this is broken. */
const VERSION_MS = 10_000

/** By name on PATH, fastest start first: the headless shell runs a journey in half the time. */
const COMMANDS = ['chromium-headless-shell', 'chromium', 'google-chrome', 'google-chrome-stable']

/** By file name; the folder above may be called anything. */
const HEADLESS_ONLY = /headless[-_]shell[^/\\]*$/

const MAC_CHROME = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/**
 * Finds the Chromium that journeys run in: `FIREWATCH_CHROMIUM`, else Playwright's own, else the
 * first of the usual commands on PATH, else Chrome's place on macOS.
 *
 * A `FIREWATCH_CHROMIUM` that does not work is not passed over: whoever set it wants that one. With a
 * window (`isHeaded`) headless shells are passed over: they run without one and do not say so.
 */
export async function findChromium(
  environment: Environment,
  { isHeaded = false }: { isHeaded?: boolean } = {},
): Promise<FoundChromium> {
  const chosen = environment.FIREWATCH_CHROMIUM
  if (chosen) {
    const found = await tryBrowser(chosen)
    return 'path' in found
      ? found
      : { missing: `FIREWATCH_CHROMIUM is ${chosen}, but ${found.missing}` }
  }
  const broken: string[] = []
  for (const path of await candidates(environment)) {
    if (isHeaded && HEADLESS_ONLY.test(path)) continue
    if (!(await isExecutable(path))) continue
    const found = await tryBrowser(path)
    if ('path' in found) return found
    broken.push(`${path}: ${found.missing}`)
  }
  const what = broken.length > 0 ? `no Chromium works (${broken.join('; ')})` : 'no Chromium found'
  if (isHeaded)
    return {
      missing: `${what} that can show a window: install a full one with "npx playwright install chromium", or set FIREWATCH_CHROMIUM to the path of one`,
    }
  return {
    missing: `${what}: install one with "npx playwright install chromium-headless-shell", or set FIREWATCH_CHROMIUM to the path of one`,
  }
}

async function candidates(environment: Environment): Promise<string[]> {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const commands = COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)))
  return [...(await playwrightBrowsers()), ...commands, MAC_CHROME]
}

/** Where Playwright's downloads lie: the headless shell is a download of its own, beside Chromium. */
async function playwrightBrowsers(): Promise<string[]> {
  // Loaded only where a browser is looked for: that takes as long as all the rest of a process without one.
  const { chromium } = await import('playwright')
  const full = chromium.executablePath()
  const match = /^(.*)[/\\]chromium-(\d+)[/\\]chrome-([^/\\]+)/.exec(full)
  if (!match) return [full]
  const [, root = '', revision = '', platform = ''] = match
  const folder = join(root, `chromium_headless_shell-${revision}`)
  return [
    join(folder, `chrome-headless-shell-${platform}`, 'chrome-headless-shell'),
    // Builds that Playwright makes itself, such as those for ARM, have the older name.
    join(folder, `chrome-${platform}`, 'headless_shell'),
    full,
  ]
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** Whether the program there says its version, as a browser does. */
export async function tryBrowser(path: string): Promise<FoundChromium> {
  if (!(await isExecutable(path))) return { missing: 'there is no program that can be run' }
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], {
      timeout: VERSION_MS,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024,
    })
    const version = stdout.trim().split('\n')[0] ?? ''
    if (version === '') return { missing: 'it does not say its version' }
    return { path, version }
  } catch (error) {
    // A broken installation is an answer; the next candidate may work.
    return { missing: `it cannot be started: ${messageOf(error).split('\n')[0]}` }
  }
}
