import { titleFor } from '../domain/incident/describe-incident.ts'
import { applyEvents } from '../domain/incident/fold-incident.ts'
import { notificationsFor } from '../domain/incident/notify.ts'
import {
  clearFinding,
  completeVerification,
  joinable,
  openFindings,
  reportFinding,
} from '../domain/incident/transition.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import { FLEET_SERVICE } from '../protocol/ids.ts'
import type { Evidence, Finding, Incident, IncidentEvent } from '../protocol/incident.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { incidentsOfService, saveIncident, takeIncidentId } from './store/incidents.ts'
import { addToOutbox } from './store/outbox.ts'
import { lockService, type Session } from './store/store.ts'

/**
 * Where findings become incidents: loads, lets the domain decide, saves the events and what must be
 * told because of them. Everything here runs inside the caller's transaction; tell the caller's
 * listeners only after it has committed.
 */

/** How far back an incident that a finding belongs to may lie. */
export const INCIDENTS_LOOKED_AT = 10

export const checkFindingKey = (checkId: string) => `check:${checkId}`
export const dataFindingKey = (checkId: string) => `data:${checkId}`
export const regionTroubleKey = (regionId: string) => `region-trouble:${regionId}`
export const regionFindingKey = (regionId: string) => `region:${regionId}`

/** Adds a finding to the service's incident, or opens one. Gives the incident's id if it changed. */
export async function report(
  tx: Session,
  parts: CoordinatorParts,
  { serviceId, finding, evidence }: { serviceId: string; finding: Finding; evidence: Evidence[] },
): Promise<string | undefined> {
  const now = parts.clock.now()
  const incidents = await lockIncidents(tx, serviceId)
  const incident = incidents.find((candidate) => joinable(candidate, now))
  const events = reportFinding(incident, {
    finding,
    evidence,
    severityRules: parts.fleet.severityRules,
    serviceId,
    title: titleFor(serviceName(parts, serviceId), finding),
    now,
  })
  if (!incident) parts.metrics.detectionDelay(Math.max(0, now - finding.since) / 1_000)
  return save(tx, parts, incident, events)
}

/** Takes a finding off the incident that it is open on. Gives the incident's id if there was one. */
export async function clear(
  tx: Session,
  parts: CoordinatorParts,
  { serviceId, key, reason }: { serviceId: string; key: string; reason: string },
): Promise<string | undefined> {
  const incidents = await lockIncidents(tx, serviceId)
  const incident = incidents.find((candidate) =>
    openFindings(candidate).some((finding) => finding.key === key),
  )
  if (!incident) return undefined
  const { clock, fleet } = parts
  return save(
    tx,
    parts,
    incident,
    clearFinding(incident, key, reason, clock.now(), fleet.verifyForMs),
  )
}

/** Restores the service's incidents that stayed clean for long enough. */
export async function restoreVerified(
  tx: Session,
  parts: CoordinatorParts,
  serviceId: string,
): Promise<string[]> {
  const changed: string[] = []
  for (const incident of await lockIncidents(tx, serviceId)) {
    const id = await save(tx, parts, incident, completeVerification(incident, parts.clock.now()))
    if (id !== undefined) changed.push(id)
  }
  return changed
}

/** A check that is no longer defined can never recover: its finding ends with it. */
export async function closeRemovedChecks(
  parts: CoordinatorParts,
  removed: CheckDefinition[],
): Promise<void> {
  for (const check of removed)
    for (const key of [checkFindingKey(check.id), dataFindingKey(check.id)])
      await parts.store.transaction((tx) =>
        clear(tx, parts, {
          serviceId: check.serviceId,
          key,
          reason: 'the check is no longer defined',
        }),
      )
}

async function lockIncidents(tx: Session, serviceId: string): Promise<Incident[]> {
  await lockService(tx, serviceId)
  return incidentsOfService(tx, serviceId, INCIDENTS_LOOKED_AT)
}

async function save(
  tx: Session,
  { fleet, clock }: CoordinatorParts,
  before: Incident | undefined,
  events: IncidentEvent[],
): Promise<string | undefined> {
  if (events.length === 0) return undefined
  const id = before?.id ?? (await takeIncidentId(tx))
  const incident = applyEvents(id, before, events)
  if (!incident) return undefined
  await saveIncident(tx, incident, events)

  const told = events.flatMap((event) =>
    notificationsFor(event, incident).map((notification) => ({ event, notification })),
  )
  await addToOutbox(
    tx,
    told.flatMap(({ event, notification }) =>
      fleet.channels.map((channel) => ({
        deliveryId: `${id}.${event.sequence}.${channel.id}`,
        channelId: channel.id,
        incidentId: id,
        sequence: event.sequence,
        eventType: notification.type,
        body: JSON.stringify(notification),
      })),
    ),
    clock.now(),
  )
  return id
}

function serviceName({ fleet }: CoordinatorParts, serviceId: string): string {
  if (serviceId === FLEET_SERVICE) return 'Fleet'
  return fleet.services.find((service) => service.id === serviceId)?.name ?? serviceId
}
