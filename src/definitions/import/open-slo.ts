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
import { type Imported, kebab, toYaml } from './written-fleet.ts'

type WrittenObjective = Record<string, unknown> & { name: string }
type ImportedService = { name?: string | undefined; objectives: WrittenObjective[] }

/**
 * Imports the SLOs of an OpenSLO v1 file as objectives of services. Where the numbers come from is not
 * imported, unless it was exported from here: objectives count the runs of their service's checks.
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
  let found = 0
  for (const [index, document] of parseAllDocuments(text, { logLevel: 'silent' }).entries()) {
    const [error] = document.errors
    if (error) throw new AppError('definitions.invalid', `${file}: ${error.message}`)
    const value: unknown = document.toJS()
    if (!isMapping(value)) continue
    const place = `${file}: document ${index + 1}`
    const mapping = foreignMapping(place, value, leftOut)
    const version = mapping.text('apiVersion')
    const kind = mapping.text('kind')
    const metadata = mapping.mapping('metadata')
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
    service(kebab(spec.text('service') ?? '', 'imported')).objectives.push(
      ...objectivesOf(spec, name),
    )
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
    'Objectives count the runs of their service’s checks: see probes/.',
  )
  return { files: [{ path: 'config/services.yaml', content }], leftOut }
}

/** One for each target: OpenSLO lets an SLO have several. */
function objectivesOf(spec: ForeignMapping, name: string): WrittenObjective[] {
  const over = periodOf(spec)
  const method = spec.text('budgetingMethod') ?? 'Occurrences'
  if (method !== 'Occurrences')
    spec.leaveOut('budgetingMethod', `${method}: runs are counted here, as with Occurrences`)
  const own = indicatorOf(spec)
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

/** What our own export says of where the numbers come from. */
function indicatorOf(spec: ForeignMapping): Record<string, unknown> {
  const indicator = spec.mapping('indicator')
  if (!indicator) return {}
  indicator.mapping('metadata')
  const ratio = indicator.mapping('spec')?.mapping('ratioMetric')
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
