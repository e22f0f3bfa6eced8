import { AppError } from '../base/app-error.ts'
import type { Order } from '../domain/incident/commands/order.ts'
import { servicesOf } from '../domain/incident/triage-card.ts'
import { figuresOf } from '../domain/postmortem/figures.ts'
import { lintBlame } from '../domain/postmortem/lint-blame.ts'
import { beginPostmortem, movePostmortem } from '../domain/postmortem/move-postmortem.ts'
import { timelineOf } from '../domain/postmortem/timeline.ts'
import { refuseTree } from '../domain/postmortem/why-tree.ts'
import type { Incident, IncidentEvent } from '../protocol/incident.ts'
import {
  ACTION_ITEMS_MAX,
  type ActionItem,
  type ChangeActionItem,
  type NewActionItem,
  type Postmortem,
  type PostmortemBody,
} from '../protocol/postmortem.ts'
import type { PostmortemState } from '../protocol/postmortem-state.ts'
import { lead } from './command-desk.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { timesOf } from './postmortem-draft.ts'
import { loadRevenue } from './revenue.ts'
import { findIncident, incidentEvents } from './store/incidents.ts'
import {
  actionItemsOf,
  findActionItem,
  findPostmortem,
  findRevision,
  storeActionItem,
  storePostmortem,
  takeActionItemId,
} from './store/postmortems.ts'
import { lockService, type Session } from './store/store.ts'
import { countReports } from './store/user-reports.ts'

/** Where reviews are written: loads, checks, saves; what happened is read from the record each time. */

type Parts = Pick<CoordinatorParts, 'fleet' | 'clock'>

/**
 * The review as people see it: their words, with figures and timeline of the record as it is now.
 *
 * @throws {AppError} `incident.unknown`, `postmortem.unknown`
 */
export async function loadPostmortem(
  session: Session,
  parts: Parts,
  incidentId: string,
): Promise<Postmortem> {
  const incident = await findIncident(session, incidentId)
  if (!incident) throw new AppError('incident.unknown', incidentId)
  const stored = await findPostmortem(session, incidentId)
  if (!stored || !incident.postmortem) throw new AppError('postmortem.unknown', incidentId)
  const { body, revision, updatedAt, updatedBy } = stored
  const events = await incidentEvents(session, incidentId)
  const reports = await countReports(session, {
    services: servicesOf(incident),
    since: incident.impactStartedAt,
    until: incident.restoredAt ?? parts.clock.now(),
  })
  const figures = figuresOf(incident, timesOf(parts, incident, events), {
    reports,
    revenue: await loadRevenue(session, parts, incident, events),
    said: body.figures,
  })
  return {
    incidentId,
    title: incident.title,
    severity: incident.severity,
    state: incident.postmortem.state,
    dueAt: incident.postmortem.dueAt ?? null,
    ...{ revision, updatedAt, updatedBy, body, figures },
    timeline: timelineOf(events, body.hidden),
    actionItems: await actionItemsOf(session, incidentId),
    advice: lintBlame(body, { people: peopleIn(events) }),
  }
}

const peopleIn = (events: readonly IncidentEvent[]): string[] => [
  ...new Set(events.flatMap(({ actor }) => (actor.kind === 'person' ? [actor.name] : []))),
]

/** Saves what people wrote upon the revision that they saw; upon another one nothing is saved. */
export async function savePostmortem(
  parts: CoordinatorParts,
  incidentId: string,
  { by, revision, body }: { by: string; revision: number; body: PostmortemBody },
): Promise<Postmortem> {
  return saveUpon(parts, incidentId, { by, revision }, async () => ({ body }))
}

/**
 * Takes up an earlier revision as a new one, so that nothing of the history is lost.
 *
 * @throws {AppError} `postmortem.unknown` where there is no such revision.
 */
export async function restorePostmortem(
  parts: CoordinatorParts,
  incidentId: string,
  { by, revision, from }: { by: string; revision: number; from: number },
): Promise<Postmortem> {
  return saveUpon(parts, incidentId, { by, revision }, async (tx) => {
    const earlier = await findRevision(tx, incidentId, from)
    if (!earlier) throw new AppError('postmortem.unknown', `${incidentId} has no revision ${from}`)
    return { body: earlier, restoredFrom: from }
  })
}

