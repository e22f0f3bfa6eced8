import type { Browser, BrowserContext, Page } from 'playwright'
import type { Clock } from '../../../base/clock.ts'
import type { BrowserRecord } from '../../../protocol/run.ts'
import { createMask } from '../../../runtime/mask-secrets.ts'
import type { Journey } from '../../../sdk/journey.ts'
import type { RunOrder } from '../messages.ts'
import { carryTrace } from './carry-trace.ts'
import { createEvidence, type Evidence } from './collect-evidence.ts'
import { describeError, withoutQuery } from './describe-error.ts'
import { createRequestGuard, type RequestGuard } from './guard-requests.ts'
import { createRecordingMask } from './mask-recording.ts'
import { type NetTime, startNetTime } from './net-time.ts'
import type { NeverRule } from './never-rules.ts'
import { type PolicyProxy, removePeerConnections, startPolicyProxy } from './policy-proxy.ts'
import { createRecorder, type Recorder } from './record-everything.ts'
import { createStepRecorder, type StepRecorder } from './record-steps.ts'
import { refuseDownloads } from './refuse-downloads.ts'
import type { RunReport } from './run-report.ts'
import { contextOptions, slowDown } from './set-up-context.ts'
import { watchBrowser } from './watch-browser.ts'
import { type PageWatch, watchPages } from './watch-pages.ts'

/** What one run works with; nothing of it is used by another. */
export type Session = {
  order: RunOrder
  journey: Journey
  context: BrowserContext
  page: Page
  report: RunReport
  watch: PageWatch
  guard: RequestGuard
  evidence: Evidence
  recorder: Recorder | undefined
  /** Runs from here: opening the session is the last thing before the journey. */
  time: NetTime
  steps: StepRecorder
  browserGone: Promise<void>
  /**
   * Closes the context. Every call gets the one closing that there is: Playwright's own second call
   * would not wait for the first one.
   */
  close(reason?: string): Promise<void>
  /** Says what the browser did so far. */
  describeBrowser(): void
  clock: Clock
}

export type SessionParts = {
  order: RunOrder
  journey: Journey
  rules: readonly NeverRule[]
  report: RunReport
  browser: Browser
  clock: Clock
}

export async function openSession(parts: SessionParts): Promise<Session> {
  const { order, journey, rules, report, browser, clock } = parts
  const preparedFrom = clock.monotonic()
  let time: NetTime | undefined
  const recorder = recorderFor(order, () => time?.now() ?? 0)
  const proxy = order.publicNetwork && (await startPolicyProxy(order.publicNetwork, clock))
  const context = await browser.newContext({
    ...contextOptions(order.browser),
    ...(proxy && { proxy: { server: proxy.server } }),
    ...recorder?.contextOptions,
    // A service worker's requests pass by every guard.
    serviceWorkers: 'block',
    ignoreHTTPSErrors: order.ignoreHttpsErrors,
  })
  // It may be closed in several ways, and none of them must leave the proxy behind.
  if (proxy) context.once('close', () => void proxy.close())
  // What it connects to by UDP goes through no proxy.
  if (proxy) await context.addInitScript(removePeerConnections)
  // The deadline rules: with shorter limits here, a slow page would fail before its time.
  context.setDefaultTimeout(order.timeoutMs)
  context.setDefaultNavigationTimeout(order.timeoutMs)
  let steps: StepRecorder | undefined
  const browserWatch = await watchBrowser({
    context,
    now: () => time?.now() ?? 0,
    step: () => steps?.innermost()?.name,
  })
  await carryTrace(context, order.traceTo, order)
  await recorder?.start(context)
  const guard = createRequestGuard(rules, report)
  await guard.context(context)
  refuseDownloads(context, report.log)
  const page = await context.newPage()
  await slowDown(page, order.browser.network)
  await guard.page(page)
  const watch = watchPages(context, report.log)
  const evidence = createEvidence({ order, page, report, watch, proxy, clock })
  const gone = Promise.withResolvers<void>()
  browser.once('disconnected', () => gone.resolve())

  const prepareMs = clock.monotonic() - preparedFrom
  const runTime = startNetTime(clock, report.pause)
  time = runTime
  steps = createStepRecorder({
    time: runTime,
    report,
    hasLimits: order.isDebugged !== true,
    url: () => (page.isClosed() ? undefined : withoutQuery(page.url())),
    verify() {
      const attempt = guard.attempt()
      if (attempt) throw new Error(attempt)
    },
    async onFailure(error, step) {
      await evidence.picture(step)
      return evidence.explain(describeError(error))
    },
    ...(order.screenshots === 'each-step' && { onPassed: evidence.stepPicture }),
    ...(recorder && { around: recorder.around }),
  })
  const describeBrowser = () =>
    report.browser({
      engine: `${browser.browserType().name()} ${browser.version()}`,
      prepareMs,
      evidenceMs: Math.max(0, runTime.grossNow() - runTime.now()),
      ...withReasons(browserWatch.record(), proxy),
    })
  const browserGone = gone.promise
  let closing: Promise<void> | undefined
  const close = (reason?: string) => {
    closing ??= context.close(reason === undefined ? {} : { reason })
    return closing
  }
  return {
    order,
    journey,
    context,
    page,
    report,
    watch,
    guard,
    evidence,
    recorder,
    time: runTime,
    steps,
    browserGone,
    close,
    describeBrowser,
    clock,
  }
}

/** Requests that the proxy made no connection for failed for its reason, not for the browser's. */
function withReasons<R extends Pick<BrowserRecord, 'failedRequests'>>(
  record: R,
  proxy: PolicyProxy | undefined,
): R {
  if (!proxy) return record
  const failedRequests = record.failedRequests.map((failed) => {
    const reason = failed.failure === undefined ? undefined : proxy.why(failed.url)
    return reason === undefined ? failed : { ...failed, failure: reason }
  })
  return { ...record, failedRequests }
}

function recorderFor(order: RunOrder, now: () => number): Recorder | undefined {
  const { recording, secrets } = order
  if (!recording) return undefined
  const mask = createRecordingMask(createMask(secrets), secrets)
  return createRecorder({ order: { ...order, recording }, mask, now })
}
