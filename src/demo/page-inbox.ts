import type { Clock } from '../base/clock.ts'

/** A page that reached somebody of the demo. */
export type DemoPage = { personId: string; at: number }

export type PageInbox = {
  take(personId: string): void
  /** The newest first. */
  recent(): readonly DemoPage[]
}

/** Pages that are remembered; the screen has room for a few. */
const PAGES_KEPT = 20

/** What stands for the telephones of the demo's people. */
export function createPageInbox(clock: Clock): PageInbox {
  const pages: DemoPage[] = []
  return {
    take(personId) {
      pages.unshift({ personId, at: clock.now() })
      pages.splice(PAGES_KEPT)
    },
    recent: () => pages,
  }
}
