import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { AppError, codeOf } from '../base/app-error.ts'
import { within } from '../runtime/deadline.ts'

/** Node and Playwright start in a second; on a machine under full load in several. */
const START_MS = 30_000
/** From asking it to end until it is made to. */
const STOP_MS = 2_000
const SAID_LENGTH_MAX = 4_000

export type TraceViewer = {
  address: string
  /** Resolves when its process is gone. */
  ended: Promise<void>
  stop(): Promise<void>
}

/**
 * Starts Playwright's trace viewer, for this machine only, at a free port. It serves every file of the
 * trace's folder, so the trace should be alone there.
 */
export async function startTraceViewer(file: string): Promise<TraceViewer> {
  const playwright = dirname(createRequire(import.meta.url).resolve('playwright/package.json'))
  const words = ['show-trace', '--host', '127.0.0.1', '--port', '0', file]
  const child = spawn(process.execPath, [join(playwright, 'cli.js'), ...words], {
    // What it starts to open a browser is in its group, and ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'close').then(() => undefined)
  const listening = Promise.withResolvers<string>()
  let said = ''
  const hear = (text: string) => {
    said = (said + text).slice(-SAID_LENGTH_MAX)
    const address = /Listening on (http:\/\/\S+)/.exec(said)?.[1]
    if (address !== undefined) listening.resolve(address)
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)

  async function stop(): Promise<void> {
    endGroup(child.pid, 'SIGTERM')
    await within(STOP_MS, exited)
    endGroup(child.pid, 'SIGKILL')
    await within(STOP_MS, exited)
  }

  const gone = exited.then(() => undefined)
  const address = await within(START_MS, Promise.race([listening.promise, gone]))
  if (address !== undefined) return { address, ended: exited, stop }
  await stop()
  throw new AppError('internal', `Playwright's trace viewer did not start: ${said.trim()}`)
}

function endGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return
  try {
    process.kill(-leader, signal)
  } catch (error) {
    // Gone already. EPERM (macOS): only zombies are left.
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error
  }
}
