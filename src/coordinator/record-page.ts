import { SYSTEM, stampEvents } from '../domain/incident/stamp-events.ts'
import { judgeStep } from '../domain/paging/judge-step.ts'
import { hastenStep } from '../domain/paging/take-step.ts'
import type { CoordinatorParts } from './coordinator-parts.ts'
import { save } from './incident-desk.ts'
import { findIncident } from './store/incidents.ts'
import {
  type AttemptEnd,
  deliveriesOfStep,
  endWaiting,
  type OutboxEntry,
  recordDelivery,
} from './store/outbox.ts'
import { findPage, savePage, serviceOfPage } from './store/pages.ts'
import { lockService } from './store/store.ts'

/**
 * Writes down how an attempt to reach a person ended, and what follows of it in the same transaction: the
 * next of their contacts is tried, or is not needed; and when nothing of the step arrived anywhere, the
 * next step is due at once.
 */
export async function recordPage(
  parts: CoordinatorParts,
  entry: OutboxEntry,
  end: AttemptEnd,
): Promise<void> {
  const { store, metrics, feed } = parts
  const { personal } = entry
  const pageId = personal?.pageId
  if (!personal || pageId === undefined) return
  const changed = await store.transaction(async (tx) => {
    const serviceId = await serviceOfPage(tx, pageId)
    if (serviceId !== undefined) await lockService(tx, serviceId)
    if (!(await recordDelivery(tx, entry, end))) return undefined
    if (entry.eventType !== 'page' && entry.eventType !== 'notice') return entry.incidentId

    const deliveries = await deliveriesOfStep(tx, pageId, personal.step)
    const verdict = judgeStep(deliveries, personal.personId)
    await endWaiting(tx, verdict.release, 'pending', end.now)
    await endWaiting(tx, verdict.notNeeded, 'cancelled', end.now)
    const page = await findPage(tx, pageId)
    const incident = page && (await findIncident(tx, page.incidentId))
    if (!page || !incident || !verdict.isUndelivered || entry.eventType !== 'page')
      return entry.incidentId

    const [round = 0, step = 0] = personal.step.split('.').map(Number)
    const hastened = hastenStep(page, { round, step }, end.now)
    if (!hastened) return entry.incidentId
    await savePage(tx, hastened, { serviceId: incident.serviceId, number: 0 })
    const call = page.called.at(-1)
    metrics.pageSteps('undeliverable')
    await save(
      tx,
      parts,
      incident,
      stampEvents(
        incident,
        [
          {
            type: 'page_undeliverable',
            pageId,
            ...{ round, step, people: call?.people ?? [] },
            reason: verdict.reason,
          },
        ],
        { now: end.now, actor: SYSTEM },
      ),
    )
    return entry.incidentId
  })
  if (end.state === 'delivered' && entry.eventType === 'page')
    metrics.pageDelay(
      Math.max(0, end.now - Date.parse(JSON.parse(entry.body).timestamp)) / 1_000,
      personal.destination.kind,
    )
  if (changed !== undefined) feed.publish([{ type: 'incident', incidentId: changed }])
}
