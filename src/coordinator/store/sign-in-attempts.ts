import type { Attempts } from '../../domain/access/pace-attempts.ts'
import type { Session } from './store.ts'

/**
 * The failed attempts of one account or address; held until the transaction ends, so that those at the
 * same time are counted one after the other.
 */
export async function takeAttempts(
  { db, dialect }: Session,
  subject: string,
  now: number,
): Promise<Attempts> {
  // A row that is not there yet cannot be held.
  await db
    .insertInto('sign_in_attempts')
    .values({ subject, failures: 0, last_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const select = db.selectFrom('sign_in_attempts').selectAll().where('subject', '=', subject)
  // SQLite has one writer, so its transactions hold everything already.
  const row = await (dialect === 'postgres' ? select.forUpdate() : select).executeTakeFirstOrThrow()
  return { failures: row.failures, lastAt: row.last_at }
}

export async function saveAttempts(
  { db }: Session,
  subject: string,
  { failures, lastAt }: Attempts,
): Promise<void> {
  const row = { failures, last_at: lastAt }
  await db
    .insertInto('sign_in_attempts')
    .values({ subject, ...row })
    .onConflict((conflict) => conflict.column('subject').doUpdateSet(row))
    .execute()
}

export async function clearAttempts({ db }: Session, subject: string): Promise<void> {
  await db.deleteFrom('sign_in_attempts').where('subject', '=', subject).execute()
}

/** Takes one failure back: it turned out to be none. */
export async function takeBackAttempt({ db }: Session, subject: string): Promise<void> {
  await db
    .updateTable('sign_in_attempts')
    .set((e) => ({ failures: e('failures', '-', 1) }))
    .where('subject', '=', subject)
    .where('failures', '>', 0)
    .execute()
}

export async function forgetAttempts({ db }: Session, before: number): Promise<void> {
  await db.deleteFrom('sign_in_attempts').where('last_at', '<', before).execute()
}
