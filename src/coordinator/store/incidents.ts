import { leadDueAt } from '../../domain/incident/leading/pass-time.ts'
import {
  Incident,
  IncidentEvent,
  type IncidentState,
  OPEN_STATES,
} from '../../protocol/incident.ts'
import type { Session } from './store.ts'

/** The next incident's id: `INC-1`, `INC-2` … without gaps that people would wonder about. */
export async function takeIncidentId({ db }: Session): Promise<string> {
  const row = await db
    .updateTable('counters')
    .set((e) => ({ value: e('value', '+', 1) }))
    .where('name', '=', 'incident')
    .returning('value')
    .executeTakeFirstOrThrow()
  return `INC-${row.value}`
}

const numberOf = ({ id }: Pick<Incident, 'id'>) => Number(id.slice('INC-'.length))

/** States in which nothing is decided by findings any more. */
const FINAL_STATES: readonly IncidentState[] = ['resolved', 'closed']

/**
 * The incidents of a service that findings may concern, newest first: all that are open, however old,
 * before those that are not. Hold the service's lock to change one.
 */
export async function incidentsOfService(
  { db }: Session,
  serviceId: string,
  limit: number,
): Promise<Incident[]> {
  const rows = await db
    .selectFrom('incidents')
    .select('body')
    .where('service_id', '=', serviceId)
    .where('state', 'not in', [...FINAL_STATES])
    .orderBy((e) =>
      e
        .case()
        .when('state', 'in', [...OPEN_STATES])
        .then(0)
        .else(1)
        .end(),
    )
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows
    .map((row) => Incident.parse(JSON.parse(row.body)))
    .toSorted((a, b) => numberOf(b) - numberOf(a))
}

/** The incidents that those of a service became a part of, of the newest `limit` that did. */
export async function mergeTargets(
  { db }: Session,
  serviceId: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('incidents')
    .select('body')
    .where('service_id', '=', serviceId)
    .where('state', '=', 'merged')
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.flatMap((row) => Incident.parse(JSON.parse(row.body)).mergedInto ?? [])
}

/** The open incidents of each service that has some. */
export async function openIncidentIds({ db }: Session): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('incidents')
    .select(['service_id', 'incident_id'])
    .where('state', 'in', [...OPEN_STATES])
    .execute()
  const byService = Map.groupBy(rows, (row) => row.service_id)
  return new Map([...byService].map(([id, some]) => [id, some.map((row) => row.incident_id)]))
}

/** Saves what the events made of the incident, and the events themselves. */
export async function saveIncident(
  { db }: Session,
  incident: Incident,
  events: readonly IncidentEvent[],
): Promise<void> {
  const row = {
    state: incident.state,
    severity: incident.severity,
    restored_at: incident.restoredAt ?? null,
    verify_until: incident.state === 'verifying' ? (incident.verifyUntil ?? null) : null,
    lead_due_at: leadDueAt(incident) ?? null,
    published_at: incident.published?.since ?? null,
    body: JSON.stringify(incident),
  }
  await db
    .insertInto('incidents')
    .values({
      incident_id: incident.id,
      number: numberOf(incident),
      service_id: incident.serviceId,
      opened_at: incident.openedAt,
      ...row,
    })
    .onConflict((conflict) => conflict.column('incident_id').doUpdateSet(row))
    .execute()
  // A sequence that exists already violates the key: two writers can never both append.
  await db
    .insertInto('incident_events')
    .values(
      events.map((event) => ({
        incident_id: incident.id,
        sequence: event.sequence,
        type: event.type,
        recorded_at: event.recordedAt,
        body: JSON.stringify(event),
      })),
    )
    .execute()
}

export async function findIncident({ db }: Session, id: string): Promise<Incident | undefined> {
  const row = await db
    .selectFrom('incidents')
    .select('body')
    .where('incident_id', '=', id)
    .executeTakeFirst()
  return row && Incident.parse(JSON.parse(row.body))
}

/** An incident's events, oldest first. */
export async function incidentEvents({ db }: Session, id: string): Promise<IncidentEvent[]> {
  const rows = await db
    .selectFrom('incident_events')
    .select('body')
    .where('incident_id', '=', id)
    .orderBy('sequence')
    .execute()
  return rows.map((row) => IncidentEvent.parse(JSON.parse(row.body)))
}

/** Incidents of a service whose impact is over, newest first. */
export async function pastIncidents(
  { db }: Session,
  serviceId: string,
  limit: number,
): Promise<Incident[]> {
  const rows = await db
    .selectFrom('incidents')
    .select('body')
    .where('service_id', '=', serviceId)
    .where('state', 'in', ['restored', 'resolved', 'closed'])
    .orderBy('number', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => Incident.parse(JSON.parse(row.body)))
}

