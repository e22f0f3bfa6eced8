import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { BrowserChannel, BrowserEngine } from '../protocol/kinds/journey.ts'
import type { Environment } from '../runtime/environment.ts'
import { type FoundChromium, findChromium, tryBrowser } from './find-chromium.ts'

/** Which browser a journey wants. */
export type BrowserChoice = { engine: BrowserEngine; channel?: BrowserChannel | undefined }

export const USUAL_BROWSER: BrowserChoice = { engine: 'chromium' }

/** Where browsers that are installed like other programs lie, besides the folders of PATH. */
const CHANNELS: Record<BrowserChannel, { commands: string[]; paths: string[] }> = {
  chrome: {
    commands: ['google-chrome-stable', 'google-chrome'],
    paths: [
      '/opt/google/chrome/chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
  },
  msedge: {
    commands: ['microsoft-edge-stable', 'microsoft-edge'],
    paths: [
      '/opt/microsoft/msedge/msedge',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ],
  },
  chromium: { commands: ['chromium', 'chromium-browser'], paths: [] },
}

/**
 * Finds the browser that a journey wants: the Chromium of this machine (`find-chromium.ts`) where it
 * asks for nothing else; of another engine only Playwright's own build, which alone it can drive; of
 * a channel the one that is installed.
 */
export async function findBrowser(
  choice: BrowserChoice,
  environment: Environment,
  options: { isHeaded?: boolean } = {},
): Promise<FoundChromium> {
  const { engine, channel } = choice
  if (channel !== undefined) return findChannel(channel, environment)
  if (engine === 'chromium') return findChromium(environment, options)
  const path = await playwrightPath(engine)
  // Its version is asked for once it runs: these builds do not all answer `--version`.
  if (path && (await isExecutable(path))) return { path, version: engine }
  return { missing: missing(engine, `npx playwright install --with-deps ${engine}`) }
}

async function findChannel(
  channel: BrowserChannel,
  environment: Environment,
): Promise<FoundChromium> {
  const { commands, paths } = CHANNELS[channel]
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const own = channel === 'chromium' ? [await playwrightPath('chromium')] : []
  const inPath = commands.flatMap((command) => folders.map((folder) => join(folder, command)))
  for (const path of [...own, ...inPath, ...paths]) {
    if (!(await isExecutable(path))) continue
    const found = await tryBrowser(path)
    if ('path' in found) return found
  }
  return { missing: missing(channel, `npx playwright install ${channel}`) }
}

/** Where Playwright's own build is, or would be; Playwright is loaded only for that, as in `find-chromium.ts`. */
const playwrightPath = async (engine: BrowserEngine): Promise<string> =>
  (await import('playwright'))[engine].executablePath()

const missing = (name: string, command: string) =>
  `this probe has no ${name}, which the check asks for: install it with "${command}", or in a container take an image that has it, such as mcr.microsoft.com/playwright`

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
