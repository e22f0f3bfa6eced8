import { describeDuration } from '../../base/duration.ts'
import type { Incident } from '../../protocol/incident.ts'
import type { IncidentTimes } from '../../protocol/incident-times.ts'
import { type Figure, FigureName, type PostmortemBody } from '../../protocol/postmortem.ts'
import type { RevenueLost } from '../incident/revenue-lost.ts'
import { joinNames } from '../join-names.ts'

const LABELS: { readonly [N in FigureName]: string } = {
  started: 'Impact began',
  detected: 'Found',
  impact_duration: 'Impact on customers lasted',
  time_to_detect: 'Time to detect',
  time_to_acknowledge: 'Time to acknowledge',
  time_to_mitigate: 'Time to mitigate',
  time_to_restore: 'Time to restore',
  severity: 'Severity',
  regions: 'Regions',
  user_reports: 'Reports of users',
  users_affected: 'Users affected',
  orders_lost: 'Orders lost or delayed',
  revenue_lost: 'Revenue lost, estimated',
}

type Recorded = Pick<Figure, 'value' | 'from' | 'because'>

/**
 * The numbers of a review, each with how it is known. Where a person says otherwise, both are shown:
 * what the record says is not overwritten.
 */
export function figuresOf(
  incident: Incident,
  times: IncidentTimes,
  {
    reports,
    revenue = [],
    said,
  }: {
    reports: number
    /** Of each of its services that says what it earns. */
    revenue?: readonly RevenueLost[]
    said: PostmortemBody['figures']
  },
): Figure[] {
  const recorded = recordOf(incident, times, { reports, revenue })
  return FigureName.options.map((name) => {
    const own = said[name]
    const known = recorded[name]
    if (!own) return { name, label: LABELS[name], ...known }
    return {
      name,
      label: LABELS[name],
      value: own.value,
      from: 'human',
      because: `${own.by}: ${own.reason}`,
      ...(known.value !== null && { recorded: known.value }),
    }
  })
}

function recordOf(
  incident: Incident,
  { instants, durations, confidenceMs }: IncidentTimes,
  { reports, revenue }: { reports: number; revenue: readonly RevenueLost[] },
): { readonly [N in FigureName]: Recorded } {
  const about = confidenceMs === null ? '' : `, ± ${describeDuration(confidenceMs)}`
  // Where no finding is, a person said it.
  const seen = incident.findings.length > 0 ? 'probe' : 'record'
  const instant = ({ value, because }: { value: number | null; because: string }): Recorded => ({
    value: value === null ? null : utc(value),
    from: seen,
    because: value === null ? because : `${because}${about}`,
  })
  const duration = (
    { value, because }: { value: number | null; because: string },
    from: Figure['from'],
  ): Recorded => ({
    value: value === null ? null : describeDuration(value),
    from,
    because: value !== null && from === 'probe' ? `${because}${about}` : because,
  })
  const regions = [...new Set(incident.findings.flatMap((finding) => finding.regions))]
  const nobody: Recorded = {
    value: null,
    from: 'human',
    because: 'no source of ours knows it; a person has to say it',
  }
  return {
    started: instant(instants.impactStarted),
    detected: instant(instants.detected),
    impact_duration: duration(durations.impact, seen),
    time_to_detect: duration(durations.mttd, seen),
    time_to_acknowledge: duration(durations.mtta, 'record'),
    time_to_mitigate: duration(durations.mttm, seen),
    time_to_restore: duration(durations.mttr, 'record'),
    severity: { value: incident.severity, from: 'record', because: incident.severityReason },
    regions: {
      value: regions.length === 0 ? null : joinNames(regions),
      from: 'probe',
      because: regions.length === 0 ? 'no finding names one' : 'where its findings failed',
    },
    user_reports: {
      value: String(reports),
      from: 'record',
      because: 'reports of its services while it lasted',
    },
    users_affected: nobody,
    orders_lost: nobody,
    revenue_lost: revenueFigure(revenue) ?? nobody,
  }
}

/** Of several services each for itself: their currencies may differ. */
function revenueFigure(revenue: readonly RevenueLost[]): Recorded | undefined {
  if (revenue.length === 0) return undefined
  const each = (words: (lost: RevenueLost) => string) =>
    revenue.length === 1
      ? revenue.map(words).join('')
      : revenue.map((lost) => `${lost.name}: ${words(lost)}`).join('; ')
  return {
    value: each(({ amount }) => amount),
    from: 'probe',
    because: each(({ because }) => because),
  }
}

/** `2026-03-13 14:46:10 UTC` */
export const utc = (instant: number): string =>
  `${new Date(instant).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** What stands for a figure that nobody knows. */
const NOT_KNOWN = 'not known'

/** Puts the figures where a text names them by `{{name}}`; a name that does not exist stays as it is. */
export const fillFigures = (text: string, figures: readonly Figure[]): string =>
  text.replaceAll(/\{\{\s*([a-z_]+)\s*\}\}/g, (whole, name: string) => {
    const figure = figures.find((candidate) => candidate.name === name)
    return figure ? (figure.value ?? NOT_KNOWN) : whole
  })
