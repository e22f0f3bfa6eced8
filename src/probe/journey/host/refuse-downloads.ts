import type { EventEmitter } from 'node:events'
import type { BrowserContext, Page } from 'playwright'
import { withoutQuery } from './describe-error.ts'

/**
 * Cancels each download that the journey does not wait for: a page may offer gigabytes, and nobody
 * would look at them. Who listens for `download`, on the page or on the context, gets the file.
 */
export function refuseDownloads(context: BrowserContext, log: (line: string) => void): void {
  const watch = (page: Page) => {
    // Heard first, because it was there first: who waits has not been removed yet.
    page.on('download', (download) => {
      if (listeners(page) - 1 + listeners(context) > 0) return
      log(
        `a download that the journey does not wait for was cancelled: ${withoutQuery(download.url())}`,
      )
      download.cancel().catch(() => undefined) // The page closed first.
    })
  }
  context.on('page', watch)
}

/** Playwright's emitters can count, though its types do not say so; where one cannot, nothing is cancelled. */
function listeners(emitter: Page | BrowserContext): number {
  const { listenerCount } = emitter as Partial<Pick<EventEmitter, 'listenerCount'>>
  return listenerCount?.call(emitter, 'download') ?? Infinity
}
