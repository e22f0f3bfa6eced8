import type { Reading } from '../../domain/signal/judge-reading.ts'
import { patternExpression } from '../../domain/signal/log-patterns.ts'
import type { QueryOf } from '../../protocol/query.ts'
import { numberIn, timeOf } from './prometheus.ts'
import { bearer, type QueryReader, shareOf } from './query-reader.ts'

/**
 * Loki's metric queries. With a pattern the number is the share of the lines that match it: where there
 * are lines, and none matches, it is zero.
 */
export const readLoki: QueryReader<'loki'> = async (query, { http, secret, signal, at }) => {
  const ask = async (text: string): Promise<Reading> => {
    const answer = await http.get(
      `${query.url}/loki/api/v1/query?${new URLSearchParams({ query: text, ...timeOf(at) })}`,
      {
        headers: {
          ...bearer(secret),
          ...(query.tenant !== undefined && { 'x-scope-orgid': query.tenant }),
        },
        signal,
      },
    )
    return numberIn(answer.status, answer.body)
  }
  if (query.pattern !== undefined) {
    const whole = await ask(countOf(query, query.query))
    const matching = `${query.query} |~ ${JSON.stringify(patternExpression(query.pattern))}`
    const part = await ask(countOf(query, matching))
    const none: Reading = { kind: 'number', value: 0 }
    return shareOf(part.kind === 'no_data' ? none : part, whole, query.alert?.samplesMin)
  }
  const part = await ask(query.query)
  if (query.ratioOf === undefined) return part
  return shareOf(part, await ask(query.ratioOf), query.alert?.samplesMin)
}

const countOf = ({ overMs }: QueryOf<'loki'>, selector: string): string =>
  `sum(count_over_time(${selector} [${Math.ceil(overMs / 1_000)}s]))`
