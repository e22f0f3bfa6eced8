import { z } from 'zod'
import type { CountsByEnd } from '../../domain/objective/traffic-spans.ts'
import type { QueryOf } from '../../protocol/query.ts'
import { jsonIn, refusalWords, sample } from './prometheus.ts'
import { bearer, type QueryContext, quoted } from './query-reader.ts'

const Matrix = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('matrix'),
    result: z.array(z.object({ values: z.array(sample) })),
  }),
})

export type RangeAnswer =
  | { kind: 'points'; points: CountsByEnd }
  | { kind: 'unknown'; reason: string }

/**
 * Prometheus' range query: one number for each step from `start` to `end`, both included. Where it has
 * nothing there is no point. May throw: what is thrown is unknown.
 */
export async function readPrometheusRange(
  query: QueryOf<'prometheus'>,
  { start, end, stepMs }: { start: number; end: number; stepMs: number },
  { http, secret, signal }: Pick<QueryContext, 'http' | 'secret' | 'signal'>,
): Promise<RangeAnswer> {
  const form = new URLSearchParams({
    query: query.query,
    start: String(start / 1_000),
    end: String(end / 1_000),
    step: String(stepMs / 1_000),
  })
  const { status, body } = await http.post(`${query.url}/api/v1/query_range`, form.toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...bearer(secret) },
    signal,
  })
  if (status !== 200) return { kind: 'unknown', reason: refusalWords(status, body) }
  const answer = Matrix.safeParse(jsonIn(body))
  if (!answer.success)
    return { kind: 'unknown', reason: `its answer has another form: ${quoted(body)}` }
  const [only, ...others] = answer.data.data.result
  if (others.length > 0)
    return {
      kind: 'unknown',
      reason: `it gives ${others.length + 1} series; sum(…) makes one of them`,
    }
  const points = (only?.values ?? []).map(
    ([at, value]) => [Math.round(at * 1_000), Number(value)] as const,
  )
  return { kind: 'points', points: new Map(points.filter(([, value]) => Number.isFinite(value))) }
}
