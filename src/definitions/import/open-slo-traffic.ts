import type { ForeignMapping } from './foreign-file.ts'
import { kebab } from './written-fleet.ts'

/** What OpenSLO calls the type of a metric source, and we a kind of query. */
const PROMETHEUS = /^prometheus$/i
/** Where the address of a Prometheus is not said. */
const USUAL_URL = 'http://prometheus:9090'

export type ImportedQuery = {
  id: string
  service: string
  kind: 'prometheus'
  url: string
  secret?: string
  query: string
}
export type ImportedTraffic = {
  traffic: { good: string; total: string }
  queries: ImportedQuery[]
}

/** Addresses by the name of their DataSource. */
export type DataSources = ReadonlyMap<string, string>

/** The name and the address of a DataSource, where it is a Prometheus and has one. */
export function dataSourceOf(document: ForeignMapping): [string, string] | undefined {
  const name = document.mapping('metadata')?.text('name')
  const spec = document.mapping('spec')
  const url = spec?.mapping('connectionDetails')?.text('url')
  const isPrometheus = PROMETHEUS.test(spec?.text('type') ?? '')
  return isPrometheus && name !== undefined && url !== undefined ? [name, url] : undefined
}

/**
 * A ratio of Prometheus as two queries that count what came within five minutes.
 *
 * @returns undefined where it is another source, or one whose numbers cannot be counted so.
 */
export function trafficOf(
  ratio: ForeignMapping,
  { service, name, sources }: { service: string; name: string; sources: DataSources },
): ImportedTraffic | undefined {
  const isCounter = ratio.flag('counter') ?? false
  const parts = (['good', 'total'] as const).map((part) => {
    const source = ratio.mapping(part)?.mapping('metricSource')
    return source && queryOf(source, { isCounter, part, service, name, sources })
  })
  const [good, total] = parts
  if (!good || !total) return undefined
  return { traffic: { good: good.id, total: total.id }, queries: [good, total] }
}

function queryOf(
  source: ForeignMapping,
  given: {
    isCounter: boolean
    part: 'good' | 'total'
    service: string
    name: string
    sources: DataSources
  },
): ImportedQuery | undefined {
  const reference = source.text('metricSourceRef')
  const referred = reference === undefined ? undefined : given.sources.get(reference)
  const type = source.text('type')
  if (type === undefined ? referred === undefined : !PROMETHEUS.test(type)) return undefined
  const spec = source.mapping('spec')
  const written = spec?.text('query')
  const query = written === undefined ? undefined : countOf(written, given.isCounter)
  if (!spec || query === undefined) {
    spec?.leaveOut('query', 'does not count over [5m], and is no counter')
    return undefined
  }
  const url = spec.text('url') ?? referred
  if (url === undefined)
    spec.leaveOut('url', `is not said: ${USUAL_URL} stands in queries.yaml, where you put yours`)
  const secret = spec.text('secret')
  return {
    id: spec.text('id') ?? kebab(`${given.service} ${given.name} ${given.part}`, given.part),
    ...{ service: given.service, kind: 'prometheus', url: url ?? USUAL_URL },
    ...(secret !== undefined && { secret }),
    query,
  }
}

/** `sum(requests{code="200"})`: a counter, and no more. */
const SUM_OF_COUNTER = /^sum\s*\(\s*([a-zA-Z_:][\w:]*\s*(?:\{[^{}[\]]*\})?)\s*\)$/
const RANGE = /\[[^\]]*\]/g

/** What a query has counted within five minutes; undefined where that cannot be had of it. */
function countOf(query: string, isCounter: boolean): string | undefined {
  const text = query.trim()
  const ranges = text.match(RANGE) ?? []
  if (ranges.length > 0) return ranges.every((range) => range === '[5m]') ? text : undefined
  if (!isCounter) return undefined
  const [, counter] = SUM_OF_COUNTER.exec(text) ?? []
  // Of each counter by itself: the sum falls where one of them begins anew.
  if (counter !== undefined) return `sum(increase(${counter}[5m]))`
  return `increase((${text})[5m:30s])`
}