async function saveUpon(
  parts: CoordinatorParts,
  incidentId: string,
  { by, revision }: { by: string; revision: number },
  contentOf: (tx: Session) => Promise<{ body: PostmortemBody; restoredFrom?: number }>,
): Promise<Postmortem> {
  const saved = await parts.store.transaction(async (tx) => {
    const incident = await lockIncident(tx, incidentId)
    const known = await findPostmortem(tx, incidentId, { isLocked: true })
    if (!known || !incident.postmortem) throw new AppError('postmortem.unknown', incidentId)
    if (incident.postmortem.state === 'closed') throw new AppError('postmortem.closed', incidentId)
    if (known.revision !== revision)
      throw new AppError(
        'postmortem.conflict',
        `${known.updatedBy} saved revision ${known.revision}, and what you changed is ${revision}`,
      )
    const content = await contentOf(tx)
    const tooLarge = refuseTree(content.body.why.answers)
    if (tooLarge !== undefined) throw new AppError('postmortem.too_large', tooLarge)
    await storePostmortem(tx, incidentId, {
      ...{ revision: revision + 1, updatedAt: parts.clock.now(), updatedBy: by, ...content },
    })
    return loadPostmortem(tx, parts, incidentId)
  })
  parts.feed.publish([{ type: 'incident', incidentId }])
  return saved
}

/** Begins a review, or says how far it is. */
export async function moveReview(
  parts: CoordinatorParts,
  incidentId: string,
  order: Order,
  move: { to: PostmortemState; note?: string | undefined } | 'begin',
): Promise<Postmortem> {
  await lead(parts, incidentId, (incident) =>
    move === 'begin' ? beginPostmortem(incident, order) : movePostmortem(incident, order, move),
  )
  return loadPostmortem(parts.store, parts, incidentId)
}

/** Adds something that is to be done. */
export async function addActionItem(
  parts: CoordinatorParts,
  incidentId: string,
  by: string,
  { by: _, ticket, ...wanted }: typeof NewActionItem._output,
): Promise<ActionItem> {
  const item = await parts.store.transaction(async (tx) => {
    await lockIncident(tx, incidentId)
    const known = await actionItemsOf(tx, incidentId)
    if (known.length >= ACTION_ITEMS_MAX)
      throw new AppError('postmortem.too_large', `${incidentId} has ${known.length} action items`)
    const created: ActionItem = {
      ...wanted,
      ...(ticket !== undefined && ticket !== '' && { ticket }),
      id: await takeActionItemId(tx),
      incidentId,
      createdAt: parts.clock.now(),
      createdBy: by,
    }
    await storeActionItem(tx, created)
    return created
  })
  parts.feed.publish([{ type: 'incident', incidentId }])
  return item
}

/** Changes what is to be done, or says that it is. */
export async function changeActionItem(
  parts: CoordinatorParts,
  itemId: string,
  by: string,
  { by: _, isDone, proof, ...changes }: typeof ChangeActionItem._output,
): Promise<ActionItem> {
  const item = await parts.store.transaction(async (tx) => {
    const known = await findActionItem(tx, itemId)
    if (!known) throw new AppError('action_item.unknown', itemId)
    const { done: before, ...rest } = known
    const said = Object.fromEntries(
      Object.entries(changes).filter(([, value]) => value !== undefined),
    )
    const isNowDone = isDone ?? before !== undefined
    const done =
      isDone === true
        ? { at: parts.clock.now(), by, ...(proof !== undefined && proof !== '' && { proof }) }
        : before
    const changed: ActionItem = { ...rest, ...said, ...(isNowDone && done && { done }) }
    await storeActionItem(tx, changed)
    return changed
  })
  parts.feed.publish([{ type: 'incident', incidentId: item.incidentId }])
  return item
}

async function lockIncident(tx: Session, id: string): Promise<Incident> {
  const known = await findIncident(tx, id)
  if (!known) throw new AppError('incident.unknown', id)
  await lockService(tx, known.serviceId)
  return (await findIncident(tx, id)) ?? known
}
