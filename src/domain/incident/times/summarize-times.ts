import {
  type IncidentTimes,
  TimeName,
  type TimeSummary,
  type TimesPeriod,
} from '../../../protocol/incident-times.ts'
import { percentile } from '../../measurement/percentile.ts'

type Dated = { openedAt: number; durations: IncidentTimes['durations'] }

/** Median and 90th percentile of each time, with how many incidents know it; what is null is in none. */
export function summarizePeriod(
  incidents: readonly Dated[],
  { since, until }: { since: number; until: number },
): TimesPeriod {
  const within = incidents.filter(({ openedAt }) => openedAt >= since && openedAt < until)
  const times = Object.fromEntries(
    TimeName.options.map((name) => [
      name,
      summarize(within.flatMap(({ durations }) => durations[name].value ?? [])),
    ]),
  ) as TimesPeriod['times']
  return { since, until, incidents: within.length, times }
}

/** The same for even parts of the period, the oldest first: whether it becomes better. */
export function summarizeParts(
  incidents: readonly Dated[],
  { since, until, parts }: { since: number; until: number; parts: number },
): TimesPeriod[] {
  const lengthMs = (until - since) / parts
  return Array.from({ length: parts }, (_, index) =>
    summarizePeriod(incidents, {
      since: Math.round(since + index * lengthMs),
      until: index === parts - 1 ? until : Math.round(since + (index + 1) * lengthMs),
    }),
  )
}

function summarize(values: readonly number[]): TimeSummary {
  if (values.length === 0) return { count: 0, medianMs: null, p90Ms: null }
  const ascending = values.toSorted((a, b) => a - b)
  return {
    count: values.length,
    medianMs: percentile(ascending, 0.5),
    p90Ms: percentile(ascending, 0.9),
  }
}
