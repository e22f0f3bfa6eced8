import { randomUUID } from 'node:crypto'
import type { BrowserContext, ConsoleMessage, Page, Request } from 'playwright'
import {
  type BrowserRecord,
  CONSOLE_LINES_MAX,
  type ConsoleLine,
  FAILED_REQUESTS_MAX,
  PAGES_MAX,
  type PageRecord,
} from '../../../protocol/run.ts'
import { clip } from '../messages.ts'
import { describeError, withoutQuery } from './describe-error.ts'
import { measureVitals, measureVitalsOptions } from './measure-vitals.ts'

/** What the browser does during a run: its pages, requests and console. Counts all, keeps the first. */
export type BrowserWatch = {
  record(): Omit<BrowserRecord, 'engine' | 'prepareMs' | 'evidenceMs'>
}

export type WatchParts = {
  context: BrowserContext
  /** Milliseconds since the run's start. */
  now(): number
  /** The step under way. */
  step(): string | undefined
}

const TEXT_LENGTH_MAX = 1_000
/** Failures that say nothing about the target: superseded by the next page, or blocked by us. */
const NO_FAILURES = ['net::ERR_ABORTED', 'net::ERR_BLOCKED_BY_CLIENT']

export async function watchBrowser(parts: WatchParts): Promise<BrowserWatch> {
  const { context } = parts
  const moment = () => {
    const step = parts.step()
    return { atMs: Math.max(0, parts.now()), ...(step !== undefined && { step }) }
  }
  const pages = await watchDocuments(context, moment)
  const traffic = watchTraffic(context, moment)
  const console = watchConsole(context, moment)
  return { record: () => ({ pages, ...traffic, ...console }) }
}

type Moment = () => { atMs: number; step?: string }

async function watchDocuments(context: BrowserContext, moment: Moment): Promise<PageRecord[]> {
  const pages: PageRecord[] = []
  /** The document that each page shows, and which of its reports belong to it. */
  const shown = new Map<Page, PageRecord>()
  const byDocument = new Map<number, PageRecord>()
  /** A document that was left may still speak when the next one is already there. */
  const documentShown = (page: Page, url: unknown) => {
    const record = shown.get(page)
    return typeof url === 'string' && record?.url === withoutQuery(url) ? record : undefined
  }
  // A name that no page can know beforehand.
  const binding = `vitals_${randomUUID().replaceAll('-', '')}`
  await context.exposeBinding(binding, ({ page, frame }, report: Record<string, unknown>) => {
    if (frame !== page.mainFrame() || typeof report?.document !== 'number') return
    const record = byDocument.get(report.document) ?? documentShown(page, report.url)
    if (!record) return
    byDocument.set(report.document, record)
    for (const key of VITALS) {
      const value = report[key]
      if (typeof value === 'number' && Number.isFinite(value) && value >= 0)
        record[key] = Math.round(value * 1_000) / 1_000
    }
  })
  await context.addInitScript(measureVitals, measureVitalsOptions(binding))
  context.on('response', (response) => {
    const request = response.request()
    const page = documentPage(request)
    if (!page) return
    // Of what is not kept, the vitals are not either: they must not become those of another page.
    shown.delete(page)
    if (pages.length >= PAGES_MAX) return
    const record: PageRecord = {
      ...moment(),
      url: withoutQuery(response.url()),
      status: response.status(),
    }
    shown.set(page, record)
    // A redirect is no page that anybody sees.
    if (response.status() < 300 || response.status() >= 400) pages.push(record)
  })
  return pages
}

const VITALS = ['ttfbMs', 'fcpMs', 'lcpMs', 'inpMs', 'cls', 'domReadyMs', 'loadMs'] as const

/** The page whose whole document this request asks for. */
function documentPage(request: Request): Page | undefined {
  try {
    if (!request.isNavigationRequest()) return undefined
    const frame = request.frame()
    return frame.parentFrame() === null ? frame.page() : undefined
  } catch {
    return undefined // A page that is only being opened has no frame yet, or it has closed.
  }
}

function watchTraffic(context: BrowserContext, moment: Moment) {
  const traffic = {
    requests: 0,
    bytes: 0,
    failedRequestCount: 0,
    failedRequests: [] as BrowserRecord['failedRequests'],
  }
  const keep = (request: Request, what: { status: number } | { failure: string }) => {
    traffic.failedRequestCount++
    if (traffic.failedRequests.length >= FAILED_REQUESTS_MAX) return
    traffic.failedRequests.push({
      ...moment(),
      method: clip(request.method(), 20),
      url: withoutQuery(request.url()),
      resource: request.resourceType(),
      ...what,
    })
  }
  context.on('request', () => {
    traffic.requests++
  })
  context.on('response', (response) => {
    if (response.status() >= 400) keep(response.request(), { status: response.status() })
  })
  context.on('requestfailed', (request) => {
    const failure = request.failure()?.errorText ?? 'no answer'
    if (!NO_FAILURES.includes(failure)) keep(request, { failure: clip(failure, TEXT_LENGTH_MAX) })
  })
  context.on('requestfinished', (request) => {
    request.sizes().then(
      ({ responseBodySize, responseHeadersSize }) => {
        traffic.bytes += Math.max(0, responseBodySize) + Math.max(0, responseHeadersSize)
      },
      () => undefined, // The page closed first.
    )
  })
  return traffic
}

function watchConsole(context: BrowserContext, moment: Moment) {
  const seen = {
    consoleErrorCount: 0,
    consoleWarningCount: 0,
    exceptionCount: 0,
    console: [] as ConsoleLine[],
  }
  const keep = (line: Pick<ConsoleLine, 'kind' | 'text' | 'place'>) => {
    if (seen.console.length < CONSOLE_LINES_MAX) seen.console.push({ ...moment(), ...line })
  }
  context.on('console', (message) => {
    const kind = message.type()
    if (kind === 'error') seen.consoleErrorCount++
    else if (kind === 'warning') seen.consoleWarningCount++
    else return
    keep({ kind, text: clip(message.text(), TEXT_LENGTH_MAX), ...placeOf(message) })
  })
  context.on('weberror', (webError) => {
    seen.exceptionCount++
    keep({ kind: 'exception', text: clip(describeError(webError.error()), TEXT_LENGTH_MAX) })
  })
  return seen
}

function placeOf(message: ConsoleMessage): { place?: string } {
  const { url, lineNumber } = message.location()
  return url ? { place: `${withoutQuery(url)}:${lineNumber + 1}` } : {}
}
