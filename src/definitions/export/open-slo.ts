import { stringify } from 'yaml'
import { formatDuration } from '../../base/duration.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { Objective } from '../../protocol/objective.ts'

/** The version of OpenSLO that is written and read. */
export const OPEN_SLO_VERSION = 'openslo/v1'
/** Names us as the source of an indicator's numbers. */
export const OPEN_SLO_SOURCE = 'Firewatch'

/** The services and objectives of a fleet as documents of OpenSLO v1. */
export function writeOpenSlo({
  services,
  objectives,
}: Pick<Fleet, 'services' | 'objectives'>): string {
  const named = services.filter(({ id }) => objectives.some(({ serviceId }) => serviceId === id))
  return [
    ...named.map(({ id, name }) => ({
      apiVersion: OPEN_SLO_VERSION,
      kind: 'Service',
      metadata: { name: id, displayName: name },
      spec: { description: `Watched by ${OPEN_SLO_SOURCE}` },
    })),
    ...objectives.map(sloOf),
  ]
    .map((document) => `---\n${stringify(document)}`)
    .join('')
}

function sloOf({ serviceId, name, target, periodMs, checks, latencyMs }: Objective) {
  const spec = { checks, ...(latencyMs !== undefined && { latencyMs }) }
  const metric = (runs: 'good' | 'all') => ({
    metricSource: { type: OPEN_SLO_SOURCE, spec: { ...spec, runs } },
  })
  return {
    apiVersion: OPEN_SLO_VERSION,
    kind: 'SLO',
    metadata: { name },
    spec: {
      service: serviceId,
      description: 'Share of the runs of its checks that are good.',
      indicator: {
        metadata: { name: `${name}-runs` },
        spec: { ratioMetric: { counter: true, good: metric('good'), total: metric('all') } },
      },
      timeWindow: [{ duration: formatDuration(periodMs), isRolling: true }],
      budgetingMethod: 'Occurrences',
      objectives: [{ displayName: name, target }],
    },
  }
}
