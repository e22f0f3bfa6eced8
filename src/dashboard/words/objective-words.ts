import { describeDuration } from '../../base/duration.ts'
import type { Objective, ObjectiveStatus } from '../../protocol/objective.ts'
import { TRAFFIC_SPAN_MS } from '../../protocol/traffic-span.ts'
import { count, UNKNOWN } from './quantity.ts'

type Entry = { objective: Objective; status?: ObjectiveStatus | undefined }

/** `1 of 3 objectives burns its budget too fast.` */
export function objectivesSentence(entries: readonly Entry[]): string {
  if (entries.length === 0) return 'No objective is defined.'
  const burning = entries.filter(({ status }) => status?.state === 'burning').length
  const missed = entries.filter(({ status }) => (status?.spentShare ?? 0) > 1).length
  const all = count(entries.length, 'objective')
  if (burning > 0)
    return `${burning} of ${all} ${burning === 1 ? 'burns its' : 'burn their'} budget too fast`
  if (missed > 0) return `${missed} of ${all} ${missed === 1 ? 'is' : 'are'} missed`
  const blind = entries.filter(({ status }) => status?.state === 'blind').length
  if (blind > 0) return `${blind} of ${all} cannot be told: too much is unknown`
  return entries.length === 1 ? 'The objective is kept' : `All ${all} are kept`
}

/** What is promised: `99.9 % of runs pass within 2.0 s, over 28 d`. */
export function promiseWords({ target, latencyMs, periodMs, traffic }: Objective): string {
  if (traffic)
    return `${shareWords(target)} of requests are good, over ${describeDuration(periodMs)}`
  const within = latencyMs === undefined ? '' : ` within ${describeDuration(latencyMs)}`
  return `${shareWords(target)} of runs pass${within}, over ${describeDuration(periodMs)}`
}

/** `99.95 %`; as many digits as were meant, never rounded up to 100 %. */
export function shareWords(share: number): string {
  const percent = Number((share * 100).toFixed(4))
  const shown = percent >= 100 && share < 1 ? 99.9999 : percent
  return `${shown} %`
}

export const STATE_WORDS: {
  readonly [S in ObjectiveStatus['state']]: { word: string; sign: string; tone: string }
} = {
  quiet: { word: 'calm', sign: '✓', tone: 'tone-passed' },
  burning: { word: 'burning', sign: '✗', tone: 'tone-failed' },
  blind: { word: 'unknown', sign: '?', tone: 'tone-unknown' },
}

/** `40 % of the budget spent`, `spent twice over`; unknown without a run. */
export function spentWords({ spentShare }: Pick<ObjectiveStatus, 'spentShare'>): string {
  if (spentShare === null) return UNKNOWN
  if (spentShare > 1) return `missed: ${timesWords(spentShare)} times the budget spent`
  return `${Math.floor(spentShare * 1_000) / 10} % of the budget spent`
}

/** `12 of 40,320 runs bad, 3 slots unknown`; of traffic `42,310 of 42,355 requests good`. */
export function tallyWords(
  { good, bad, unknown }: ObjectiveStatus['period'],
  { traffic }: Pick<Objective, 'traffic'>,
): string {
  if (!traffic) {
    const rest = unknown === 0 ? '' : `, ${count(unknown, 'slot')} unknown`
    return `${bad.toLocaleString('en')} of ${count(good + bad, 'run')} bad${rest}`
  }
  const rest = unknown === 0 ? '' : `, ${describeDuration(unknown * TRAFFIC_SPAN_MS)} unknown`
  return `${good.toLocaleString('en')} of ${count(good + bad, 'request')} good${rest}`
}

/** On what a budget stands: `requests of users, as orders-good and orders-all count them`. */
export const basisWords = ({ traffic }: Pick<Objective, 'traffic'>): string =>
  traffic
    ? `requests of users, as ${traffic.good} and ${traffic.total} count them`
    : 'runs of probes'

/** `1.4 times as fast as it may`; unknown without a run. */
export const burnWords = (burnRate: number | null): string =>
  burnRate === null ? UNKNOWN : `${timesWords(burnRate)} times as fast as it may`

const timesWords = (times: number) => (times < 10 ? times.toFixed(1) : times.toFixed(0))
