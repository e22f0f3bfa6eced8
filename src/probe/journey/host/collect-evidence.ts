import type { Page } from 'playwright'
import type { Clock } from '../../../base/clock.ts'
import type { RunOrder } from '../messages.ts'
import { withDocumentTrouble } from './describe-error.ts'
import type { RunReport } from './run-report.ts'
import { SCREENSHOT_MS_MAX, takeScreenshot } from './take-screenshot.ts'
import type { PageWatch } from './watch-pages.ts'

/** What is kept of a failure: a picture of the page, and the reason in words. */
export type Evidence = {
  /** Takes the picture, within the run's bound; a later failure's picture replaces it. */
  picture(step: string | undefined): Promise<void>
  /** The message, with what the page's document answered before it. */
  explain(message: string): string
}

export type EvidenceParts = {
  order: RunOrder
  page: Page
  report: RunReport
  watch: PageWatch
  clock: Clock
}

export function createEvidence({ order, page, report, watch, clock }: EvidenceParts): Evidence {
  let leftMs = SCREENSHOT_MS_MAX
  return {
    async picture(step) {
      if (order.screenshots === 'never') return
      const startedAt = clock.monotonic()
      const options = { limitMs: leftMs, paintOver: order.paintOver }
      if (await takeScreenshot(page, order.screenshotPath, options, report.log))
        report.screenshot(step)
      leftMs -= clock.monotonic() - startedAt
    },
    explain: (message) => withDocumentTrouble(message, watch.trouble()),
  }
}
