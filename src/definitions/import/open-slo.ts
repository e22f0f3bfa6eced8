import { parseAllDocuments } from 'yaml'
import { AppError } from '../../base/app-error.ts'
import { formatDuration, parseDuration } from '../../base/duration.ts'
import { OBJECTIVE_PERIODS } from '../../protocol/config.ts'
import { OPEN_SLO_SOURCE, OPEN_SLO_VERSION } from '../export/open-slo.ts'
import type { TextFile } from './blackbox.ts'
import {
  type ForeignMapping,
  foreignMapping,
  isMapping,
  type LeftOut,
  parseGoDuration,
} from './foreign-file.ts'
import {
  type DataSources,
  dataSourceOf,
  type ImportedQuery,
  trafficOf,
} from './open-slo-traffic.ts'
import { type Imported, kebab, toYaml } from './written-fleet.ts'

type WrittenObjective = Record<string, unknown> & { name: string }
type ImportedService = { name?: string | undefined; objectives: WrittenObjective[] }
type Found = { sources: DataSources; queries: Map<string, ImportedQuery> }

/**
 * Imports the SLOs of an OpenSLO v1 file as objectives of services. A ratio of Prometheus becomes traffic,
 * with its two queries; where the numbers come from is not imported of other sources, unless it was
 * exported from here: then objectives count the runs of their service's checks.
 *
 * @throws {AppError} `definitions.invalid` when the file is no YAML, or has no SLO of version 1.
 */
export function importOpenSlo({ file, text }: TextFile): Imported {
  const leftOut: LeftOut[] = []
  const services = new Map<string, ImportedService>()
  const service = (id: string): ImportedService => {
    const known = services.get(id) ?? { objectives: [] }
    services.set(id, known)
    return known
  }
  const documents = documentsOf({ file, text })
  const known: Found = { sources: dataSourcesIn(documents), queries: new Map() }
  let found = 0
  for (const { place, value } of documents) {
    const mapping = foreignMapping(place, value, leftOut)
    const version = mapping.text('apiVersion')
    const kind = mapping.text('kind')
    const metadata = mapping.mapping('metadata')
    if (version === OPEN_SLO_VERSION && kind === 'DataSource' && dataSourceOf(mapping)) continue
    if (version !== OPEN_SLO_VERSION || (kind !== 'SLO' && kind !== 'Service')) {
      mapping.leaveOut('kind', `${kind ?? 'nothing'} of ${version ?? 'no version'} is not imported`)
      continue
    }
    const name = kebab(metadata?.text('name') ?? '', kind === 'SLO' ? 'objective' : 'service')
    const displayName = metadata?.text('displayName')
    if (kind === 'Service') {
      service(name).name = displayName
      continue
    }
    const spec = mapping.mapping('spec')
    if (!spec) continue
    found++
    const serviceId = kebab(spec.text('service') ?? '', 'imported')
    service(serviceId).objectives.push(...objectivesOf(spec, { name, serviceId }, known))
  }
  if (found === 0)
    throw new AppError('definitions.invalid', `${file}: expected an SLO of ${OPEN_SLO_VERSION}`)
  const content = toYaml(
    {
      services: [...services].map(([id, { name, objectives }]) => ({
        id,
        ...(name !== undefined && { name }),
        tier: 'standard',
        ...(objectives.length > 0 && { objectives }),
      })),
    },
    'Objectives without traffic count the runs of their service’s checks: see probes/.',
  )
  const queries = [...known.queries.values()]
  return {
    files: [
      { path: 'config/services.yaml', content },
      ...(queries.length > 0
        ? [
            {
              path: 'config/queries.yaml',
              content: toYaml({ queries }, 'What traffic is counted by, within five minutes.'),
            },
          ]
        : []),
    ],
    leftOut,
  }
}

