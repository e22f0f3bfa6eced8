import type { Reading } from '../../domain/signal/judge-reading.ts'
import { patternExpression } from '../../domain/signal/log-patterns.ts'
import type { LogPatternName, QueryOf } from '../../protocol/query.ts'
import { numberIn, timeOf, valuesIn } from './prometheus.ts'
import { bearer, type QueryReader, shareOf } from './query-reader.ts'
import { shareTableOf, tableOf, type ValuesAnswer } from './read-table.ts'

/**
 * Loki's metric queries. With a pattern the number is the share of the lines that match it: where there
 * are lines, and none matches, it is zero.
 */
export const readLoki: QueryReader<'loki'> = async (query, { http, secret, signal, at }) => {
  const get = (text: string) =>
    http.get(
      `${query.url}/loki/api/v1/query?${new URLSearchParams({ query: text, ...timeOf(at) })}`,
      {
        headers: {
          ...bearer(secret),
          ...(query.tenant !== undefined && { 'x-scope-orgid': query.tenant }),
        },
        signal,
      },
    )
  const { by } = query
  if (by !== undefined)
    return readTable({ ...query, by }, async (text) => valuesIn(await get(text), by))
  const ask = async (text: string) => numberIn(await get(text))
  if (query.pattern !== undefined) {
    const whole = await ask(countOf(query, query.query))
    const part = await ask(countOf(query, matching(query, query.pattern)))
    const none: Reading = { kind: 'number', value: 0 }
    return shareOf(part.kind === 'no_data' ? none : part, whole, query.alert?.samplesMin)
  }
  const part = await ask(query.query)
  if (query.ratioOf === undefined) return part
  return shareOf(part, await ask(query.ratioOf), query.alert?.samplesMin)
}

async function readTable(
  query: QueryOf<'loki'> & { by: string },
  ask: (text: string) => Promise<ValuesAnswer>,
): Promise<Reading> {
  if (query.pattern !== undefined) {
    const whole = await ask(countOf(query, query.query))
    const parts = await ask(countOf(query, matching(query, query.pattern)))
    return shareTableOf(parts, whole, { ...query, isZeroProven: true })
  }
  const parts = await ask(query.query)
  if (query.ratioOf === undefined) return tableOf(parts, query)
  return shareTableOf(parts, await ask(query.ratioOf), query)
}

const matching = ({ query }: QueryOf<'loki'>, pattern: LogPatternName): string =>
  `${query} |~ ${JSON.stringify(patternExpression(pattern))}`

const countOf = ({ overMs, by }: QueryOf<'loki'>, selector: string): string =>
  `sum${by === undefined ? '' : ` by (${by}) `}(count_over_time(${selector} [${Math.ceil(overMs / 1_000)}s]))`
