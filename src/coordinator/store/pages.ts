import { Page } from '../../protocol/page.ts'
import type { Session } from './store.ts'

/** Every page of an incident, the oldest first. Hold the lock of its service to change one. */
export async function pagesOf({ db }: Session, incidentId: string): Promise<Page[]> {
  const rows = await db
    .selectFrom('pages')
    .select('body')
    .where('incident_id', '=', incidentId)
    .orderBy('number')
    .execute()
  return rows.map((row) => Page.parse(JSON.parse(row.body)))
}

export async function findPage({ db }: Session, pageId: string): Promise<Page | undefined> {
  const row = await db
    .selectFrom('pages')
    .select('body')
    .where('page_id', '=', pageId)
    .executeTakeFirst()
  return row && Page.parse(JSON.parse(row.body))
}

export async function savePage(
  { db }: Session,
  page: Page,
  /** Of a new one. */
  { serviceId, number }: { serviceId: string; number: number },
): Promise<void> {
  const row = { state: page.state, due_at: page.dueAt ?? null, body: JSON.stringify(page) }
  await db
    .insertInto('pages')
    .values({
      page_id: page.pageId,
      incident_id: page.incidentId,
      number,
      service_id: serviceId,
      attempts: 0,
      ...row,
    })
    .onConflict((conflict) => conflict.column('page_id').doUpdateSet(row))
    .execute()
}

export type DuePage = { pageId: string; serviceId: string }

/** Pages of which something is due, the longest due first. */
export async function duePages({ db }: Session, now: number, limit: number): Promise<DuePage[]> {
  const rows = await db
    .selectFrom('pages')
    .select(['page_id', 'service_id'])
    .where('due_at', '<=', now)
    // One that cannot be carried out must not keep the others from it.
    .orderBy('attempts')
    .orderBy('due_at')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ pageId: row.page_id, serviceId: row.service_id }))
}

/** Writes down that what was due could not be carried out. */
export async function countFailedStep({ db }: Session, pageId: string): Promise<void> {
  await db
    .updateTable('pages')
    .set((e) => ({ attempts: e('attempts', '+', 1) }))
    .where('page_id', '=', pageId)
    .execute()
}

/** The service of the incident that a page is of. */
export async function serviceOfPage({ db }: Session, pageId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('pages')
    .select('service_id')
    .where('page_id', '=', pageId)
    .executeTakeFirst()
  return row?.service_id
}

/** Steps, and deliveries to people, that should have been taken by then and were not. */
export async function countOverdue(
  { db }: Session,
  before: number,
): Promise<{ steps: number; deliveries: number }> {
  const steps = await db
    .selectFrom('pages')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('due_at', '<', before)
    .executeTakeFirstOrThrow()
  const deliveries = await db
    .selectFrom('outbox')
    .select((e) => e.fn.countAll<number | string>().as('count'))
    .where('page_id', 'is not', null)
    .where('state', '=', 'pending')
    .where('due_at', '<', before)
    .where('leased_until', '<', before)
    .executeTakeFirstOrThrow()
  return { steps: Number(steps.count), deliveries: Number(deliveries.count) }
}
