import { openFindings } from '../domain/incident/moves.ts'
import { notificationData } from '../domain/incident/notify.ts'
import { servicesOf } from '../domain/incident/triage-card.ts'
import { type Escalation, escalationsFor } from '../domain/on-call/escalations-for.ts'
import { resolveDuty } from '../domain/on-call/resolve-duty.ts'
import { askedPage } from '../domain/paging/asked-page.ts'
import { decidePages, type PageDecision } from '../domain/paging/decide-pages.ts'
import { keepsState } from '../domain/paging/message.ts'
import { nextRing, ringsBy, ringsToEnd } from '../domain/paging/next-ring.ts'
import { destinationOf, orderContacts, withoutEcho } from '../domain/paging/order-contacts.ts'
import { pageLines } from '../domain/paging/page-text.ts'
import { startPage } from '../domain/paging/start-page.ts'
import type { Call, Roster } from '../domain/paging/take-step.ts'
import { firstRunbookStep } from '../domain/runbook/runbooks-for.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import { Notification } from '../protocol/notification.ts'
import type { Contact } from '../protocol/on-call.ts'
import type { Page, PagePlace } from '../protocol/page.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { loadOnCallChanges } from './store/on-call-changes.ts'
import {
  addToOutbox,
  cancelDeliveries,
  contactsPaged,
  type NewDelivery,
  pagesWritten,
} from './store/outbox.ts'
import { pagesOf, savePage } from './store/pages.ts'
import type { Session } from './store/store.ts'
import { loadTriageCard } from './triage.ts'

/**
 * Where incidents become pages. Everything here runs inside the transaction that changes the incident,
 * under the lock of its service: an acknowledgement that is stored has stopped what was to come.
 */

/** Starts, stops and changes the pages of an incident that has changed. */
export async function pageForIncident(
  tx: Session,
  parts: CoordinatorParts,
  change: { before: Incident | undefined; incident: Incident; events: readonly IncidentEvent[] },
): Promise<void> {
  const { incident } = change
  if (!parts.fleet.onCall) return
  const known = await pagesOf(tx, incident.id)
  const decisions = decidePages({ ...change, known, escalations: escalationsOf(parts, incident) })
  let number = known.length
  for (const decision of decisions) {
    const now = parts.clock.now()
    if (decision.kind === 'start') {
      number += 1
      const page = startPage(incident, { ...decision, number, now })
      await savePage(tx, page, { serviceId: incident.serviceId, number })
      continue
    }
    const page = known.find(({ pageId }) => pageId === decision.pageId)
    if (!page) continue
    await savePage(tx, changed(page, decision, now), {
      serviceId: incident.serviceId,
      number: known.indexOf(page) + 1,
    })
  }
  for (const event of change.events) {
    if (event.type !== 'page_asked') continue
    number += 1
    const page = startPage(incident, { ...askedPage(event), number, now: parts.clock.now() })
    await savePage(tx, page, { serviceId: incident.serviceId, number })
  }
  const stopped = decisions.flatMap((decision) =>
    decision.kind === 'stop' ? [decision.pageId] : [],
  )
  await cancelDeliveries(tx, stopped, parts.clock.now())
  await tellWhoWasPaged(tx, parts, { ...change, decisions })
}

function escalationsOf({ fleet }: CoordinatorParts, incident: Incident): Escalation[] {
  if (!fleet.onCall) return []
  const { severity } = incident
  return escalationsFor(
    fleet.onCall,
    { severity, services: servicesOf(incident), findings: openFindings(incident) },
    (fleet.queries ?? []).map((query) => ({
      id: query.id,
      pattern: 'pattern' in query ? query.pattern : undefined,
    })),
  )
}

function changed(page: Page, decision: PageDecision, now: number): Page {
  if (decision.kind === 'go_on') return { ...page, generation: decision.generation }
  if (decision.kind === 'start') return page
  const { dueAt: _, ...rest } = page
  return {
    ...rest,
    state: decision.state,
    stateSince: now,
    stateReason: decision.reason,
    ...(decision.state === 'acknowledged' && {
      dueAt: now + page.ladder.acknowledgementLastsMs,
    }),
  }
}

/**
 * The others hear who has it; whoever came for nothing hears that they can go, and why; systems that keep a
 * state of their own hear when it is over.
 */
async function tellWhoWasPaged(
  tx: Session,
  parts: CoordinatorParts,
  {
    before,
    incident,
    decisions,
  }: { before: Incident | undefined; incident: Incident; decisions: readonly PageDecision[] },
): Promise<void> {
  const { acknowledged } = incident
  const isNewlyHeld =
    acknowledged !== undefined &&
    (before?.acknowledged?.at !== acknowledged.at || before.acknowledged.by !== acknowledged.by)
  const hasStopped = decisions.some(
    (decision) => decision.kind === 'stop' && decision.state === 'acknowledged',
  )
  const isOver = OVER.includes(incident.state) && !OVER.includes(before?.state ?? '')
  if (!(isNewlyHeld && hasStopped) && !isOver) return
  const { onCall } = parts.fleet
  const personCalled = (by: string | undefined) =>
    onCall?.people.find(({ id, name }) => id === by || name === by)
  const holder = personCalled(acknowledged?.by)
  // What is restored is told on the incident. Who was called and is not needed may be on the way.
  const sentHome = isOver ? incident.declined : undefined
  const knows = isOver ? personCalled(sentHome?.by) : holder
  const paged = await contactsPaged(tx, incident.id)
  const type = isOver ? 'page.ended' : 'page.acknowledged'
  const told = paged.filter(
    ({ personId, destination }) =>
      keepsState(destination.kind) ||
      ((!isOver || sentHome !== undefined) && personId !== knows?.id),
  )
  await addToOutbox(
    tx,
    withoutEcho(told, ({ destination }) => destination).map((contact): NewDelivery => {
      const { pageId, personId, channelId, destination, body: lastBody } = contact
      const last = Notification.parse(JSON.parse(lastBody)).data
      const body: Notification = {
        type,
        timestamp: new Date(parts.clock.now()).toISOString(),
        data: {
          ...notificationData(incident),
          ...ringsToEnd(last, incident.generation),
          url: parts.links.incident(incident.id),
          ...(!isOver && { by: holder?.name ?? acknowledged?.by }),
          ...(sentHome && {
            by: knows?.name ?? sentHome.by,
            reason: standDownText(sentHome.reason),
          }),
        },
      }
      return {
        deliveryId: `${incident.id}.${incident.lastSequence}.${channelId.replace('/', '.')}`,
        channelId,
        incidentId: incident.id,
        sequence: incident.lastSequence,
        eventType: type,
        body: JSON.stringify(body),
        personal: { pageId, step: '', personId, destination, rank: 0 },
      }
    }),
    parts.clock.now(),
  )
}

