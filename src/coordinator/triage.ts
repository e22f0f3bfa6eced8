import { similarIncidents } from '../domain/incident/similar-incidents.ts'
import {
  affectedCheckIds,
  evidenceRunIds,
  heartbeatIds,
  servicesOf,
  triageCard,
} from '../domain/incident/triage-card.ts'
import { changesAskedFor } from '../domain/incident/what-changed.ts'
import type { Incident } from '../protocol/incident.ts'
import { RATIO_WINDOW_MS, REPORTS_SHOWN_MAX, type TriageCard } from '../protocol/triage-card.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { loadRevenue } from './revenue.ts'
import { listChanges } from './store/changes.ts'
import { latestNotes, pastIncidents } from './store/incidents.ts'
import { queryStates } from './store/queries.ts'
import { countConclusive, findRuns, listRuns } from './store/runs.ts'
import type { Session } from './store/store.ts'
import { countReports, latestReports } from './store/user-reports.ts'

/** Past incidents of the service that are compared. */
const PAST_MAX = 20
/** Notes told of each that is similar. */
const NOTES_MAX = 2

/** Loads what the triage card is made of. */
export async function loadTriageCard(
  { store, fleet, clock }: Pick<CoordinatorParts, 'fleet' | 'clock'> & { store: Session },
  incident: Incident,
): Promise<TriageCard> {
  const now = clock.now()
  const checkIds = affectedCheckIds(incident)
  const runIds = evidenceRunIds(incident)
  const candidates = (await pastIncidents(store, incident.serviceId, PAST_MAX)).map((past) => ({
    incident: past,
    notes: [],
  }))
  // Only of those that are alike the notes are worth reading.
  const alike = similarIncidents(incident, candidates).map(({ incidentId }) => incidentId)
  const past = []
  for (const candidate of candidates)
    if (alike.includes(candidate.incident.id))
      past.push({ ...candidate, notes: await latestNotes(store, candidate.incident.id, NOTES_MAX) })
  const reported = {
    services: servicesOf(incident),
    since: incident.impactStartedAt,
    until: incident.restoredAt ?? now,
  }
  const heartbeatRuns = []
  for (const check of heartbeatIds(incident, fleet.checks))
    heartbeatRuns.push(...(await listRuns(store, { check, limit: 1 })))
  return triageCard({
    incident,
    heartbeatRuns,
    fleet,
    now,
    recentRuns:
      checkIds.length === 0
        ? undefined
        : await countConclusive(store, checkIds, now - RATIO_WINDOW_MS),
    revenue: await loadRevenue(store, { fleet, clock }, incident),
    readings: await lastReadings(store, fleet),
    evidenceRuns: runIds.length === 0 ? [] : await findRuns(store, runIds),
    past,
    changes: await listChanges(
      store,
      changesAskedFor(servicesOf(incident), fleet, incident.impactStartedAt),
    ),
    reports: {
      count: await countReports(store, reported),
      latest: await latestReports(store, { ...reported, limit: REPORTS_SHOWN_MAX }),
    },
  })
}

async function lastReadings(store: Session, { queries = [] }: CoordinatorParts['fleet']) {
  if (queries.length === 0) return new Map()
  const states = await queryStates(store)
  return new Map(
    [...states].flatMap(([id, { state }]) => (state.last ? [[id, state.last] as const] : [])),
  )
}
