// First: it prepares what Playwright looks for when it is loaded.
import './offer-video-encoder.ts'
import { Worker } from 'node:worker_threads'
import { type Browser, chromium, firefox, webkit } from 'playwright'
import { systemClock } from '../../../runtime/system-clock.ts'
import {
  clip,
  type HostOrder,
  type RunOrder,
  type StartOrder,
  WHY_LENGTH_MAX,
} from '../messages.ts'
import { describeError, describeLaunchError } from './describe-error.ts'
import { createJourneyLoader } from './load-journey.ts'
import { runJourney } from './run-journey.ts'
import { takeChannel } from './take-channel.ts'
import { watchSpawns } from './watch-spawns.ts'
import type { WatchdogData } from './watchdog.ts'

/**
 * A journey host: a process of its own, because journeys are code that we did not write, and
 * whatever they do must be possible to end. The supervisor is `journey-host.ts`; nothing that is
 * said here is believed there without looking.
 */

/** The file descriptor of the pipe whose end is the probe's end; see `watchdog.ts`. */
const PROBE_PIPE = 4

const send = takeChannel()
let stray: PromiseWithResolvers<unknown> | undefined

function sayUnfit(why: string): void {
  send({ kind: 'unfit', why: clip(why, WHY_LENGTH_MAX) })
}

function catchStrayErrors(): void {
  const caught = (error: unknown) => {
    if (stray) stray.resolve(error)
    else sayUnfit(`an exception after a journey's end: ${describeError(error)}`)
  }
  process.on('uncaughtException', caught)
  process.on('unhandledRejection', caught)
}

async function launch(order: StartOrder): Promise<Browser> {
  const browser = await { chromium, firefox, webkit }[order.engine].launch({
    executablePath: order.executablePath,
    headless: order.headless,
    args: order.args,
    ...(order.slowMoMs !== undefined && { slowMo: order.slowMoMs }),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  // Each context opens an inspector of its own; none is wanted for this one.
  if (order.isDebugged) return browser
  // The first page of a browser takes three times as long as the next; no run should pay for it.
  const context = await browser.newContext()
  await context.newPage()
  await context.close()
  return browser
}

async function start(order: StartOrder): Promise<(order: RunOrder) => Promise<void>> {
  const workerData: WatchdogData = { pipe: PROBE_PIPE, folder: order.folder }
  const watchdog = new Worker(new URL('./watchdog.ts', import.meta.url), { workerData, env: {} })
  watchSpawns({
    started({ pid }) {
      watchdog.postMessage(pid)
      send({ kind: 'spawned', pid })
    },
  })
  catchStrayErrors()
  const loader = createJourneyLoader()
  const browser = await launch(order)
  send({ kind: 'ready', browserVersion: clip(browser.version(), 80) })

  return async (run) => {
    stray = Promise.withResolvers()
    const parts = { browser, loader, clock: systemClock, send, stray: stray.promise }
    const unfit = await runJourney(run, parts)
    stray = undefined
    if (unfit !== undefined) sayUnfit(unfit)
    send({ kind: 'idle', runId: run.runId })
  }
}

let run: Promise<(order: RunOrder) => Promise<void>> | undefined

process.on('message', (order: HostOrder) => {
  if (order.kind === 'start') {
    run = start(order)
    run.catch((error) => send({ kind: 'start_failed', message: describeLaunchError(error) }))
  } else
    run
      ?.then((runOrder) => runOrder(order))
      .catch((error) => {
        // A fault of ours: the supervisor sees a host that ends, and says so.
        process.stderr.write(`${describeError(error)}\n`)
        process.kill(process.pid, 'SIGKILL')
      })
})
