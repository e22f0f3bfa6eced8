import { describeDuration } from '../../base/duration.ts'
import type { Comparison } from '../../protocol/compare-firings.ts'
import { UNKNOWN } from './quantity.ts'

/** A back-test in a column: what people compare rules by. */
export function backtestFigures({ firings, real, false: wrong, missed }: Comparison): string[] {
  const times = firings.flatMap(({ detectionMs }) => detectionMs ?? []).sort((a, b) => a - b)
  const median = times[Math.floor((times.length - 1) / 2)]
  const longest = times.at(-1)
  return [
    ...[firings.length, real, wrong, missed.length].map((amount) => amount.toLocaleString('en')),
    median === undefined ? UNKNOWN : describeDuration(median),
    longest === undefined ? UNKNOWN : describeDuration(longest),
  ]
}

/** The names of {@link backtestFigures}, in their order. */
export const BACKTEST_ROWS = [
  'alerts',
  'of which real',
  'of which false',
  'incidents missed',
  'detected after, median',
  'at most',
] as const
