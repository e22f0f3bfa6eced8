import { formatDuration } from '../../base/duration.ts'
import type { FlappingRule } from '../../protocol/alert-rule.ts'

/**
 * The hysteresis of an alert that comes and goes. Its beginnings and ends are counted; with `changes`
 * of them within `withinMs` it is flapping. From then on it stays firing, says so, and ends only after
 * everything was proven healthy for `quietForMs` without a break. One that goes slower than that ends
 * and begins as often as it does.
 */
export type Flapping = {
  since: number
  /** When it last lacked proof of health. */
  lastBadAt: number
}

/** The changes that count, with one more at `now`; never more than the rule asks for. */
export function addChange(
  rule: FlappingRule | undefined,
  changes: readonly number[],
  now: number,
): number[] {
  if (!rule) return []
  return [...changes.filter((at) => at > now - rule.withinMs), now].slice(-rule.changes)
}

export const isFlapping = (rule: FlappingRule | undefined, changes: readonly number[]): boolean =>
  rule !== undefined && changes.length >= rule.changes

/** When a flapping alert may end, unless something happens before. */
export const quietAt = ({ quietForMs }: FlappingRule, { lastBadAt }: Flapping): number =>
  lastBadAt + quietForMs

/** Why it does not end although it is proven healthy. */
export const explainFlapping = (rule: FlappingRule): string =>
  `it began and ended ${rule.changes} times within ${formatDuration(rule.withinMs)}: flapping, and over only when nothing is wrong for ${formatDuration(rule.quietForMs)}`
