import { z } from 'zod'
import type { Reading } from '../../domain/signal/judge-reading.ts'
import { scrapeProblem } from '../../domain/signal/judge-scrape.ts'
import type { QueryOf } from '../../protocol/query.ts'
import { SCRAPE_LABEL, scrapeCounts, scrapeQuery } from './prometheus-scrape.ts'
import { bearer, noData, type QueryReader, quoted, shareOf, unknown } from './query-reader.ts'
import { shareTableOf, tableOf, type ValuesAnswer, valuesOf } from './read-table.ts'

type HttpAnswer = { status: number; body: string }

export const sample = z.tuple([z.number(), z.string()])

/** What Prometheus answers, and Loki of metric queries. */
const Answer = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('scalar'), result: sample }),
    z.object({
      resultType: z.literal('vector'),
      result: z.array(
        z.object({ metric: z.record(z.string(), z.string()).optional(), value: sample }),
      ),
    }),
    z.object({ resultType: z.enum(['matrix', 'string', 'streams']), result: z.unknown() }),
  ]),
})
const Refusal = z.object({ error: z.string() })

/**
 * Prometheus' instant query. An empty result is no data: nothing was scraped that could have been
 * counted. Where the query says of which targets it is made, their scrapes are asked for at the same
 * instant; where they lack, the number says nothing of the service.
 */
export const readPrometheus: QueryReader<'prometheus'> = async (query, context) => {
  const { http, secret, signal, now } = context
  const { scrape } = query
  const at = context.at ?? (scrape ? now() : undefined)
  const post = (text: string) =>
    // As a form: braces and brackets in an address do not survive every proxy.
    http.post(
      `${query.url}/api/v1/query`,
      new URLSearchParams({ query: text, ...timeOf(at) }).toString(),
      {
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...bearer(secret) },
        signal,
      },
    )
  const reading = await readNumber(query, post)
  if (!scrape) return reading
  const values = valuesIn(await post(scrapeQuery(scrape)), SCRAPE_LABEL)
  if (values.kind === 'unknown')
    return unknown(`whether its targets were scraped is not known: ${values.reason}`)
  const found = values.kind === 'values' ? values.values : new Map<string, number>()
  const problem = scrapeProblem(scrapeCounts(found, scrape), scrape.overMs)
  if (problem === undefined) return reading
  const said =
    reading.kind === 'number'
      ? `; what was collected says ${Number(reading.value.toPrecision(4))}`
      : ''
  return { kind: 'unknown', reason: `${problem}${said}`, isTelemetry: true }
}

async function readNumber(
  query: QueryOf<'prometheus'>,
  post: (text: string) => Promise<HttpAnswer>,
): Promise<Reading> {
  const { by } = query
  if (by !== undefined) {
    const values = async (text: string) => valuesIn(await post(text), by)
    const parts = await values(query.query)
    if (query.ratioOf === undefined) return tableOf(parts, { ...query, by })
    return shareTableOf(parts, await values(query.ratioOf), { ...query, by })
  }
  const ask = async (text: string) => numberIn(await post(text))
  const part = await ask(query.query)
  if (query.ratioOf === undefined) return part
  return shareOf(part, await ask(query.ratioOf), query.alert?.samplesMin)
}

/** As Prometheus and Loki want to be told an instant: RFC 3339. */
export const timeOf = (at: number | undefined): { time?: string } =>
  at === undefined ? {} : { time: new Date(at).toISOString() }

/** The one number of an answer. */
export function numberIn(answer: HttpAnswer): Reading {
  const data = dataIn(answer)
  if ('kind' in data) return data
  if (data.resultType === 'scalar') return numberOf(data.result[1])
  if (data.resultType !== 'vector') return unknown(`it gives a ${data.resultType}, not a number`)
  const [only, ...others] = data.result
  if (!only) return noData('the result is empty')
  if (others.length > 0)
    return unknown(`it gives ${data.result.length} series; sum(…) or max(…) makes one of them`)
  return numberOf(only.value[1])
}

/** A number for each value of a label. */
export function valuesIn(answer: HttpAnswer, by: string): ValuesAnswer {
  const data = dataIn(answer)
  if ('kind' in data) return data
  if (data.resultType !== 'vector')
    return unknown(`it gives a ${data.resultType}, not a number for each ${by}`)
  return valuesOf(
    data.result
      .map(({ metric, value }) => [metric?.[by] ?? '', Number(value[1])] as const)
      // A share of nothing: of that value nothing is known.
      .filter(([, number]) => Number.isFinite(number)),
    by,
  )
}

function dataIn({ status, body }: HttpAnswer) {
  if (status !== 200) return unknown(refusalWords(status, body))
  const answer = Answer.safeParse(jsonIn(body))
  return answer.success ? answer.data.data : unknown(`its answer has another form: ${quoted(body)}`)
}

/** What it said instead of an answer. */
export function refusalWords(status: number, body: string): string {
  const refusal = Refusal.safeParse(jsonIn(body))
  return `it answered ${status}: ${quoted(refusal.success ? refusal.data.error : body)}`
}

/** Numbers come as text, also `NaN` and `+Inf`, which are what becomes of a share of nothing. */
function numberOf(written: string): Reading {
  const value = Number(written)
  return written.trim() !== '' && Number.isFinite(value)
    ? { kind: 'number', value }
    : noData(`the result is ${written}`)
}

export function jsonIn(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined // Of another form, then.
  }
}
