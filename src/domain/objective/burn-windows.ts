import type { Objective } from '../../protocol/objective.ts'

/**
 * Multi-window, multi-burn-rate alerting (Google, The Site Reliability Workbook, chapter 5). A burn
 * rate of 1 spends the whole budget in exactly one period.
 */
export type BurnWindow = {
  /** `page` wakes a person, `ticket` waits for the working day. */
  action: 'page' | 'ticket'
  /** Share of the budget that is spent when the long window fires. */
  budgetShare: number
  longMs: number
  /** Must burn as well: it is what ends the alert soon after the trouble. */
  shortMs: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Fastest first. Each short window is a twelfth of its long one. */
export const BURN_WINDOWS: readonly BurnWindow[] = [
  { action: 'page', budgetShare: 0.02, longMs: HOUR, shortMs: 5 * MINUTE },
  { action: 'page', budgetShare: 0.05, longMs: 6 * HOUR, shortMs: 30 * MINUTE },
  { action: 'ticket', budgetShare: 0.1, longMs: DAY, shortMs: 2 * HOUR },
  { action: 'ticket', budgetShare: 0.1, longMs: 3 * DAY, shortMs: 6 * HOUR },
]

/** The burn rate from which a window fires: 14.4 for a fiftieth of 30 days' budget within an hour. */
export const burnRateOf = (window: BurnWindow, periodMs: number): number =>
  (window.budgetShare * periodMs) / window.longMs

type Terms = Pick<Objective, 'target' | 'periodMs'>

/** The share of bad runs above which a window fires. At 1 and above it never can. */
export const badRatioToFire = (window: BurnWindow, { target, periodMs }: Terms): number =>
  burnRateOf(window, periodMs) * (1 - target)

/**
 * How long a failure of so many runs lasts until a window fires, after a time without any.
 *
 * @param badRatio share of runs that fail, above 0, at most 1.
 * @returns milliseconds; undefined when so few failures never make it fire.
 */
export function burnDetectionMs(
  window: BurnWindow,
  objective: Terms,
  badRatio: number,
): number | undefined {
  const limit = badRatioToFire(window, objective)
  // The short window fills twelve times as fast, so the long one decides.
  return badRatio > limit ? (window.longMs * limit) / badRatio : undefined
}

/**
 * How long an alert goes on after the failure has ended, when it lasted for longer than the short
 * window.
 *
 * @returns milliseconds; undefined when so few failures never make it fire.
 */
export function burnResetMs(
  window: BurnWindow,
  objective: Terms,
  badRatio: number,
): number | undefined {
  const limit = badRatioToFire(window, objective)
  return badRatio > limit ? window.shortMs * (1 - limit / badRatio) : undefined
}
