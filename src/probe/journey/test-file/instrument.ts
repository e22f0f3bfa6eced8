import { createRequire } from 'node:module'
import type {
  APIRequest,
  APIRequestContext,
  Browser,
  BrowserContext,
  BrowserContextOptions,
  BrowserType,
  LaunchOptions,
} from 'playwright'
import { systemClock } from '../../../runtime/system-clock.ts'
import { carryTrace } from '../host/carry-trace.ts'
import { describeLaunchError } from '../host/describe-error.ts'
import { createRequestGuard, type RequestGuard } from '../host/guard-requests.ts'
import { parseNeverRule } from '../host/never-rules.ts'
import { removePeerConnections } from '../host/policy-proxy.ts'
import { slowDown } from '../host/set-up-context.ts'
import { takeScreenshot } from '../host/take-screenshot.ts'
import { type BrowserWatch, watchBrowser } from '../host/watch-browser.ts'
import { type PageWatch, watchPages } from '../host/watch-pages.ts'
import {
  DEADLINE_SCREENSHOT_MS,
  type RunOrder,
  SCREENSHOT_MS_MAX,
  STEP_PICTURES,
  STEP_PICTURES_MS_MAX,
} from '../messages.ts'
import type { ContextRecording, ContextRecordingOrder } from './record-contexts.ts'
import type { WorkerMessage } from './worker-channel.ts'

/** What a process that may start a browser has to know. */
export type InstrumentOrder = Pick<
  RunOrder,
  'runId' | 'never' | 'traceTo' | 'traceparent' | 'screenshots' | 'paintOver' | 'picturePrefix'
> & {
  executablePath: string
  args: string[]
  headless: boolean
  slowMoMs?: number | undefined
  network: RunOrder['browser']['network']
  /** How many pictures of tests that passed the run has already. */
  stepPictures: number
  /** What everything goes through in a region that connects to public addresses only. */
  proxyServer?: string | undefined
  /** Records what the browser does; such a run measures nothing. */
  recording?: ContextRecordingOrder | undefined
}

type Listener = {
  runBeforeCreateBrowserContext(options: BrowserContextOptions): Promise<void>
  runAfterCreateBrowserContext(context: BrowserContext): Promise<void>
  runAfterCreateRequestContext(context: APIRequestContext): Promise<void>
  runBeforeCloseBrowserContext(context: BrowserContext): Promise<void>
}

/** What Playwright's client is besides what it promises. */
type Client = {
  _instrumentation?: { addListener(listener: Listener): void }
  _defaultLaunchOptions?: LaunchOptions
  request: APIRequest
  chromium: BrowserType
  firefox: BrowserType
  webkit: BrowserType
}

/** Runs `body` so that its calls are no steps of the test. */
type Quiet = {
  _wrapApiCall?(body: () => Promise<void>, options: { internal: true }): Promise<void>
}

const quietly = (object: object, body: () => Promise<void>): Promise<void> => {
  const { _wrapApiCall: wrap } = object as Quiet
  return wrap ? wrap.call(object, body, { internal: true }) : body()
}

export type Instrument = {
  /** At the deadline: pictures and what the contexts did so far. */
  wrapUp(): Promise<void>
}

/**
 * Takes part in everything that Playwright starts in this process, whoever asks for it: its browsers are the
 * probe's, their contexts are watched and guarded, and so is what is sent beside them.
 *
 * @param hasFailed whether the test under way has failed so far.
 * @param recording what records the contexts, in a run that is recorded.
 * @throws {Error} when this version of Playwright cannot be instrumented: then nothing may run.
 */
