import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { AppError, messageOf } from '../../base/app-error.ts'
import type { Clock } from '../../base/clock.ts'
import { within } from '../../runtime/deadline.ts'
import { type Environment, readEnvironment } from '../../runtime/environment.ts'
import { ConnectToVariable } from '../connect-to.ts'
import { findChromium } from '../find-chromium.ts'
import { browserArguments } from '../journey/browser-arguments.ts'
import { createEventLog, type EventLog } from './event-log.ts'
import type { Recorded } from './recorded-event.ts'
import { watchNavigations } from './watch-navigations.ts'
import { type PageReport, watchPage, watchPageOptions } from './watch-page.ts'

/**
 * The version whose recorder this was written for. `_startRecording` is no part of Playwright's promises;
 * what it tells is read tolerantly, and a version without it is refused.
 */
const WRITTEN_FOR = '1.65'
/** The first page must show itself; who records may then take all the time of the world. */
const OPEN_MS = 30_000
const CLOSE_MS = 5_000

export type FinishedRecording = Recorded & {
  /** It was longer than any journey is: the rest is missing. */
  isCut: boolean
}

export type RecordOptions = {
  url: string
  environment: Environment
  /** Ends the recording, as closing the window does. */
  signal: AbortSignal
  clock: Clock
  /** Told when the browser stands there. */
  onReady(): void
  /** Told of each action, in words, without what was typed. */
  onAction(words: string): void
}

/**
 * Opens a browser at the address and writes down what somebody does in it, until its windows are closed.
 *
 * @throws {AppError} `browser.missing` when there is none that has a window and can be recorded,
 *   `request.invalid` when the address cannot be opened.
 */
export async function recordBrowser(options: RecordOptions): Promise<FinishedRecording> {
  const { url, environment, signal } = options
  const browser = await launch(environment)
  try {
    const gone = new Promise<void>((resolve) => browser.once('disconnected', () => resolve()))
    const context = await browser.newContext({ serviceWorkers: 'block', acceptDownloads: false })
    const log = createEventLog(url, options)
    const recording = await startRecording(context, log)
    const page = await context.newPage()
    await recording.isWatching()
    const response = await page.goto(url, { timeout: OPEN_MS }).catch((cause: unknown) => {
      if (signal.aborted || page.isClosed()) return undefined
      throw new AppError('request.invalid', `${url} cannot be opened: ${firstLine(cause)}`)
    })
    if (response) options.onReady()
    await Promise.race([recording.allClosed, gone, aborted(signal)])
    // A click is told half a second after it, unless something asks for it.
    await within(CLOSE_MS, recording.stop())
    return log.recorded()
  } finally {
    await within(CLOSE_MS, browser.close())
  }
}

async function launch(environment: Environment): Promise<Browser> {
  const { FIREWATCH_CONNECT_TO: connectTo } = readEnvironment(
    { FIREWATCH_CONNECT_TO: ConnectToVariable },
    environment,
  )
  const found = await findChromium(environment, { isHeaded: true })
  if ('missing' in found) throw new AppError('browser.missing', found.missing)
  try {
    return await chromium.launch({
      executablePath: found.path,
      headless: false,
      args: browserArguments(connectTo, { isRoot: process.getuid?.() === 0 }),
      // Ctrl-C ends the recording, and that the browser.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
  } catch (cause) {
    throw new AppError('browser.missing', `${found.path} does not start: ${firstLine(cause)}`)
  }
}

type Recording = {
  /** Once its windows are watched. */
  isWatching(): Promise<unknown>
  /** Resolves when somebody closed the last window. */
  allClosed: Promise<void>
  stop(): Promise<void>
}

async function startRecording(context: BrowserContext, log: EventLog): Promise<Recording> {
  const recorder = recorderOf(context)
  const binding = `__${randomUUID().replaceAll('-', '')}`
  await context.exposeBinding(binding, ({ page }, report: PageReport) => log.reported(page, report))
  await context.addInitScript(watchPage, watchPageOptions(binding))
  const allClosed = Promise.withResolvers<void>()
  const watching: Promise<void>[] = []
  context.on('page', (page) => {
    watching.push(watchNavigations(page, (navigation) => log.navigated(page, navigation)))
    page.on('close', () => {
      log.closed(page)
      if (context.pages().length === 0) allClosed.resolve()
    })
  })
  context.on('close', () => allClosed.resolve())
  context.on('request', (request) => log.requested(request.method(), request.url()))
  await recorder._startRecording(
    { language: 'jsonl' },
    {
      actionAdded: (page, _, line) => log.acted(page, line, 'new'),
      actionUpdated: (page, _, line) => log.acted(page, line, 'again'),
      signalAdded: (page, _, line) => log.acted(page, line, 'again'),
    },
  )
  return {
    isWatching: () => Promise.all(watching),
    allClosed: allClosed.promise,
    async stop() {
      // When its context is gone, the recorder has told everything already.
      await recorder._stopRecording().catch(() => undefined)
    },
  }
}

const firstLine = (error: unknown) => messageOf(error).split('\n')[0]

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

type Hear = (page: Page, data: unknown, code: string) => void
type Recorder = {
  _startRecording(
    options: { language: string },
    sink: { actionAdded: Hear; actionUpdated: Hear; signalAdded: Hear },
  ): Promise<void>
  _stopRecording(): Promise<void>
}

function recorderOf(context: BrowserContext): Recorder {
  const recorder = context as unknown as Partial<Recorder>
  if (
    typeof recorder._startRecording === 'function' &&
    typeof recorder._stopRecording === 'function'
  )
    return recorder as Recorder
  const { version } = createRequire(import.meta.url)('playwright/package.json') as {
    version: string
  }
  throw new AppError(
    'browser.missing',
    `recording needs the recorder of Playwright ${WRITTEN_FOR}; this is ${version}, which has another one`,
  )
}
