import { DAY_MS, DAYS_SHOWN, dayOf } from '../../domain/status-page/day-bars.ts'
import { defineLoop, type Loop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import {
  forgetMeasuredDays,
  measuredDays,
  noteMeasuredDay,
  wasMeasured,
} from '../store/measured-days.ts'

/** Days looked into in one pass: the first one after an upgrade has all of them before it. */
const LOOKS_PER_PASS_MAX = 500

/** Writes down on which days checks were measured, for the bars of the public page. */
export function noteMeasuredDays(): Loop<CoordinatorParts> {
  // Days of the past do not change: each is looked into once.
  const settled = new Set<string>()
  return defineLoop<CoordinatorParts>({
    name: 'note-measured-days',
    everyMs: 60_000,
    deadlineMs: 30_000,
    async run({ store, fleet, clock }, signal) {
      if (!fleet.statusPage) return
      const today = dayOf(clock.now())
      const oldest = today - (DAYS_SHOWN - 1) * DAY_MS
      const known = await measuredDays(
        store,
        fleet.checks.map(({ id }) => id),
        oldest,
      )
      let looks = 0
      for (let day = today; day >= oldest && looks < LOOKS_PER_PASS_MAX; day -= DAY_MS)
        for (const { id: checkId, regions: regionIds } of fleet.checks) {
          const cell = `${checkId} ${day}`
          if (known.get(checkId)?.has(day) || settled.has(cell)) continue
          signal.throwIfAborted()
          looks++
          const until = day + DAY_MS
          const isMeasured = await wasMeasured(store, { checkId, regionIds, from: day, until })
          if (isMeasured) await noteMeasuredDay(store, checkId, day)
          // Runs of yesterday may still be on their way.
          else if (day < today - DAY_MS) settled.add(cell)
        }
      for (const cell of settled) if (Number(cell.split(' ')[1]) < oldest) settled.delete(cell)
      await forgetMeasuredDays(store, oldest)
    },
  })
}
