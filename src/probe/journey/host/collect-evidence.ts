import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import type { Page } from 'playwright'
import type { Clock } from '../../../base/clock.ts'
import {
  type RunOrder,
  SCREENSHOT_MS_MAX,
  STEP_PICTURES,
  STEP_PICTURES_MS_MAX,
} from '../messages.ts'
import { withDocumentTrouble } from './describe-error.ts'
import type { PolicyProxy } from './policy-proxy.ts'
import type { RunReport } from './run-report.ts'
import { takeScreenshot } from './take-screenshot.ts'
import type { PageWatch } from './watch-pages.ts'

/** What is kept of a failure: a picture of the page, and the reason in words. */
export type Evidence = {
  /** Takes the picture, within the run's bound; a later failure's picture replaces it. */
  picture(step: string | undefined, limitMs?: number): Promise<void>
  /** Takes a picture of a step that passed, unless it looks like the one before. */
  stepPicture(step: string): Promise<void>
  /** The message, with what the page's document answered before it. */
  explain(message: string): string
}

export type EvidenceParts = {
  order: RunOrder
  page: Page
  report: RunReport
  watch: PageWatch
  /** Where the run has one. */
  proxy: Pick<PolicyProxy, 'explain'> | undefined
  clock: Clock
}

export function createEvidence({
  order,
  page,
  report,
  watch,
  proxy,
  clock,
}: EvidenceParts): Evidence {
  let leftMs = SCREENSHOT_MS_MAX
  const film = createFilm()
  return {
    async picture(step, limitMs = Infinity) {
      if (order.screenshots === 'never') return
      const startedAt = clock.monotonic()
      const options = { limitMs: Math.min(leftMs, limitMs), paintOver: order.paintOver }
      const path = `${order.picturePrefix}screenshot.png`
      if (await takeScreenshot(page, path, options, report.log)) report.screenshot(step)
      leftMs -= clock.monotonic() - startedAt
    },
    async stepPicture(step) {
      const name = film.next()
      if (name === undefined) return
      const startedAt = clock.monotonic()
      const options = { limitMs: film.leftMs(), paintOver: order.paintOver }
      const path = `${order.picturePrefix}${name}`
      if (await takeScreenshot(page, path, options, report.log)) {
        if (await film.isNew(path)) report.picture(name, step)
        else await rm(path, { force: true })
      }
      film.spend(clock.monotonic() - startedAt)
    },
    explain(message) {
      const whole = withDocumentTrouble(message, watch.trouble())
      return proxy?.explain(whole) ?? whole
    },
  }
}

/** The pictures of a run's steps, within bounds of number and time. */
function createFilm() {
  let leftMs = STEP_PICTURES_MS_MAX
  let count = 0
  let last = ''
  return {
    /** The next picture's name; undefined when there may be no more. */
    next: () => (leftMs > 0 ? STEP_PICTURES[count] : undefined),
    leftMs: () => Math.min(leftMs, SCREENSHOT_MS_MAX),
    spend(ms: number): void {
      leftMs -= ms
    },
    /** Whether it differs from the last one; if so, it is counted. */
    async isNew(path: string): Promise<boolean> {
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex')
      if (hash === last) return false
      last = hash
      count++
      return true
    },
  }
}
