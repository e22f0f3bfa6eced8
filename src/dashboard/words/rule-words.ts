import { describeDuration, formatDuration } from '../../base/duration.ts'
import type { AlertRule, ConditionName } from '../../protocol/alert-rule.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import { count } from './quantity.ts'

export type ConditionState = NonNullable<AlertStatus['conditions']>[number]['state']

/** A sign and a word for what a condition says; the colour only repeats them. */
export const CONDITION_WORDS: {
  readonly [S in ConditionState]: { mark: string; word: string; tone: string }
} = {
  fires: { mark: '✗', word: 'fires', tone: 'failed' },
  pending: { mark: '◐', word: 'not for long enough yet', tone: 'degraded' },
  healthy: { mark: '✓', word: 'proven not to be so', tone: 'passed' },
  unproven: { mark: '?', word: 'does not fire', tone: 'unknown' },
}

/** When the rule fires, in words, for each of its conditions. */
export function ruleWords(rule: AlertRule): { name: ConditionName; words: string }[] {
  const { failures, ratio, latency, degraded } = rule
  const voices = rule.networks ? 'independent network' : 'region'
  const words: { name: ConditionName; words: string }[] = [
    {
      name: 'regions',
      words: `${count(rule.regionsMin, voices)} ${rule.regionsMin === 1 ? 'fails' : 'fail at once'}`,
    },
    {
      name: 'failuresToFire',
      words: `one region fails ${count(rule.failuresToFire, 'time')} in a row`,
    },
  ]
  if (failures)
    words.push({
      name: 'failures',
      words: `${failures.count} of the last ${failures.of} runs of a region failed`,
    })
  if (ratio)
    words.push({
      name: 'ratio',
      words: `more than ${percent(ratio.above)} of the runs failed, ${windowWords(ratio)}`,
    })
  if (latency) {
    const limit =
      latency.above.kind === 'limit'
        ? describeDuration(latency.above.ms)
        : `${latency.above.times} times what is usual at this hour of the week`
    words.push({
      name: 'latency',
      words: `p${percentNumber(latency.percentile)} is above ${limit}, ${windowWords(latency)}`,
    })
  }
  if (degraded)
    words.push({
      name: 'degraded',
      words: `${degraded.count} of the last ${degraded.of} runs of a region were degraded or failed`,
    })
  return words
}

/** How it ends: by proof, and after a quiet time when it comes and goes. */
export function endWords({ passesToResolve, flapping }: AlertRule): string {
  const proof = `each region passes ${count(passesToResolve, 'time')} in a row, and nothing that fired is so any more`
  if (!flapping) return proof
  return `${proof}; with ${flapping.changes} beginnings and ends within ${formatDuration(flapping.withinMs)}, only after ${formatDuration(flapping.quietForMs)} without trouble`
}

function windowWords(rule: { withinMs: number; forMs: number; samplesMin: number }): string {
  const within = `within ${formatDuration(rule.withinMs)} and of at least ${count(rule.samplesMin, 'run')}`
  return rule.forMs === 0 ? within : `${within}, for ${formatDuration(rule.forMs)} without a break`
}

const percentNumber = (share: number) => Math.round(share * 10_000) / 100
const percent = (share: number) => `${percentNumber(share)} %`
