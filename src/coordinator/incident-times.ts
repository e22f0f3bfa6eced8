import { AppError } from '../base/app-error.ts'
import { summarizeParts, summarizePeriod } from '../domain/incident/times/summarize-times.ts'
import { TIMES_INCIDENTS_MAX, type TimesOverview } from '../protocol/incident-times.ts'
import type { getIncidentTimes } from '../protocol/postmortem-api.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { timesOf } from './postmortem-draft.ts'
import { incidentEvents, incidentsOpenedIn } from './store/incidents.ts'

const USUAL_REACH_MS = 90 * 24 * 3_600_000

/** How long incidents took that opened within a time. What was no incident is not counted. */
export async function loadTimes(
  parts: CoordinatorParts,
  query: (typeof getIncidentTimes)['query']['_output'],
): Promise<TimesOverview> {
  const { store, clock } = parts
  const until = query.until ?? clock.now()
  const since = Math.max(
    0,
    query.since === undefined
      ? until - USUAL_REACH_MS
      : query.since < 0
        ? until + query.since
        : query.since,
  )
  if (since >= until) throw new AppError('request.invalid', 'until: expected later than since')
  const { service } = query
  const found = await incidentsOpenedIn(store, { since, until, service }, TIMES_INCIDENTS_MAX + 1)
  const incidents: TimesOverview['incidents'] = []
  for (const incident of found.slice(0, TIMES_INCIDENTS_MAX)) {
    const { durations } = timesOf(parts, incident, await incidentEvents(store, incident.id))
    const { id, title, severity, openedAt } = incident
    incidents.push({ id, title, severity, openedAt, durations })
  }
  return {
    whole: summarizePeriod(incidents, { since, until }),
    parts: summarizeParts(incidents, { since, until, parts: query.parts }),
    isCut: found.length > TIMES_INCIDENTS_MAX,
    incidents,
  }
}
