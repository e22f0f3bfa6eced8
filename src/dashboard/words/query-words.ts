import type { QueryStanding } from '../../protocol/public-api.ts'
import { count } from './quantity.ts'
import { answerWords } from './sweep-words.ts'

/** How a query stands; one whose targets were not collected is in trouble, and says nothing of its service. */
export function standingOfQuery({ last }: QueryStanding): {
  tone: string
  sign: string
  words: string
} {
  if (!last) return { tone: 'quiet', sign: '·', words: 'not asked yet' }
  const { answer } = last
  if (answer.kind === 'unknown' && answer.isTelemetry === true)
    return { tone: 'tone-degraded', sign: '!', words: answer.reason }
  const words = answerWords({ answer })
  if (answer.kind !== 'number') return { tone: 'tone-unknown', sign: '?', words }
  if (answer.isBad === undefined) return { tone: 'quiet', sign: '·', words }
  return answer.isBad
    ? { tone: 'tone-failed', sign: '✗', words: `${words}, which is bad` }
    : { tone: 'tone-passed', sign: '✓', words }
}

/** `1 of 4 queries has a telemetry problem, 1 gives no number.` */
export function queriesSentence(queries: readonly QueryStanding[]): string {
  const answers = queries.flatMap(({ last }) => (last ? [last.answer] : []))
  const troubled = answers.filter((answer) => answer.kind === 'unknown' && answer.isTelemetry)
  const silent = answers.filter(({ kind }) => kind !== 'number').length - troubled.length
  const all = count(queries.length, 'query', 'queries')
  const parts = [
    ...(troubled.length > 0
      ? [
          `${troubled.length} of ${all} ${troubled.length === 1 ? 'has' : 'have'} a telemetry problem`,
        ]
      : []),
    ...(silent > 0 ? [`${silent} of ${all} ${silent === 1 ? 'gives' : 'give'} no number`] : []),
  ]
  return parts.length === 0 ? `${all}, none in trouble.` : `${parts.join('; ')}.`
}