export function instrumentPlaywright(
  order: InstrumentOrder,
  tell: (message: WorkerMessage) => void,
  hasFailed: () => boolean,
  recording?: ContextRecording,
): Instrument {
  const client: Client = createRequire(import.meta.url)('playwright')
  if (typeof client._instrumentation?.addListener !== 'function')
    throw new Error('test files cannot be watched in this version of Playwright')
  const log = (line: string) => tell({ kind: 'log', line })
  const guard = createRequestGuard(order.never.map(parseNeverRule), {
    log,
    onAttempt: (attempt) => tell({ kind: 'attempt', attempt }),
  })
  const contexts = createContextWatch(order, { guard, log, tell, recording, hasFailed })
  launchOurs(client, order, tell)
  if (order.proxyServer !== undefined) sendThrough(client, order.proxyServer)
  client._instrumentation.addListener({
    async runBeforeCreateBrowserContext(options) {
      // A service worker's requests pass by every guard.
      if (order.never.length > 0) options.serviceWorkers = 'block'
      if (order.proxyServer !== undefined) options.proxy = { server: order.proxyServer }
      recording?.before(options)
    },
    runAfterCreateBrowserContext: (context) => quietly(context, () => contexts.opened(context)),
    async runAfterCreateRequestContext(context) {
      guard.direct(context)
    },
    runBeforeCloseBrowserContext: (context) =>
      quietly(context, () => contexts.closing(context, hasFailed())),
  })
  return {
    async wrapUp() {
      await contexts.closeAll()
      tell({ kind: 'wrapped_up' })
    },
  }
}

type ContextWatchParts = {
  guard: RequestGuard
  log(line: string): void
  tell(message: WorkerMessage): void
  recording: ContextRecording | undefined
  hasFailed(): boolean
}

function createContextWatch(order: InstrumentOrder, parts: ContextWatchParts) {
  const { guard, log, tell, recording } = parts
  const watched = new Map<BrowserContext, { browser: BrowserWatch; pages: PageWatch }>()
  let pictureMs = SCREENSHOT_MS_MAX
  let stepPictureMs = STEP_PICTURES_MS_MAX
  let stepPictures = order.stepPictures

  async function picture(context: BrowserContext): Promise<void> {
    const page = context.pages().at(-1)
    if (order.screenshots === 'never' || !page) return
    const startedAt = systemClock.monotonic()
    const options = { limitMs: pictureMs, paintOver: order.paintOver }
    if (await takeScreenshot(page, `${order.picturePrefix}screenshot.png`, options, log))
      tell({ kind: 'picture' })
    pictureMs -= systemClock.monotonic() - startedAt
  }

  /** What a test that passed left on its page, at most for some seconds in all. */
  async function stepPicture(context: BrowserContext): Promise<void> {
    const page = context.pages().at(-1)
    const name = STEP_PICTURES[stepPictures]
    if (order.screenshots !== 'each-step' || !page || name === undefined) return
    const startedAt = systemClock.monotonic()
    const limitMs = Math.min(stepPictureMs, SCREENSHOT_MS_MAX)
    const options = { limitMs, paintOver: order.paintOver }
    if (await takeScreenshot(page, `${order.picturePrefix}${name}`, options, log)) {
      stepPictures++
      tell({ kind: 'step_picture', name })
    }
    stepPictureMs -= systemClock.monotonic() - startedAt
  }

  function tellOf(context: BrowserContext): void {
    const watch = watched.get(context)
    if (!watch) return
    watched.delete(context)
    const version = context.browser()?.version() ?? ''
    const record = {
      engine: `chromium ${version}`,
      prepareMs: 0,
      evidenceMs: SCREENSHOT_MS_MAX - pictureMs,
      ...watch.browser.record(),
    }
    tell({ kind: 'context', record, trouble: watch.pages.trouble() })
    if (watch.pages.hasCrashed()) tell({ kind: 'page_crashed' })
  }

  return {
    async opened(context: BrowserContext): Promise<void> {
      const browser = await watchBrowser({
        context,
        now: () => systemClock.now(),
        step: () => undefined,
      })
      await carryTrace(context, order.traceTo, order)
      if (order.proxyServer !== undefined) await context.addInitScript(removePeerConnections)
      await guard.context(context)
      guardNewPages(context, guard, order.network)
      if (recording) await recordUntilClosed(context, recording, parts.hasFailed)
      watched.set(context, { browser, pages: watchPages(context, log) })
    },
    async closing(context: BrowserContext, hasFailed: boolean): Promise<void> {
      if (hasFailed) await picture(context)
      else await stepPicture(context)
      await recording?.closing(context)
      tellOf(context)
    },
    async closeAll(): Promise<void> {
      pictureMs = Math.min(pictureMs, DEADLINE_SCREENSHOT_MS)
      for (const context of [...watched.keys()]) {
        await quietly(context, () => picture(context))
        if (recording) await context.close({ reason: 'the deadline has passed' })
        tellOf(context)
      }
    },
  }
}

