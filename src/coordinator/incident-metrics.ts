import type { Meter } from '@opentelemetry/api'
import type { Incident } from '../protocol/incident.ts'
import type { TimeName } from '../protocol/incident-times.ts'

/** How long incidents take; the words are those of `domain/incident/times/incident-times.ts`. */
export type IncidentMetrics = {
  /** A time of an incident that has ended, by its service and its severity at that moment. */
  incidentTook(
    incident: Pick<Incident, 'serviceId' | 'severity'>,
    name: TimeName,
    seconds: number,
  ): void
}

const MINUTE_S = 60
const HOUR_S = 60 * MINUTE_S
const DAY_S = 24 * HOUR_S

/** Found within seconds where checks confirm each other, within many minutes where nobody watches. */
const DETECT_BOUNDARIES_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, HOUR_S]
/** Ladders ask for an answer within minutes. */
const ACKNOWLEDGE_BOUNDARIES_S = [10, 30, 60, 120, 180, 300, 600, 900, 1_800, HOUR_S, 4 * HOUR_S]
/** The gate alone takes half an hour. */
const MEND_BOUNDARIES_S = [5, 10, 15, 20, 30, 45, 60, 90, 120, 240, 480, 1_440].map(
  (minutes) => minutes * MINUTE_S,
)
/** A cause is fixed in working hours. */
const RESOLVE_BOUNDARIES_S = [
  ...[1, 2, 4, 8, 12].map((hours) => hours * HOUR_S),
  ...[1, 2, 3, 5, 7, 14, 30].map((days) => days * DAY_S),
]

export function createIncidentMetrics(meter: Meter): IncidentMetrics {
  const histogram = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries } })
  const histograms: { readonly [N in TimeName]?: ReturnType<typeof histogram> } = {
    mttd: histogram(
      'synthetics.incidents.time_to_detect',
      'From the first bad evidence until the incident was open.',
      DETECT_BOUNDARIES_S,
    ),
    mtta: histogram(
      'synthetics.incidents.time_to_acknowledge',
      'From the first page until the first acknowledgement by a person.',
      ACKNOWLEDGE_BOUNDARIES_S,
    ),
    mttm: histogram(
      'synthetics.incidents.time_to_mitigate',
      'From the first bad evidence until the impact was over.',
      MEND_BOUNDARIES_S,
    ),
    mttr: histogram(
      'synthetics.incidents.time_to_restore',
      'From the open incident until its verification was passed.',
      MEND_BOUNDARIES_S,
    ),
    resolve: histogram(
      'synthetics.incidents.time_to_resolve',
      'From the open incident until its cause was fixed, or accepted.',
      RESOLVE_BOUNDARIES_S,
    ),
  }
  return {
    incidentTook: ({ serviceId: service, severity }, name, seconds) =>
      histograms[name]?.record(seconds, { service, severity }),
  }
}