function documentsOf({ file, text }: TextFile): { place: string; value: object }[] {
  return parseAllDocuments(text, { logLevel: 'silent' }).flatMap((document, index) => {
    const [error] = document.errors
    if (error) throw new AppError('definitions.invalid', `${file}: ${error.message}`)
    const value: unknown = document.toJS()
    return isMapping(value) ? [{ place: `${file}: document ${index + 1}`, value }] : []
  })
}

/** They may stand below what refers to them. */
const dataSourcesIn = (documents: ReturnType<typeof documentsOf>): DataSources =>
  new Map(
    documents.flatMap(({ place, value }) => {
      const mapping = foreignMapping(place, value, [])
      const source = mapping.text('kind') === 'DataSource' ? dataSourceOf(mapping) : undefined
      return source ? [source] : []
    }),
  )

/** One for each target: OpenSLO lets an SLO have several. */
function objectivesOf(
  spec: ForeignMapping,
  { name, serviceId }: { name: string; serviceId: string },
  known: Found,
): WrittenObjective[] {
  const over = periodOf(spec)
  const method = spec.text('budgetingMethod') ?? 'Occurrences'
  if (method !== 'Occurrences')
    spec.leaveOut('budgetingMethod', `${method}: runs are counted here, as with Occurrences`)
  const own = indicatorOf(spec, { name, serviceId }, known)
  const objectives = spec.mappings('objectives')
  const written = objectives.flatMap((objective, index) => {
    const share = objective.number('target')
    const percent =
      objective.number('targetPercent') ?? (share === undefined ? undefined : share * 100)
    objective.text('displayName')
    objective.leaveOutRest()
    if (percent === undefined || percent <= 0 || percent >= 100) {
      objective.leaveOut('target', 'is no share between 0 and 1')
      return []
    }
    return [
      {
        name: index === 0 ? name : `${name}-${index + 1}`,
        target: `${Number(percent.toFixed(4))}%`,
        over,
        ...own,
      },
    ]
  })
  spec.text('description')
  spec.leaveOutRest()
  return written
}

function periodOf(spec: ForeignMapping): string {
  const [window, ...more] = spec.mappings('timeWindow')
  if (more.length > 0) spec.leaveOut('timeWindow', 'has several windows; the first is taken')
  const duration = window?.text('duration') ?? ''
  const isRolling = window?.flag('isRolling') ?? false
  window?.leaveOutRest()
  const ms = parseGoDuration(duration)
  const period = OBJECTIVE_PERIODS.find((known) => parseDuration(known) === ms)
  if (period && isRolling) return period
  const why = isRolling ? `is ${duration || 'absent'}` : 'is no rolling window'
  window?.leaveOut('duration', `${why}; 28d is taken of ${OBJECTIVE_PERIODS.join(', ')}`)
  return '28d'
}

/** Where the numbers come from, as far as we can count them. */
function indicatorOf(
  spec: ForeignMapping,
  { name, serviceId }: { name: string; serviceId: string },
  { sources, queries }: Found,
): Record<string, unknown> {
  const indicator = spec.mapping('indicator')
  if (!indicator) return {}
  indicator.mapping('metadata')
  const ratio = indicator.mapping('spec')?.mapping('ratioMetric')
  const counted = ratio && trafficOf(ratio, { service: serviceId, name, sources })
  if (counted) {
    for (const query of counted.queries) queries.set(query.id, query)
    return { traffic: counted.traffic }
  }
  const source = ratio?.mapping('good')?.mapping('metricSource')
  if (source?.text('type') !== OPEN_SLO_SOURCE) {
    spec.leaveOut('indicator', 'is not imported: the runs of the service’s checks are counted')
    return {}
  }
  const own = source.mapping('spec')
  const checks = own?.texts('checks') ?? []
  const latencyMs = own?.number('latencyMs')
  return {
    ...(checks.length > 0 && { checks }),
    ...(latencyMs !== undefined && { latency: formatDuration(latencyMs) }),
  }
}
