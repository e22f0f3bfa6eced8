import { titleFor } from '../domain/incident/describe-incident.ts'
import { applyEvents } from '../domain/incident/fold-incident.ts'
import { passTime } from '../domain/incident/leading/pass-time.ts'
import { promiseUpdate } from '../domain/incident/leading/update-clock.ts'
import { detectionOf } from '../domain/incident/measure-detection.ts'
import { openFindings } from '../domain/incident/moves.ts'
import { notificationsFor } from '../domain/incident/notify.ts'
import { placeReport } from '../domain/incident/place-report.ts'
import { SYSTEM, stampEvents } from '../domain/incident/stamp-events.ts'
import { endsTimes, timesReached } from '../domain/incident/times/times-reached.ts'
import { clearFinding, reportFinding } from '../domain/incident/transition.ts'
import { verifyForOf } from '../domain/incident/verification/verify-for.ts'
import { expired } from '../domain/paging/acknowledgement.ts'
import { stageOf } from '../domain/paging/message.ts'
import type { CheckDefinition } from '../protocol/check.ts'
import type { Channel } from '../protocol/config.ts'
import type { Evidence, Finding, Incident, IncidentEvent } from '../protocol/incident.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { pageForIncident } from './paging-desk.ts'
import { draftWith } from './postmortem-draft.ts'
import { serviceName } from './service-name.ts'
import { tellStakeholders } from './stakeholder-desk.ts'
import {
  findIncident,
  incidentEvents,
  incidentsOfService,
  mergeTargets,
  saveIncident,
  takeIncidentId,
} from './store/incidents.ts'
import { addToOutbox } from './store/outbox.ts'
import { BeginAgain, lockService, type Session } from './store/store.ts'
import { keepWatches } from './store/watches.ts'
import { ticketForIncident } from './ticket-desk.ts'

/**
 * Where findings become incidents: loads, lets the domain decide, saves the events and what must be
 * told because of them. Everything here runs inside the caller's transaction; tell the caller's
 * listeners only after it has committed.
 */

/** How many incidents of a service, of those that findings may still concern, are looked at. */
export const INCIDENTS_LOOKED_AT = 10

export const checkFindingKey = (checkId: string) => `check:${checkId}`
export const dataFindingKey = (checkId: string) => `data:${checkId}`
export const regionTroubleKey = (regionId: string) => `region-trouble:${regionId}`
export const regionFindingKey = (regionId: string) => `region:${regionId}`
export const signalFindingKey = (sourceId: string, key: string) => `signal:${sourceId}:${key}`
export const objectiveFindingKey = (objectiveId: string) => `objective:${objectiveId}`

/** Tells whoever listens that incidents changed, once that has been committed. */
export function announce({ feed, wake }: CoordinatorParts, incidentIds: readonly string[]): void {
  feed.publish(incidentIds.map((incidentId) => ({ type: 'incident', incidentId })))
  if (incidentIds.length > 0) wake.deliver()
}

/** Adds a finding to the service's incident, or opens one. Gives the incident's id if it changed. */
export async function report(
  tx: Session,
  parts: CoordinatorParts,
  { serviceId, finding, evidence }: { serviceId: string; finding: Finding; evidence: Evidence[] },
): Promise<string | undefined> {
  const now = parts.clock.now()
  const incidents = await lockIncidents(tx, serviceId)
  const placement = placeReport(incidents, finding, now)
  if (placement.kind === 'set_aside') return undefined
  const incident = placement.kind === 'join' ? placement.incident : undefined
  const events = reportFinding(incident, {
    finding,
    evidence,
    severityRules: parts.fleet.severityRules,
    serviceId,
    title: titleFor(serviceName(parts.fleet, serviceId), finding),
    now,
  })
  if (!incident) {
    const check = parts.fleet.checks.find(({ id }) => id === finding.checkId)
    parts.metrics.detected(serviceId, finding, detectionOf(finding, now, check))
  }
  return save(tx, parts, incident, events)
}

/**
 * Takes a finding off the incidents that it is open on: one that is open, and those that people set
 * aside. Gives the id of the first that changed.
 */
export async function clear(
  tx: Session,
  parts: CoordinatorParts,
  {
    serviceId,
    key,
    reason,
    lastBadAt,
  }: { serviceId: string; key: string; reason: string; lastBadAt?: number | undefined },
): Promise<string | undefined> {
  const { clock, fleet } = parts
  const changed: string[] = []
  for (const incident of await lockIncidents(tx, serviceId)) {
    const verifyForMs = verifyForOf(incident.severity, fleet.verifyForMs)
    const events = clearFinding(incident, key, reason, clock.now(), verifyForMs, lastBadAt)
    const id = await save(tx, parts, incident, events)
    if (id !== undefined) changed.push(id)
  }
  return changed[0]
}

/** What is wrong with a service now, as its incidents have it. */
export async function findingsOpen(session: Session, serviceId: string): Promise<Set<string>> {
  const incidents = await incidentsConcerning(session, serviceId)
  return new Set(
    incidents.flatMap((incident) => [
      ...openFindings(incident).map(({ key }) => key),
      ...(incident.countedFindings ?? []).map(({ key }) => key),
    ]),
  )
}

