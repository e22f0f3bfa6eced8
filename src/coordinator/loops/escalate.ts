import { channel } from 'node:diagnostics_channel'
import { messageOf } from '../../base/app-error.ts'
import { isAcknowledged } from '../../domain/incident/commands/acknowledge.ts'
import { isOpen } from '../../domain/incident/moves.ts'
import { SYSTEM, stampEvents } from '../../domain/incident/stamp-events.ts'
import { expireAcknowledgement } from '../../domain/paging/acknowledgement.ts'
import { wantsPeople } from '../../domain/paging/decide-pages.ts'
import { takeStep } from '../../domain/paging/take-step.ts'
import type { Incident } from '../../protocol/incident.ts'
import type { Page } from '../../protocol/page.ts'
import { defineLoop } from '../../runtime/loop.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { save } from '../incident-desk.ts'
import { loadRoster, sendCalls } from '../paging-desk.ts'
import { findIncident, lastWordOfPerson } from '../store/incidents.ts'
import { countFailedStep, type DuePage, duePages, findPage, savePage } from '../store/pages.ts'
import { lockService, type Session } from '../store/store.ts'

/** As that of the loop that delivers; here with `stepped`, and the page's id. */
const progress = channel('firewatch.delivery')

/** Pages of one pass; the next pass comes within a second. */
const PAGES_MAX = 100

/** An acknowledgement is not looked at while the incident verifies; then again. */
const LOOK_AGAIN_MS = 60_000

/**
 * Takes the steps of pages that are due. The row of a page is its timer: a step is taken in the
 * transaction that moves the timer on, so that whoever dies before its end has taken none of it, and two
 * coordinators take it once.
 */
export const escalate = defineLoop<CoordinatorParts>({
  name: 'escalate',
  everyMs: 1_000,
  deadlineMs: 20_000,
  async run(parts, signal) {
    const { store, clock, feed, wake, logger } = parts
    const due = await duePages(store, clock.now(), PAGES_MAX)
    for (const one of due) {
      signal.throwIfAborted()
      try {
        const incidentId = await store.transaction((tx) => takeDue(tx, parts, one))
        progress.publish({ at: 'stepped', deliveryId: one.pageId, eventType: 'page' })
        if (incidentId !== undefined) feed.publish([{ type: 'incident', incidentId }])
      } catch (error) {
        // One page that cannot be carried out must not keep the others from their people.
        logger.error({ page: one.pageId, error: messageOf(error) }, 'a step of a page failed')
        await countFailedStep(store, one.pageId)
      }
    }
    if (due.length > 0) wake.deliver()
  },
})

/** Does what is due of one page. Gives the incident's id if that changed. */
export async function takeDue(
  tx: Session,
  parts: CoordinatorParts,
  { pageId, serviceId }: DuePage,
): Promise<string | undefined> {
  await lockService(tx, serviceId)
  // Read anew under the lock: somebody may have acknowledged it, or taken the step, meanwhile.
  const page = await findPage(tx, pageId)
  const incident = page && (await findIncident(tx, page.incidentId))
  const now = parts.clock.now()
  if (!page || !incident || page.dueAt === undefined || page.dueAt > now) return undefined
  if (page.state === 'acknowledged') return lookAtAcknowledgement(tx, parts, page, incident)
  if (page.state !== 'running' || !wantsPeople(incident)) return undefined
  if (page.as === 'page' && page.isOnce !== true && isAcknowledged(incident)) return undefined

  const taken = takeStep(page, await loadRoster(tx, parts), now)
  await keep(tx, taken.page, serviceId)
  const events = stampEvents(incident, taken.drafts, { now, actor: SYSTEM })
  await save(tx, parts, incident, events)
  const after = (await findIncident(tx, incident.id)) ?? incident
  await sendCalls(tx, parts, { ...taken, incident: after })
  for (const { type } of taken.drafts)
    if (type === 'paged') parts.metrics.pageSteps('called')
    else if (type === 'unowned') parts.metrics.pageSteps('unowned')
    else if (type === 'nobody_on_call') parts.metrics.pageSteps('nobody')
  return incident.id
}

async function lookAtAcknowledgement(
  tx: Session,
  parts: CoordinatorParts,
  page: Page,
  incident: Incident,
): Promise<string | undefined> {
  const now = parts.clock.now()
  if (!isOpen(incident)) {
    const { dueAt: _, ...rest } = page
    await keep(tx, rest, incident.serviceId)
    return undefined
  }
  const decision = expireAcknowledgement(incident, {
    lastsMs: page.ladder.acknowledgementLastsMs,
    lastWordAt: (await lastWordOfPerson(tx, incident.id)) ?? page.stateSince,
    now,
  })
  if (decision.kind === 'holds') {
    const until = wantsPeople(incident) ? decision.until : now + LOOK_AGAIN_MS
    await keep(tx, { ...page, dueAt: until }, incident.serviceId)
    return undefined
  }
  const { dueAt: _, ...rest } = page
  await keep(tx, { ...rest, state: 'ended', stateSince: now }, incident.serviceId)
  return save(tx, parts, incident, decision.events)
}

const keep = (tx: Session, page: Page, serviceId: string): Promise<void> =>
  savePage(tx, page, { serviceId, number: 0 })
