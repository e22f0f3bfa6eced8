import type { CheckDefinition } from '../../../protocol/check.ts'
import { dueSlots, nextSlot } from '../../../protocol/schedule.ts'

/** Looks so far apart need none between them: a day's check is run by hand where it matters. */
const PERIOD_MS_MAX = 3_600_000

/** How far back slots are looked for whose middle may be due now. */
const REACH_MS = PERIOD_MS_MAX

/**
 * The regions in which a check that is watched closer is to be run now: half-way between two slots, so
 * that it is looked at twice as often and neither its grid nor its ledger changes.
 *
 * @param after the instant up to which this was asked before; `after < middle <= until`.
 */
export function extraLooks(
  check: Pick<CheckDefinition, 'id' | 'kind' | 'schedule' | 'regions'>,
  { after, until }: { after: number; until: number },
): string[] {
  if (check.kind === 'heartbeat' || until <= after) return []
  return check.regions.filter((region) => {
    const before = dueSlots(check, region, after - REACH_MS, until)
    return before.some((slot) => {
      const next = nextSlot(check, region, slot)
      if (next === undefined || next - slot > PERIOD_MS_MAX) return false
      const middle = slot + (next - slot) / 2
      return middle > after && middle <= until
    })
  })
}
