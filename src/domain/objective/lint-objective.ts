import { describeDuration } from '../../base/duration.ts'
import type { Objective } from '../../protocol/objective.ts'
import { BURN_WINDOWS, badRatioToFire, burnRateOf } from './burn-windows.ts'

/**
 * What cannot work about an objective, in words; none when it can. A window that wants more than
 * every run to be bad never fires.
 */
export function lintObjective(objective: Pick<Objective, 'target' | 'periodMs'>): string[] {
  return BURN_WINDOWS.filter((window) => badRatioToFire(window, objective) >= 1).map((window) => {
    const burn = burnRateOf(window, objective.periodMs)
    const least = (1 - 1 / burn) * 100
    return `the ${window.action} alert over ${describeDuration(window.longMs)} can never fire: it wants a burn rate of ${Number(burn.toFixed(2))}, which a target above ${least.toFixed(2)}% can have`
  })
}
