import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { countOverdue } from '../store/pages.ts'

/** Ten passes of the loops that should have taken it. */
const LATE_MS = 10_000

/** Looks whether anything of a page is late: the loops that take it cannot say that they do not run. */
export const auditPages = defineLoop<CoordinatorParts>({
  name: 'audit-pages',
  everyMs: 30_000,
  deadlineMs: 10_000,
  async run({ store, clock, metrics, logger }) {
    const overdue = await countOverdue(store, clock.now() - LATE_MS)
    metrics.setPagesOverdue(overdue)
    if (overdue.steps + overdue.deliveries > 0) logger.error(overdue, 'pages are overdue')
  },
})