/** Who calls too early once must want to do it again. */
const standDownText = (reason: string) =>
  `${/[.!?]$/.test(reason) ? reason : `${reason}.`} Thank you: it was right to call you, and better once too often than too late.`

/** States in which nobody is needed any more. */
const OVER: readonly string[] = [
  'restored',
  'resolved',
  'closed',
  'declined',
  'merged',
  'cancelled',
]

/** Who is on call now, after what people said of it. */
export async function loadRoster(tx: Session, parts: CoordinatorParts): Promise<Roster> {
  const { onCall } = parts.fleet
  const people = onCall?.people ?? []
  const now = parts.clock.now()
  const roster = onCall && { onCall, ...(await loadOnCallChanges(tx, now)) }
  const personOf = (id: string) => people.find((person) => person.id === id)
  return {
    who: (duty) =>
      roster ? resolveDuty(roster, duty, now) : { nobody: 'config/on-call.yaml is gone' },
    person(id) {
      const person = personOf(id)
      return person && { id, name: person.name }
    },
    contacts(id, by) {
      const person = personOf(id)
      return person ? orderContacts(person, by) : { first: [], fallbacks: [] }
    },
    lastResort: onCall?.lastResort,
  }
}

/** The six lines of an incident as they are now. */
export async function linesFor(
  session: Session,
  { fleet, clock, links }: Pick<CoordinatorParts, 'fleet' | 'clock' | 'links'>,
  incident: Incident,
): Promise<string[]> {
  const card = await loadTriageCard({ fleet, clock, store: session }, incident)
  const url = links.incident(incident.id)
  const first = firstRunbookStep(incident, fleet)
  const firstStep = first && {
    runbook: first.title,
    text: first.step,
    url: links.to(first.path),
  }
  return pageLines({ incident, card, now: clock.now(), firstStep, url })
}

/** Which ring a page by a contact is; nothing where whoever is told keeps no state. */
async function loadRings(
  tx: Session,
  incident: Incident,
  now: number,
): Promise<(contact: Contact) => ReturnType<typeof nextRing> | undefined> {
  const written = await pagesWritten(tx, incident.id)
  const rung = written.flatMap(({ destination, body, at }) => {
    const by = ringsBy(destination)
    if (by === undefined) return []
    const { generation = 1, ring = 1 } = Notification.parse(JSON.parse(body)).data
    return [{ by, generation, ring, at }]
  })
  return (contact) => {
    const by = ringsBy(destinationOf(contact))
    if (by === undefined) return undefined
    const own = rung.filter((one) => one.by === by)
    return nextRing(own, { generation: incident.generation, now })
  }
}

/** Writes what a step says into the outbox, for each contact of everybody it calls. */
export async function sendCalls(
  tx: Session,
  parts: CoordinatorParts,
  { page, incident, at, calls }: { page: Page; incident: Incident; at: PagePlace; calls: Call[] },
): Promise<void> {
  if (calls.length === 0) return
  const now = parts.clock.now()
  const url = parts.links.incident(incident.id)
  const lines = await linesFor(tx, parts, incident)
  const step = `${at.round}.${at.step}`
  const ringOf = await loadRings(tx, incident, now)
  const deliveries = calls.flatMap((call) => {
    const { person } = call
    const type = page.as === 'notice' || call.isNotice ? 'notice' : 'page'
    const first = type === 'page' ? call.first : withoutEcho(call.first, destinationOf)
    return [...first, ...call.fallbacks].map((contact, rank): NewDelivery => {
      const body: Notification = {
        type,
        timestamp: new Date(now).toISOString(),
        data: {
          ...notificationData(incident),
          person,
          reason: `${page.because}; ${call.reason}`,
          lines,
          url,
          ...(type === 'page' && {
            ...ringOf(contact),
            acknowledgeUrl: parts.links.acknowledge(
              { incidentId: incident.id, generation: incident.generation, personId: person.id },
              now,
            ),
          }),
        },
      }
      return {
        deliveryId: `${page.pageId}.${step}.${person.id}.${contact.id}`,
        channelId: `${person.id}/${contact.id}`,
        incidentId: incident.id,
        sequence: incident.lastSequence,
        eventType: type,
        body: JSON.stringify(body),
        personal: {
          pageId: page.pageId,
          step,
          personId: person.id,
          destination: destinationOf(contact),
          rank,
        },
        isWaiting: rank >= first.length,
      }
    })
  })
  await addToOutbox(tx, deliveries, now)
}
