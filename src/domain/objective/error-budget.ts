import { describeDuration } from '../../base/duration.ts'
import type { Objective, Tally } from '../../protocol/objective.ts'

export type ErrorBudget = {
  /** Runs that may be bad among as many as there were. */
  badAllowed: number
  /** 0.4: two fifths are spent; above 1 the objective is missed. Undefined without any run. */
  spentShare: number | undefined
  /** Share of good runs; undefined without any. */
  goodRatio: number | undefined
}

/** What the runs of a whole period have left of the budget. */
export function errorBudget({ target }: Pick<Objective, 'target'>, tally: Tally): ErrorBudget {
  const total = tally.good + tally.bad
  const badAllowed = (1 - target) * total
  if (total === 0) return { badAllowed, spentShare: undefined, goodRatio: undefined }
  return { badAllowed, spentShare: tally.bad / badAllowed, goodRatio: tally.good / total }
}

/** How many times as fast as allowed runs are bad; undefined without any. */
export function burnRate(
  { target }: Pick<Objective, 'target'>,
  { good, bad }: Pick<Tally, 'good' | 'bad'>,
): number | undefined {
  const total = good + bad
  return total === 0 ? undefined : bad / total / (1 - target)
}

/**
 * How long the rest of the budget lasts at a burn rate.
 *
 * @returns milliseconds; 0 when it is spent; undefined when it does not shrink.
 */
export function exhaustedInMs(
  { periodMs }: Pick<Objective, 'periodMs'>,
  spentShare: number,
  burn: number,
): number | undefined {
  if (spentShare >= 1) return 0
  // At a burn rate of 1 as much leaves the rolling period as comes into it.
  if (burn <= 1) return undefined
  return ((1 - spentShare) * periodMs) / burn
}

/** `at this rate the budget of 30 d is gone in 41 min`. */
export function exhaustionWords(
  objective: Pick<Objective, 'periodMs'>,
  spentShare: number,
  burn: number,
): string {
  const days = describeDuration(objective.periodMs)
  const leftMs = exhaustedInMs(objective, spentShare, burn)
  if (leftMs === 0) return `the budget of ${days} is spent`
  if (leftMs === undefined) return `the budget of ${days} lasts`
  return `at this rate the budget of ${days} is gone in ${describeDuration(leftMs)}`
}
