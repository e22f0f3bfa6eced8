import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright'
import { onTestFinished } from 'vitest'
import { type RunningCommand, startFirewatch } from './command.ts'
import { SELDOM_MS, until } from './until.ts'
import { startDisplay } from './virtual-display.ts'

/** A browser with a window, a Node process, and a machine that has more to do. */
const START_MS = 30_000

export type RecordedBrowser = {
  command: RunningCommand
  /** The page that is recorded, in the hands of somebody who sits before it. */
  page: Page
}

/**
 * Starts `firewatch record …` and takes hold of its browser, which is told apart from ours by a debugging
 * port of its own: what is done over it is, to the page, what a user does.
 */
export async function startRecording(words: string[], folder: string): Promise<RecordedBrowser> {
  const { DISPLAY, FIREWATCH_CHROMIUM } = await startDisplay()
  const said = join(folder, 'browser.log')
  const wrapper = join(folder, 'chromium-to-record')
  await writeFile(
    wrapper,
    `#!/bin/sh\ncase "$1" in --version) exec '${FIREWATCH_CHROMIUM}' --version;; esac\nexec '${FIREWATCH_CHROMIUM}' --remote-debugging-port=0 "$@" 2>'${said}'\n`,
  )
  await chmod(wrapper, 0o755)
  const command = startFirewatch(['record', ...words], {
    folder,
    environment: { DISPLAY, FIREWATCH_CHROMIUM: wrapper },
  })
  await until(
    'the recording',
    () => {
      if (command.process.exitCode !== null) throw new Error(command.stderr())
      return command.stderr().includes('recording: ')
    },
    { withinMs: START_MS, everyMs: SELDOM_MS },
  )
  const address = /DevTools listening on (ws:\S+)/.exec(await readFile(said, 'utf8'))?.[1] ?? ''
  const browser: Browser = await chromium.connectOverCDP(address)
  onTestFinished(() => browser.close())
  const [page] = browser.contexts().flatMap((context) => context.pages())
  if (!page) throw new Error('the recorded browser has no page')
  return { command, page }
}

/**
 * Waits until Playwright's recorder listens in the page, which it begins a moment after each navigation:
 * nobody who has to read a page first is as fast as a test.
 */
export const untilListening = (page: Page): Promise<void> =>
  page.locator('x-pw-glass').waitFor({ state: 'attached' })
