import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { startShifts, tellUnconfirmed } from '../hand-off-desk.ts'

/** Tells whoever takes a duty over, and somebody else when they do not confirm it. */
export const handOffShifts = defineLoop<CoordinatorParts>({
  name: 'hand-off-shifts',
  // Turns change by the hour at the soonest; nobody waits for this by the second.
  everyMs: 5_000,
  deadlineMs: 20_000,
  async run(parts) {
    await startShifts(parts)
    await tellUnconfirmed(parts)
  },
})
