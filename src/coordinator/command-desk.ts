import { AppError } from '../base/app-error.ts'
import { correct } from '../domain/incident/commands/correct.ts'
import { declareByHand } from '../domain/incident/commands/declare.ts'
import { merge } from '../domain/incident/commands/merge.ts'
import type { Decision, Order } from '../domain/incident/commands/order.ts'
import { split } from '../domain/incident/commands/split.ts'
import { describeIncident, titleFor } from '../domain/incident/describe-incident.ts'
import { FLEET_SERVICE } from '../protocol/ids.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import type { CommandBody } from '../protocol/incident-command.ts'
import type { CommandedIncident } from '../protocol/public-api.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { INCIDENTS_LOOKED_AT, save } from './incident-desk.ts'
import { serviceName } from './service-name.ts'
import {
  findIncident,
  findIncidentEvent,
  incidentsOfService,
  takeIncidentId,
} from './store/incidents.ts'
import { lockService, type Session } from './store/store.ts'

/**
 * Where people lead incidents: loads under the lock of the service, lets the domain decide, saves the
 * events and what must be told. All of one command is one transaction; what is refused is thrown as an
 * `AppError` with the code and the reason of the refusal, and leaves nothing behind.
 */

/** Gives one incident one command; what goes with it is saved with it, or neither is. */
export async function lead(
  parts: CoordinatorParts,
  incidentId: string,
  decide: (incident: Incident, tx: Session) => Decision | Promise<Decision>,
  alsoSave?: (tx: Session) => Promise<void>,
): Promise<CommandedIncident> {
  return commit(parts, async (tx) => {
    const incident = await lockIncident(tx, incidentId)
    const events = eventsOf(await decide(incident, tx))
    await save(tx, parts, incident, events)
    await alsoSave?.(tx)
    return { id: incidentId, isRepeated: events.length === 0 }
  })
}

/** Opens an incident that no finding shows; the same command again gives the one it opened. */
export async function declareNew(
  parts: CoordinatorParts,
  order: Order,
  wanted: Parameters<typeof declareByHand>[1],
): Promise<CommandedIncident> {
  const { serviceId } = wanted
  const { fleet } = parts
  if (serviceId !== FLEET_SERVICE && !fleet.services.some(({ id }) => id === serviceId))
    throw new AppError('service.unknown', serviceId)
  return commit(parts, async (tx) => {
    await lockService(tx, serviceId)
    const known = await incidentsOfService(tx, serviceId, INCIDENTS_LOOKED_AT)
    const same = known.find(
      ({ commandIds = [] }) =>
        order.commandId !== undefined && commandIds.includes(order.commandId),
    )
    if (same) return { id: same.id, isRepeated: true }
    const id = await takeIncidentId(tx)
    await save(tx, parts, undefined, eventsOf(declareByHand(order, wanted, fleet)), id)
    return { id, isRepeated: false }
  })
}

/** Corrects an earlier event of an incident. */
export async function correctEvent(
  parts: CoordinatorParts,
  incidentId: string,
  order: Order,
  correction: CommandBody<'correct'>,
): Promise<CommandedIncident> {
  return commit(parts, async (tx) => {
    const incident = await lockIncident(tx, incidentId)
    const event = await findIncidentEvent(tx, incidentId, correction.target)
    const events = eventsOf(correct(incident, event, order, correction))
    await save(tx, parts, incident, events)
    return { id: incidentId, isRepeated: events.length === 0 }
  })
}

/** Makes an incident a part of another. */
export async function mergeIncidents(
  parts: CoordinatorParts,
  incidentId: string,
  order: Order,
  { into, reason }: CommandBody<'merge'>,
): Promise<CommandedIncident> {
  return commit(parts, async (tx) => {
    const [incident, target] = await lockBoth(tx, incidentId, into)
    const decision = merge(incident, target, order, reason)
    const events = eventsOf(decision)
    await save(tx, parts, incident, events)
    if (decision.kind === 'accepted') await save(tx, parts, target, decision.others)
    return { id: incidentId, related: into, isRepeated: events.length === 0 }
  })
}

/** Makes findings of an incident one of their own. */
export async function splitIncident(
  parts: CoordinatorParts,
  incidentId: string,
  order: Order,
  { keys, reason, title }: CommandBody<'split'>,
): Promise<CommandedIncident> {
  return commit(parts, async (tx) => {
    const incident = await lockIncident(tx, incidentId)
    const newId = await takeIncidentId(tx)
    const first = incident.findings.find(({ key }) => key === keys[0])
    const name = serviceName(parts.fleet, incident.serviceId)
    const decision = split(incident, order, {
      keys,
      reason,
      newId,
      title: title ?? (first ? titleFor(name, first) : incident.title),
      severityRules: parts.fleet.severityRules,
    })
    const events = eventsOf(decision)
    // The number that was taken for nothing is given back with everything else.
    if (events.length === 0) throw new Repeated(incidentId, await splitBefore(tx, incident, order))
    await save(tx, parts, incident, events)
    if (decision.kind === 'accepted') await save(tx, parts, undefined, decision.others, newId)
    return { id: incidentId, related: newId, isRepeated: false }
  })
}

/** What the same command split off when it was carried out. */
async function splitBefore(
  tx: Session,
  { splitInto = [] }: Incident,
  { commandId }: Order,
): Promise<string | undefined> {
  for (const id of splitInto.toReversed()) {
    const { commandIds = [] } = await knownIncident(tx, id)
    if (commandId !== undefined && commandIds.includes(commandId)) return id
  }
  return undefined
}

type Done = { id: string; related?: string | undefined; isRepeated: boolean }

/** Rolls a transaction back that did nothing, and is an answer all the same. */
class Repeated extends Error {
  readonly done: Done
  constructor(id: string, related: string | undefined) {
    super('the command was carried out before')
    this.done = { id, related, isRepeated: true }
  }
}

async function commit(
  parts: CoordinatorParts,
  work: (tx: Session) => Promise<Done>,
): Promise<CommandedIncident> {
  const { store, feed, wake } = parts
  const { id, related, isRepeated } = await store.transaction(work).catch((error: unknown) => {
    if (error instanceof Repeated) return error.done
    throw error
  })
  if (!isRepeated) {
    feed.publish(
      [id, ...(related === undefined ? [] : [related])].map((incidentId) => ({
        type: 'incident',
        incidentId,
      })),
    )
    wake.deliver()
  }
  const incident = await knownIncident(store, id)
  return {
    incident,
    headline: describeIncident(incident),
    isRepeated,
    ...(related !== undefined && { related }),
  }
}

function eventsOf(decision: Decision): IncidentEvent[] {
  if (decision.kind === 'rejected') throw new AppError(decision.code, decision.reason)
  return decision.events
}

async function knownIncident(session: Session, id: string): Promise<Incident> {
  const incident = await findIncident(session, id)
  if (!incident) throw new AppError('incident.unknown', id)
  return incident
}

/** The incident as it is while its service is held; which service that is never changes. */
async function lockIncident(tx: Session, id: string): Promise<Incident> {
  const { serviceId } = await knownIncident(tx, id)
  await lockService(tx, serviceId)
  return knownIncident(tx, id)
}

/** Services in the order of their names, so that two commands never wait for each other. */
async function lockBoth(tx: Session, first: string, second: string): Promise<[Incident, Incident]> {
  const services = [await knownIncident(tx, first), await knownIncident(tx, second)]
  for (const id of [...new Set(services.map(({ serviceId }) => serviceId))].toSorted())
    await lockService(tx, id)
  return [await knownIncident(tx, first), await knownIncident(tx, second)]
}
