import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'
import { findChromium } from '../../src/probe/find-chromium.ts'
import { until } from './until.ts'

/** Wide enough for a browser with Playwright's inspector beside it. */
const SCREEN = '1700x1000x24'

const chromium = await findChromium(process.env, { isHeaded: true })

/**
 * Why no browser can show a window here; undefined when one can. Tests that need a window say so
 * loudly when they are skipped for it.
 */
export const windowProblem: string | undefined =
  'missing' in chromium
    ? chromium.missing
    : spawnSync('Xvfb', ['-version']).error && 'there is no Xvfb: install xvfb'

/** Starts a display that nobody sees, for one test; gives the variables that point to it. */
export async function startDisplay(): Promise<{ DISPLAY: string; FIREWATCH_CHROMIUM: string }> {
  // The server chooses a free number by itself, and says it when it takes windows.
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', SCREEN, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  onTestFinished(async () => {
    if (server.exitCode !== null || server.signalCode !== null) return
    const exited = once(server, 'exit')
    server.kill()
    await exited
  })
  let said = ''
  const numbers = server.stdio[3] as Readable
  numbers.on('data', (text) => {
    said += String(text)
  })
  await until('the number of the display', () => said.endsWith('\n'))
  if ('missing' in chromium) throw new Error(chromium.missing)
  return { DISPLAY: `:${said.trim()}`, FIREWATCH_CHROMIUM: chromium.path }
}
