import { similarIncidents } from '../domain/incident/similar-incidents.ts'
import { affectedCheckIds, evidenceRunIds, triageCard } from '../domain/incident/triage-card.ts'
import type { Incident } from '../protocol/incident.ts'
import { RATIO_WINDOW_MS, type TriageCard } from '../protocol/triage-card.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { latestNotes, pastIncidents } from './store/incidents.ts'
import { countConclusive, findRuns } from './store/runs.ts'

/** Past incidents of the service that are compared. */
const PAST_MAX = 20
/** Notes told of each that is similar. */
const NOTES_MAX = 2

/** Loads what the triage card is made of. */
export async function loadTriageCard(
  { store, fleet, clock }: CoordinatorParts,
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
  return triageCard({
    incident,
    fleet,
    now,
    recentRuns:
      checkIds.length === 0
        ? undefined
        : await countConclusive(store, checkIds, now - RATIO_WINDOW_MS),
    evidenceRuns: runIds.length === 0 ? [] : await findRuns(store, runIds),
    past,
  })
}