/** What time alone brings about while people lead it: reminders, and that nothing is done. */
export async function letTimePass(
  tx: Session,
  parts: CoordinatorParts,
  { id, serviceId }: { id: string; serviceId: string },
): Promise<string | undefined> {
  await lockService(tx, serviceId)
  const incident = await findIncident(tx, id)
  if (!incident) return undefined
  return save(tx, parts, incident, passTime(incident, parts.clock.now()))
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

/** A chain of incidents that went into one another is followed so far. */
const MERGES_FOLLOWED_MAX = 5

/**
 * The incidents that take what is found for a service, newest first: its own, and those of other
 * services that its own became a part of.
 */
async function incidentsConcerning(session: Session, serviceId: string): Promise<Incident[]> {
  const incidents = await incidentsOfService(session, serviceId, INCIDENTS_LOOKED_AT)
  let next = incidents.flatMap(({ mergedInto }) => mergedInto ?? [])
  for (let followed = 0; next.length > 0 && followed < MERGES_FOLLOWED_MAX; followed++) {
    const known = new Set(incidents.map(({ id }) => id))
    const found: Incident[] = []
    for (const id of new Set(next.filter((candidate) => !known.has(candidate)))) {
      const target = await findIncident(session, id)
      if (target) found.push(target)
    }
    incidents.push(...found)
    next = found.flatMap(({ mergedInto }) => mergedInto ?? [])
  }
  return incidents
}

async function lockIncidents(tx: Session, serviceId: string): Promise<Incident[]> {
  await lockConcerned(tx, [serviceId])
  return incidentsConcerning(tx, serviceId)
}

/**
 * Holds services, and those whose incidents take what is found for them because of a merge. All of them at
 * once and in the order of their names: of two transactions that each hold a service and then find that they
 * need the other's, one would have to give way. So it comes before any other lock.
 *
 * @throws {BeginAgain} when somebody merged while it waited. Once they are held nobody can: a merge holds both.
 */
export async function lockConcerned(tx: Session, serviceIds: readonly string[]): Promise<void> {
  if (tx.dialect === 'sqlite') return
  const wanted = await servicesConcerned(tx, serviceIds)
  for (const id of [...wanted].toSorted()) await lockService(tx, id)
  const held = await servicesConcerned(tx, serviceIds)
  if (!held.isSubsetOf(wanted)) throw new BeginAgain('incidents were merged meanwhile')
}

async function servicesConcerned(
  session: Session,
  serviceIds: readonly string[],
): Promise<Set<string>> {
  const services = new Set(serviceIds)
  for (const serviceId of new Set(serviceIds)) {
    let next = await mergeTargets(session, serviceId, INCIDENTS_LOOKED_AT)
    for (let followed = 0; next.length > 0 && followed < MERGES_FOLLOWED_MAX; followed++) {
      const targets = await Promise.all(next.map((id) => findIncident(session, id)))
      for (const target of targets) if (target) services.add(target.serviceId)
      next = targets.flatMap((target) => target?.mergedInto ?? [])
    }
  }
  return services
}

/** Saves what events make of an incident, a new one where there is none, and what must be told. */
export async function save(
  tx: Session,
  parts: CoordinatorParts,
  before: Incident | undefined,
  events: IncidentEvent[],
  newId?: string,
): Promise<string | undefined> {
  if (events.length === 0) return undefined
  const { fleet, clock, links } = parts
  const id = before?.id ?? newId ?? (await takeIncidentId(tx))
  const decided = applyEvents(id, before, events)
  if (!decided) return undefined
  const promised = promiseUpdate(decided, events, fleet.updateEveryMs ?? {}, clock.now())
  const all = [...events, ...stampEvents(decided, promised, { now: clock.now(), actor: SYSTEM })]
  const incident = applyEvents(id, before, all) ?? decided
  await saveIncident(tx, incident, all)
  await keepWatches(tx, before, incident)
  await draftWith(tx, parts, incident, events)
  await tellTimes(tx, parts, incident, events)

  const url = links.incident(id)
  const told = events.flatMap((event) =>
    notificationsFor(event, incident).map(({ data, ...notification }) => ({
      event,
      notification: { ...notification, data: { ...data, url } },
    })),
  )
  await addToOutbox(
    tx,
    told.flatMap(({ event, notification }) =>
      channelsFor(notification.type, fleet.channels).map((channel) => ({
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
  await tellStakeholders(tx, parts, { incident, events })
  await pageForIncident(tx, parts, { before, incident, events })
  await ticketForIncident(tx, parts, { incident, events })
  // Who has it promised an update, and it is long overdue: it is paged again.
  if (events.some((event) => event.type === 'update_reminded' && event.stage === 'overdue'))
    await save(
      tx,
      parts,
      incident,
      expired(incident, 'the update that was promised is overdue', clock.now()),
    )
  return id
}

/** Counts the times that these events have ended. */
async function tellTimes(
  tx: Session,
  { metrics }: CoordinatorParts,
  incident: Incident,
  events: readonly IncidentEvent[],
): Promise<void> {
  if (!endsTimes(events)) return
  for (const { name, ms } of timesReached(await incidentEvents(tx, incident.id), events))
    metrics.incidentTook(incident, name, ms / 1_000)
}

/** PagerDuty has no event for what changes nothing there. */
const channelsFor = (type: string, channels: readonly Channel[]): Channel[] =>
  channels.filter(({ kind }) => kind !== 'pagerduty' || stageOf(type) !== 'tells')
