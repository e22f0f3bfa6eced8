import type { BrowserContext, ConsoleMessage, Page, Request } from 'playwright'
import { type DocumentTrouble, describeError, withoutQuery } from './describe-error.ts'

/** What happens in a journey's pages beside the journey's own doing. */
export type PageWatch = {
  /** What the last document of a page answered, when that was no success. */
  trouble(): DocumentTrouble | undefined
  hasCrashed(): boolean
  /** Resolves, with what it did, when a page does something without end that costs us memory. */
  runaway: Promise<string>
}

/** Windows at a time. A page that opens them in a loop would take the machine with it. */
const WINDOWS_MAX = 20
/** Lines of a run. Each costs the browser and us some time and memory, and a loop makes millions. */
const CONSOLE_LINES_MAX = 20_000

/** Console and page errors kept with a run: enough to see what broke, no matter how loud the page. */
const PAGE_ERRORS_MAX = 20

/** Failures of a navigation that say nothing about the target: superseded, or blocked by us. */
const NO_TROUBLE = ['net::ERR_ABORTED', 'net::ERR_BLOCKED_BY_CLIENT']

export function watchPages(context: BrowserContext, log: (line: string) => void): PageWatch {
  let trouble: DocumentTrouble | undefined
  let hasCrashed = false
  let errors = 0

  const keepError = (line: string) => {
    errors++
    if (errors <= PAGE_ERRORS_MAX) log(line)
    if (errors === PAGE_ERRORS_MAX + 1) log('further console errors are not kept')
  }
  const runaway = Promise.withResolvers<string>()
  let lines = 0
  const watchCrash = (opened: Page) => opened.on('crash', () => (hasCrashed = true))
  context.on('page', () => {
    if (context.pages().length > WINDOWS_MAX)
      runaway.resolve(`the page opened more than ${WINDOWS_MAX} windows`)
  })

  for (const page of context.pages()) watchCrash(page)
  context.on('page', watchCrash)
  context.on('console', (message) => {
    if (++lines > CONSOLE_LINES_MAX)
      runaway.resolve(`the page wrote more than ${CONSOLE_LINES_MAX} lines on its console`)
    if (message.type() === 'error') keepError(consoleLine(message))
  })
  context.on('weberror', (webError) => keepError(`page error: ${describeError(webError.error())}`))
  context.on('response', (response) => {
    if (!isDocument(response.request())) return
    const status = response.status()
    trouble = status >= 400 ? { url: withoutQuery(response.url()), status } : undefined
  })
  context.on('requestfailed', (request) => {
    const failure = request.failure()?.errorText ?? ''
    if (isDocument(request) && failure.startsWith('net::') && !NO_TROUBLE.includes(failure))
      trouble = { url: withoutQuery(request.url()), failure }
  })

  return { trouble: () => trouble, hasCrashed: () => hasCrashed, runaway: runaway.promise }
}

function consoleLine(message: ConsoleMessage): string {
  const { url, lineNumber } = message.location()
  return `console error: ${message.text()}${url ? ` (${withoutQuery(url)}:${lineNumber})` : ''}`
}

/** Whether the request is for what a page shows as a whole, not for a part or a frame of it. */
function isDocument(request: Request): boolean {
  if (!request.isNavigationRequest()) return false
  try {
    return request.frame().parentFrame() === null
  } catch {
    return true // The first document of a page that is only being opened has no frame yet.
  }
}
