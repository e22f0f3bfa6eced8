import { stringify } from 'yaml'
import { assert } from '../../base/assert.ts'
import { formatDuration } from '../../base/duration.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { Objective } from '../../protocol/objective.ts'
import type { Query } from '../../protocol/query.ts'

/** The version of OpenSLO that is written and read. */
export const OPEN_SLO_VERSION = 'openslo/v1'
/** Names us as the source of an indicator's numbers. */
export const OPEN_SLO_SOURCE = 'Firewatch'

/** The services and objectives of a fleet as documents of OpenSLO v1. */
export function writeOpenSlo({
  services,
  objectives,
  queries = [],
}: Pick<Fleet, 'services' | 'objectives' | 'queries'>): string {
  const named = services.filter(({ id }) => objectives.some(({ serviceId }) => serviceId === id))
  return [
    ...named.map(({ id, name }) => ({
      apiVersion: OPEN_SLO_VERSION,
      kind: 'Service',
      metadata: { name: id, displayName: name },
      spec: { description: `Watched by ${OPEN_SLO_SOURCE}` },
    })),
    ...objectives.map((objective) => sloOf(objective, queries)),
  ]
    .map((document) => `---\n${stringify(document)}`)
    .join('')
}

function sloOf(objective: Objective, queries: readonly Query[]) {
  const { serviceId, name, target, periodMs, traffic } = objective
  return {
    apiVersion: OPEN_SLO_VERSION,
    kind: 'SLO',
    metadata: { name },
    spec: {
      service: serviceId,
      description: `Share of the ${traffic ? 'requests of its users' : 'runs of its checks'} that are good.`,
      indicator: {
        metadata: { name: `${name}-${traffic ? 'requests' : 'runs'}` },
        spec: { ratioMetric: traffic ? ratioOfTraffic(traffic, queries) : ratioOfRuns(objective) },
      },
      timeWindow: [{ duration: formatDuration(periodMs), isRolling: true }],
      budgetingMethod: 'Occurrences',
      objectives: [{ displayName: name, target }],
    },
  }
}

function ratioOfRuns({ checks, latencyMs }: Objective) {
  const spec = { checks, ...(latencyMs !== undefined && { latencyMs }) }
  const metric = (runs: 'good' | 'all') => ({
    metricSource: { type: OPEN_SLO_SOURCE, spec: { ...spec, runs } },
  })
  return { counter: true, good: metric('good'), total: metric('all') }
}

/** The numbers are of five minutes each, so they are no counters. */
function ratioOfTraffic(
  { good, total }: NonNullable<Objective['traffic']>,
  queries: readonly Query[],
) {
  const metric = (id: string) => {
    const query = queries.find((one) => one.id === id)
    assert(query?.kind === 'prometheus', 'another query is a problem of the definitions')
    const { url, secret } = query
    const spec = { query: query.query, id, url, ...(secret !== undefined && { secret }) }
    return { metricSource: { type: 'Prometheus', spec } }
  }
  return { counter: false, good: metric(good), total: metric(total) }
}
