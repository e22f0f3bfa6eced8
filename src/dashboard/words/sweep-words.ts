import { describeDuration } from '../../base/duration.ts'
import type { Swept, SweptCheck, SweptQuery, SweptRegion } from '../../protocol/sweep.ts'
import { readingWords } from '../../protocol/table-words.ts'
import { count, joinNames } from './quantity.ts'

/** How something that was asked stands. */
export type SweptStanding = 'failed' | 'passed' | 'quiet'

/** `Asked 3 queries and 6 checks at once`. */
export const sweepBegunWords = ({ queries, checks }: { queries: number; checks: number }): string =>
  `Asked ${joinNames([
    ...(queries > 0 ? [count(queries, 'query', 'queries')] : []),
    ...(checks > 0 ? [count(checks, 'check')] : []),
  ])} at once`

/** `The sweep: 2 of 9 are bad, 1 said nothing`. */
export function sweptWords({ queries, checks, left }: Swept): string {
  const standings = [...queries.map(queryStanding), ...checks.map(checkStanding)]
  const bad = standings.filter((standing) => standing === 'failed').length
  const silent = standings.filter((standing) => standing === 'quiet').length
  return [
    `The sweep: ${bad} of ${standings.length} ${bad === 1 ? 'is' : 'are'} bad`,
    ...(silent > 0 ? [`${silent} ${silent === 1 ? 'tells' : 'tell'} nothing`] : []),
    ...(left > 0 ? [`${left} more were not asked`] : []),
  ].join(', ')
}

/** A number without a limit says nothing by itself. */
export const queryStanding = ({ answer }: SweptQuery): SweptStanding =>
  answer.kind !== 'number' || answer.isBad === undefined
    ? 'quiet'
    : answer.isBad
      ? 'failed'
      : 'passed'

/** Bad where any region says so; well only where one says so, and none is silent about the target. */
export function checkStanding({ regions }: SweptCheck): SweptStanding {
  if (regions.some((region) => region.kind === 'run' && region.verdict === 'failed'))
    return 'failed'
  return regions.some(isWell) ? 'passed' : 'quiet'
}

const isWell = (region: SweptRegion) =>
  region.kind === 'run' && (region.verdict === 'passed' || region.verdict === 'degraded')

/** `0.2`, `zone b: 38 %`, or why there is none. */
export function answerWords({ answer }: Pick<SweptQuery, 'answer'>): string {
  if (answer.kind === 'no_data') return `no data: ${answer.reason}`
  if (answer.kind === 'unknown') return `unknown: ${answer.reason}`
  return readingWords(answer)
}

/** Where a number is from, and how long it had. */
export const provenanceWords = ({
  source,
  asks,
  means,
  limit,
  tookMs,
  deadlineMs,
}: SweptQuery): string =>
  [
    ...(means === undefined ? [] : [means]),
    ...(limit === undefined ? [] : [limit]),
    `${source}: ${asks}`,
    `answered in ${describeDuration(tookMs)} of ${describeDuration(deadlineMs)}`,
  ].join(' · ')

const VERDICTS = {
  passed: 'passes',
  degraded: 'is degraded',
  failed: 'fails',
  probe_fault: 'could not be measured',
} as const

/** What a region said of a check: `fails in eu-west after 1.2 s: HTTP 502`. */
export function regionWords(region: SweptRegion, deadlineMs: number): string {
  const { regionId } = region
  if (region.kind === 'unreachable') return `${regionId} cannot be reached`
  if (region.kind === 'late')
    return `${regionId} did not answer within ${describeDuration(deadlineMs)}`
  const why = region.message === undefined ? '' : `: ${region.message}`
  return `${VERDICTS[region.verdict]} in ${regionId} after ${describeDuration(region.afterMs)}${why}`
}
