import type { BrowserContext, ConsoleMessage, Page, Request } from 'playwright'
import { type DocumentTrouble, describeError, withoutQuery } from './describe-error.ts'

/** What happens in a journey's pages beside the journey's own doing. */
export type PageWatch = {
  /** What the last document of a page answered, when that was no success. */
  trouble(): DocumentTrouble | undefined
  hasCrashed(): boolean
}

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
  const watchCrash = (opened: Page) => opened.on('crash', () => (hasCrashed = true))

  for (const page of context.pages()) watchCrash(page)
  context.on('page', watchCrash)
  context.on('console', (message) => {
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

  return { trouble: () => trouble, hasCrashed: () => hasCrashed }
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
