import { CheckDefinition } from '../../protocol/check.ts'
import type { Session } from './store.ts'

/** A check as the ledger knows it: which definition, and up to when its slots are written down. */
export type AccountedCheck = { definition: CheckDefinition; accountedUntil: number }

/** The checks that are defined, with the definition that the ledger last worked with. */
export async function loadAccountedChecks({ db }: Session): Promise<AccountedCheck[]> {
  const rows = await db
    .selectFrom('checks')
    .select(['body', 'accounted_until'])
    .where('removed_at', 'is', null)
    .execute()
  return rows.map((row) => ({
    definition: CheckDefinition.parse(JSON.parse(row.body)),
    accountedUntil: row.accounted_until,
  }))
}

/** Checks that are defined no more, as they were at last. */
export async function removedChecks({ db }: Session): Promise<CheckDefinition[]> {
  const rows = await db
    .selectFrom('checks')
    .select('body')
    .where('removed_at', 'is not', null)
    .execute()
  return rows.map(({ body }) => CheckDefinition.parse(JSON.parse(body)))
}

export async function saveCheck(
  { db }: Session,
  definition: CheckDefinition,
  accountedUntil: number,
): Promise<void> {
  const row = {
    service_id: definition.serviceId,
    hash: definition.hash,
    body: JSON.stringify(definition),
    accounted_until: accountedUntil,
    removed_at: null,
  }
  await db
    .insertInto('checks')
    .values({ check_id: definition.id, ...row })
    .onConflict((conflict) => conflict.column('check_id').doUpdateSet(row))
    .execute()
}

export async function removeCheck({ db }: Session, checkId: string, now: number): Promise<void> {
  await db.updateTable('checks').set({ removed_at: now }).where('check_id', '=', checkId).execute()
}

export async function setAccountedUntil(
  { db }: Session,
  checkIds: string[],
  until: number,
): Promise<void> {
  if (checkIds.length === 0) return
  await db
    .updateTable('checks')
    .set({ accounted_until: until })
    .where('check_id', 'in', checkIds)
    .execute()
}
