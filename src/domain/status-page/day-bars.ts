import type { ComponentStatus } from '../../protocol/status-page.ts'
import { STATUSES, type StatusSpan } from './status-spans.ts'

export const DAYS_SHOWN = 90
export const DAY_MS = 86_400_000

/** Of a day on which nothing was measured and nothing was told, nobody knows. */
export type DayState = ComponentStatus | 'no_data'

/** The start of an instant's day in UTC. */
export const dayOf = (instant: number): number => instant - (instant % DAY_MS)

/** The last ninety days of a component, each as bad as it ever was on that day; today is the last. */
export function dayBars({
  spans,
  isMeasured,
  now,
}: {
  spans: readonly StatusSpan[]
  isMeasured(day: number): boolean
  now: number
}): { at: number; state: DayState }[] {
  const today = dayOf(now)
  return Array.from({ length: DAYS_SHOWN }, (_, index) => {
    const at = today - (DAYS_SHOWN - 1 - index) * DAY_MS
    const told = spans
      .filter(({ from, until }) => from < at + DAY_MS && until > at)
      .map(({ status }) => status as ComponentStatus)
    const worst = STATUSES.findLast((status) => told.includes(status))
    return { at, state: worst ?? (isMeasured(at) ? 'operational' : 'no_data') }
  })
}
