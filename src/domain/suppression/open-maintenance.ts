import { cronSlots } from '../../protocol/cron-slots.ts'
import type { MaintenanceWindow, OpenMaintenance } from '../../protocol/suppression.ts'

/** Beginnings within one window's length that are looked at: overlapping ones are one. */
const BEGINNINGS_MAX = 1_000

/** The windows that are open at an instant; those that begin again before they end go on. */
export function openMaintenance(
  windows: readonly MaintenanceWindow[],
  now: number,
): OpenMaintenance[] {
  return windows.flatMap((window) => {
    const span = spanAt(window.when, now)
    const { id, reason, scope } = window
    return span ? { id, reason, scope, ...span } : []
  })
}

function spanAt(
  when: MaintenanceWindow['when'],
  now: number,
): { from: number; until: number } | undefined {
  if (when.kind === 'once') {
    const { from, until } = when
    return from <= now && now < until ? { from, until } : undefined
  }
  const { expression, timeZone, lastsMs } = when
  const begun = cronSlots(expression, timeZone, now - lastsMs, now, BEGINNINGS_MAX)
  const [first] = begun
  const last = begun.at(-1)
  return first === undefined || last === undefined
    ? undefined
    : { from: first, until: last + lastsMs }
}
