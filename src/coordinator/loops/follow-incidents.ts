import { COMPARED_MS } from '../../domain/incident/mitigation/compare-runs.ts'
import {
  dueMeasurements,
  measureMitigation,
} from '../../domain/incident/mitigation/measure-mitigations.ts'
import {
  advanceVerification,
  endWatch,
} from '../../domain/incident/verification/advance-verification.ts'
import { verifyForOf } from '../../domain/incident/verification/verify-for.ts'
import type { Incident, IncidentEvent } from '../../protocol/incident.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { announce, save } from '../incident-desk.ts'
import { comparedRuns } from '../store/gate-runs.ts'
import { findIncident, followedIncidents } from '../store/incidents.ts'
import { lockService, type Session } from '../store/store.ts'
import { checksOfIncident, loadGate, watchedChecks } from '../verification-desk.ts'

/** What time and runs make of incidents, besides findings: verification, watch, measured mitigations. */
export const followIncidents = defineLoop<CoordinatorParts>({
  name: 'follow-incidents',
  everyMs: 1_000,
  deadlineMs: 10_000,
  async run(parts, signal) {
    const { store, clock } = parts
    for (const { id, serviceId } of await followedIncidents(store, clock.now())) {
      signal.throwIfAborted()
      const changed = await store.transaction(async (tx) => {
        await lockService(tx, serviceId)
        const incident = await findIncident(tx, id)
        return incident && save(tx, parts, incident, await nextEvents(tx, parts, incident))
      })
      if (changed !== undefined) announce(parts, [changed])
    }
  },
})

/** The events of one kind: the others follow in the next pass, upon what these make of the incident. */
async function nextEvents(
  tx: Session,
  parts: CoordinatorParts,
  incident: Incident,
): Promise<IncidentEvent[]> {
  const { clock, fleet } = parts
  const now = clock.now()
  for (const due of dueMeasurements(incident, now)) {
    const runs = await comparedRuns(
      tx,
      checksOfIncident(parts, incident).map(({ id }) => id),
      { since: due.mitigation.at - COMPARED_MS, until: due.until },
    )
    const events = measureMitigation(incident, due, runs, now)
    if (events.length > 0) return events
  }
  if (incident.state === 'verifying')
    return advanceVerification(incident, await loadGate(tx, parts, incident), {
      now,
      verifyForMs: verifyForOf(incident.severity, fleet.verifyForMs),
      watched: now < (incident.verifyUntil ?? now) ? [] : await watchedChecks(tx, parts, incident),
    })
  return endWatch(incident, now)
}