/** What people noted on an incident, newest first. */
export async function latestNotes(
  { db }: Session,
  id: string,
  limit: number,
): Promise<{ by: string; text: string }[]> {
  const rows = await db
    .selectFrom('incident_events')
    .select('body')
    .where('incident_id', '=', id)
    .where('type', '=', 'noted')
    .orderBy('sequence', 'desc')
    .limit(limit)
    .execute()
  return rows
    .map((row) => IncidentEvent.parse(JSON.parse(row.body)))
    .flatMap((event) =>
      event.type === 'noted' && event.actor.kind === 'person'
        ? [{ by: event.actor.name, text: event.text }]
        : [],
    )
}

/** When a person last did or said anything about an incident; undefined where nobody did. */
export async function lastWordOfPerson({ db }: Session, id: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('incident_events')
    .select('recorded_at')
    .where('incident_id', '=', id)
    .where('body', 'like', '%"actor":{"kind":"person"%')
    .orderBy('sequence', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.recorded_at
}

export type IncidentQuery = {
  service?: string | undefined
  state?: string | undefined
  severity?: string | undefined
  /** The newest first, unless it says otherwise. */
  order?: 'newest' | 'oldest'
  /** The number after which the page starts, in that order. */
  after?: number | undefined
  limit: number
}

/** Incidents in their order; the state `open` stands for all in which findings join. */
export async function listIncidents({ db }: Session, query: IncidentQuery): Promise<Incident[]> {
  const isOldestFirst = query.order === 'oldest'
  let select = db
    .selectFrom('incidents')
    .select('body')
    .orderBy('number', isOldestFirst ? 'asc' : 'desc')
  if (query.service !== undefined) select = select.where('service_id', '=', query.service)
  if (query.severity !== undefined) select = select.where('severity', '=', query.severity)
  if (query.state === 'open') select = select.where('state', 'in', [...OPEN_STATES])
  else if (query.state !== undefined) select = select.where('state', '=', query.state)
  if (query.after !== undefined)
    select = select.where('number', isOldestFirst ? '>' : '<', query.after)
  const rows = await select.limit(query.limit).execute()
  return rows.map((row) => Incident.parse(JSON.parse(row.body)))
}

/** Incidents that time and runs may change, besides findings; far more than are open at a time. */
const FOLLOWED_MAX = 500

/** A restored incident is followed for longer than any watch lasts, and no longer. */
const RESTORED_FOLLOWED_MS = 72 * 3_600_000

/** What is not over: open incidents, and restored ones that may be watched; the newest first. */
export async function followedIncidents({ db }: Session, now: number): Promise<Incident[]> {
  const rows = await db
    .selectFrom('incidents')
    .select('body')
    .where((e) =>
      e.or([
        e('state', 'in', [...OPEN_STATES]),
        e.and([e('state', '=', 'restored'), e('restored_at', '>', now - RESTORED_FOLLOWED_MS)]),
      ]),
    )
    .orderBy('number', 'desc')
    .limit(FOLLOWED_MAX)
    .execute()
  return rows.map((row) => Incident.parse(JSON.parse(row.body)))
}

/** Incidents of which time alone has something to say, with their services. */
export async function incidentsToLead(
  { db }: Session,
  now: number,
  limit: number,
): Promise<{ id: string; serviceId: string }[]> {
  const rows = await db
    .selectFrom('incidents')
    .select(['incident_id', 'service_id'])
    .where('lead_due_at', '<=', now)
    .orderBy('lead_due_at')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ id: row.incident_id, serviceId: row.service_id }))
}

/** Incidents that the public has heard of, newest first. */
export async function publishedIncidents({ db }: Session, limit: number): Promise<Incident[]> {
  const rows = await db
    .selectFrom('incidents')
    .select('body')
    .where('published_at', 'is not', null)
    .orderBy('published_at', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => Incident.parse(JSON.parse(row.body)))
}

/** The updates of some incidents, oldest first, and nothing else of them. */
export async function postedUpdates(
  { db }: Session,
  ids: readonly string[],
): Promise<{ incidentId: string; event: Extract<IncidentEvent, { type: 'update_posted' }> }[]> {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('incident_events')
    .select(['incident_id', 'body'])
    .where('incident_id', 'in', [...ids])
    .where('type', '=', 'update_posted')
    .orderBy('incident_id')
    .orderBy('sequence')
    .execute()
  return rows.flatMap((row) => {
    const event = IncidentEvent.parse(JSON.parse(row.body))
    return event.type === 'update_posted' ? [{ incidentId: row.incident_id, event }] : []
  })
}

