import { z } from 'zod'
import type { Reading } from '../../domain/signal/judge-reading.ts'
import { LOG_PATTERNS } from '../../domain/signal/log-patterns.ts'
import type { QueryOf } from '../../protocol/query.ts'
import { jsonIn } from './prometheus.ts'
import { type QueryReader, quoted, shareOf, unknown } from './query-reader.ts'
import {
  shareTableOf,
  TABLE_VALUES_MAX,
  tableOf,
  type ValuesAnswer,
  valuesOf,
} from './read-table.ts'

const Answer = z.object({
  timed_out: z.boolean(),
  _shards: z.object({ total: z.number(), failed: z.number() }),
  hits: z.object({ total: z.object({ value: z.number(), relation: z.enum(['eq', 'gte']) }) }),
  aggregations: z
    .object({
      distinct: z.object({ value: z.number() }).optional(),
      by: z
        .object({
          sum_other_doc_count: z.number(),
          buckets: z.array(
            z.object({
              key: z.union([z.string(), z.number(), z.boolean()]),
              key_as_string: z.string().optional(),
              doc_count: z.number(),
            }),
          ),
        })
        .optional(),
    })
    .optional(),
})
type Answer = z.infer<typeof Answer>
const Refusal = z.object({ error: z.object({ type: z.string(), reason: z.string().nullish() }) })

/**
 * Counts documents of Elasticsearch or OpenSearch. What timed out or lacks shards is unknown; what was
 * counted up to a limit is that or more.
 */
export const readElasticsearch: QueryReader<'elasticsearch'> = async (query, context) => {
  const { http, secret, signal, at } = context
  const search = async (filter: readonly object[]) => {
    const body = {
      size: 0,
      track_total_hits: true,
      query: {
        bool: {
          filter: [{ range: { '@timestamp': rangeOf(query, at) } }, ...filter],
        },
      },
      ...(query.distinct !== undefined && {
        aggs: { distinct: { cardinality: { field: query.distinct } } },
      }),
      ...(query.by !== undefined && {
        aggs: { by: { terms: { field: query.by, size: TABLE_VALUES_MAX } } },
      }),
    }
    const index = encodeURIComponent(query.index).replaceAll('%2C', ',').replaceAll('%2A', '*')
    const answer = await http.post(`${query.url}/${index}/_search`, JSON.stringify(body), {
      headers: {
        'content-type': 'application/json',
        ...(secret !== undefined && { authorization: `ApiKey ${secret}` }),
      },
      signal,
    })
    return answerIn(answer.status, answer.body)
  }
  const said = saying(query.query)
  const { by } = query
  if (by !== undefined)
    return readTable({ ...query, by }, async (filter) => valuesIn(await search(filter), by))
  const count = async (filter: readonly object[]) =>
    countIn(await search(filter), query.distinct !== undefined)
  const { samplesMin } = query.alert ?? {}
  if (query.pattern !== undefined)
    return shareOf(await count([...said, matching(query.pattern)]), await count(said), samplesMin)
  const part = await count(said)
  if (query.ratioOf === undefined) return part
  return shareOf(part, await count(saying(query.ratioOf)), samplesMin)
}

const rangeOf = ({ overMs }: QueryOf<'elasticsearch'>, at: number | undefined): object =>
  at === undefined
    ? { gte: `now-${Math.ceil(overMs / 1_000)}s` }
    : { gte: at - overMs, lt: at, format: 'epoch_millis' }

const saying = (words: string | undefined): object[] =>
  words === undefined ? [] : [{ query_string: { query: words } }]

const matching = (pattern: NonNullable<QueryOf<'elasticsearch'>['pattern']>): object => ({
  bool: {
    should: LOG_PATTERNS[pattern].map((phrase) => ({ match_phrase: { message: phrase } })),
    minimum_should_match: 1,
  },
})

async function readTable(
  query: QueryOf<'elasticsearch'> & { by: string },
  ask: (filter: readonly object[]) => Promise<ValuesAnswer>,
): Promise<Reading> {
  const said = saying(query.query)
  if (query.pattern !== undefined) {
    const parts = await ask([...said, matching(query.pattern)])
    return shareTableOf(parts, await ask(said), { ...query, isZeroProven: true })
  }
  const parts = await ask(said)
  if (query.ratioOf === undefined) return tableOf(parts, query)
  return shareTableOf(parts, await ask(saying(query.ratioOf)), { ...query, isZeroProven: true })
}

/** Documents by the value of a field. What has more values than are asked for is no table. */
function valuesIn(answer: Answer | Refused, by: string): ValuesAnswer {
  if ('kind' in answer) return answer
  const table = answer.aggregations?.by
  if (!table) return unknown(`its answer lacks the values of ${by}`)
  if (table.sum_other_doc_count > 0)
    return unknown(`${by} has more than ${TABLE_VALUES_MAX} values, which are no table`)
  return valuesOf(
    table.buckets.map((bucket) => [bucket.key_as_string ?? String(bucket.key), bucket.doc_count]),
    by,
  )
}

type Refused = Extract<Reading, { kind: 'no_data' | 'unknown' }>

function countIn(answer: Answer | Refused, isDistinct: boolean): Reading {
  if ('kind' in answer) return answer
  const { hits, aggregations } = answer
  if (isDistinct)
    return aggregations?.distinct
      ? { kind: 'number', value: aggregations.distinct.value }
      : unknown('its answer lacks the distinct values')
  const { value, relation } = hits.total
  return { kind: 'number', value, ...(relation === 'gte' && { atLeast: true }) }
}

/** An answer that is whole. */
function answerIn(status: number, body: string): Answer | Refused {
  const json = jsonIn(body)
  if (status !== 200) {
    const refusal = Refusal.safeParse(json)
    const said = refusal.success
      ? `${refusal.data.error.type}: ${refusal.data.error.reason ?? ''}`
      : body
    return unknown(`it answered ${status}: ${quoted(said)}`)
  }
  const answer = Answer.safeParse(json)
  if (!answer.success) return unknown(`its answer has another form: ${quoted(body)}`)
  const { timed_out, _shards } = answer.data
  if (timed_out) return unknown('the search timed out')
  if (_shards.failed > 0) return unknown(`${_shards.failed} of ${_shards.total} shards failed`)
  // A name with a star that no index has finds no shards, and is no zero.
  if (_shards.total === 0) return { kind: 'no_data', reason: 'there is no such index' }
  return answer.data
}