/** What is recorded is complete only when the context is closed. */
async function recordUntilClosed(
  context: BrowserContext,
  recording: ContextRecording,
  hasFailed: () => boolean,
): Promise<void> {
  await recording.opened(context)
  const close = context.close.bind(context)
  context.close = async (options) => {
    await close(options)
    await recording.closed(context, hasFailed())
  }
}

/** A page is handed over when it is guarded and as slow as it should be. */
function guardNewPages(
  context: BrowserContext,
  guard: RequestGuard,
  network: InstrumentOrder['network'],
): void {
  const newPage = context.newPage.bind(context)
  context.newPage = async () => {
    const page = await newPage()
    await quietly(context, async () => {
      await guard.page(page)
      await slowDown(page, network)
    })
    return page
  }
}

/** Browsers are the probe's own, wherever a test or its config would take them from. */
function launchOurs(
  client: Client,
  order: InstrumentOrder,
  tell: (message: WorkerMessage) => void,
): void {
  const { chromium } = client
  const launch = chromium.launch.bind(chromium)
  const launchPersistent = chromium.launchPersistentContext.bind(chromium)
  const ours = <T extends LaunchOptions>(options: T | undefined) => ({
    ...options,
    executablePath: order.executablePath,
    channel: undefined,
    headless: order.headless,
    args: [...(options?.args ?? client._defaultLaunchOptions?.args ?? []), ...order.args],
    ...(order.slowMoMs !== undefined && { slowMo: order.slowMoMs }),
    ...(order.proxyServer !== undefined && { proxy: { server: order.proxyServer } }),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  chromium.launch = async (options) => {
    try {
      // `undefined` is what takes the config's channel away, which the types do not foresee.
      const browser = await launch(ours(options) as unknown as LaunchOptions)
      watchEnd(browser, tell)
      return browser
    } catch (error) {
      tell({ kind: 'browser_failed', message: describeLaunchError(error) })
      throw error
    }
  }
  type PersistentOptions = Parameters<typeof launchPersistent>[1]
  chromium.launchPersistentContext = (folder, options) =>
    launchPersistent(folder, ours(options) as unknown as PersistentOptions)
  for (const other of [client.firefox, client.webkit]) explainMissing(other)
}

/** What a test sends without a browser goes the same way. */
function sendThrough({ request }: Client, server: string): void {
  const newContext = request.newContext.bind(request)
  request.newContext = (options) => newContext({ ...options, proxy: { server } })
}

function watchEnd(browser: Browser, tell: (message: WorkerMessage) => void): void {
  let isWanted = false
  const close = browser.close.bind(browser)
  browser.close = (options) => {
    isWanted = true
    return close(options)
  }
  browser.on('disconnected', () => {
    if (!isWanted) tell({ kind: 'browser_gone' })
  })
}

/** Probes have Chromium; who asks for another engine should read what to do, not an advertisement. */
function explainMissing(type: BrowserType): void {
  const launch = type.launch.bind(type)
  type.launch = async (options) => {
    try {
      return await launch(options)
    } catch (error) {
      if (!/Executable doesn't exist/.test(String(error))) throw error
      const name = type.name()
      throw new Error(
        `this probe has no ${name}, which the project asks for: choose another by "project: chromium" in the check, or install it with "npx playwright install ${name}"`,
        { cause: error },
      )
    }
  }
}