/** One event of an incident; undefined where there is none of this sequence. */
export async function findIncidentEvent(
  { db }: Session,
  id: string,
  sequence: number,
): Promise<IncidentEvent | undefined> {
  const row = await db
    .selectFrom('incident_events')
    .select('body')
    .where('incident_id', '=', id)
    .where('sequence', '=', sequence)
    .executeTakeFirst()
  return row && IncidentEvent.parse(JSON.parse(row.body))
}

export async function countOpenIncidents({ db }: Session): Promise<number> {
  const row = await db
    .selectFrom('incidents')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('state', 'in', [...OPEN_STATES])
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Reviews of one answer; more than are ever under way. */
const REVIEWS_MAX = 200

/** Incidents whose review is not closed, the first due first. */
export async function incidentsToReview({ db }: Session): Promise<Incident[]> {
  const rows = await db
    .selectFrom('incidents')
    .innerJoin('postmortems', 'postmortems.incident_id', 'incidents.incident_id')
    .select('incidents.body')
    .orderBy('incidents.number', 'desc')
    .limit(REVIEWS_MAX)
    .execute()
  return rows
    .map((row) => Incident.parse(JSON.parse(row.body)))
    .filter(({ postmortem }) => postmortem !== undefined && postmortem.state !== 'closed')
    .toSorted((a, b) => (a.postmortem?.dueAt ?? 0) - (b.postmortem?.dueAt ?? 0))
}

/** States of what turned out to be no incident of its own. */
const NONE_STATES: readonly IncidentState[] = ['declined', 'merged', 'cancelled']

/** Incidents that opened within a time, newest first, without those that were none. */
export async function incidentsOpenedIn(
  { db }: Session,
  { since, until, service }: { since: number; until: number; service?: string | undefined },
  limit: number,
): Promise<Incident[]> {
  let select = db
    .selectFrom('incidents')
    .select('body')
    .where('opened_at', '>=', since)
    .where('opened_at', '<', until)
    .where('state', 'not in', [...NONE_STATES])
    .orderBy('number', 'desc')
  if (service !== undefined) select = select.where('service_id', '=', service)
  const rows = await select.limit(limit).execute()
  return rows.map((row) => Incident.parse(JSON.parse(row.body)))
}

/** Incidents of a backlog that are loaded: of more, a digest only says how many there are. */
const BACKLOG_MAX = 1_000

type ByService = { serviceId: string; count: number }

/** What ends an incident, as far as anybody has to look at it. */
const ENDS: readonly IncidentEvent['type'][] = ['restored', 'declined', 'stood_down', 'merged']

/**
 * The open incidents of some severities that were there at an instant, the oldest first; and how many there
 * are, how many opened and how many ended within a time before it, by service.
 */
export async function loadBacklog(
  { db }: Session,
  {
    severities,
    since,
    until,
  }: { severities: readonly Incident['severity'][]; since: number; until: number },
): Promise<{ open: Incident[]; openCounts: ByService[]; opened: ByService[]; ended: ByService[] }> {
  const counted = () =>
    db
      .selectFrom('incidents')
      .select((e) => ['service_id', e.fn.countAll<number | string>().as('count')])
      .where('severity', 'in', [...severities])
      .where('opened_at', '<', until)
      .groupBy('service_id')
  const byService = async (query: ReturnType<typeof counted>): Promise<ByService[]> =>
    (await query.execute()).map((row) => ({ serviceId: row.service_id, count: Number(row.count) }))
  const open = await db
    .selectFrom('incidents')
    .select('body')
    .where('severity', 'in', [...severities])
    .where('opened_at', '<', until)
    .where('state', 'in', [...OPEN_STATES])
    .orderBy('number')
    .limit(BACKLOG_MAX)
    .execute()
  return {
    open: open.map((row) => Incident.parse(JSON.parse(row.body))),
    openCounts: await byService(counted().where('state', 'in', [...OPEN_STATES])),
    opened: await byService(counted().where('opened_at', '>=', since)),
    ended: await byService(
      counted()
        .where('state', 'not in', [...OPEN_STATES])
        .where((e) =>
          e.exists(
            e
              .selectFrom('incident_events')
              .select('sequence')
              .whereRef('incident_events.incident_id', '=', 'incidents.incident_id')
              .where('type', 'in', [...ENDS])
              .where('recorded_at', '>=', since)
              .where('recorded_at', '<', until),
          ),
        ),
    ),
  }
}
