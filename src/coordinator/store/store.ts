import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Kysely, sql } from 'kysely'
import { AppError, codeOf } from '../../base/app-error.ts'
import type { Logger } from '../../runtime/logger.ts'
import { postgresDialect } from './postgres.ts'
import type { Schema } from './schema.ts'
import { sqliteDialect } from './sqlite.ts'

/**
 * The coordinator's database: SQLite in one file, or PostgreSQL. One query layer serves both; the
 * files beside this one hold the queries, one noun each, as functions of a {@link Session}.
 */
export type Store = Session & {
  /**
   * All or nothing. What `work` throws rolls back, and is thrown on. `work` runs again when the
   * database ended it only because another one was in its way.
   */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** The database, or one transaction on it. */
export type Session = { db: Kysely<Schema>; dialect: 'sqlite' | 'postgres' }

export type StoreLocation = { sqliteFile: string } | { postgresUrl: string }

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws {AppError} `store.unavailable` when it cannot be reached.
 */
export async function openStore(location: StoreLocation, logger: Logger): Promise<Store> {
  const isSqlite = 'sqliteFile' in location
  const db = new Kysely<Schema>({
    dialect: isSqlite
      ? sqliteDialect(location.sqliteFile)
      : postgresDialect(location.postgresUrl, (error) =>
          logger.warn({ code: codeOf(error) }, 'a database connection broke'),
        ),
  })
  const session: Session = { db, dialect: isSqlite ? 'sqlite' : 'postgres' }
  try {
    await migrate(session)
  } catch (cause) {
    await db.destroy()
    throw new AppError('store.unavailable', 'the database cannot be opened', { cause })
  }
  return {
    ...session,
    transaction: (work) =>
      retryTransient(() =>
        db.transaction().execute((transaction) => work({ ...session, db: transaction })),
      ),
    close: () => db.destroy(),
  }
}

/** Ends a transaction that must begin again, because what it read first is not so any more. */
export class BeginAgain extends Error {
  readonly code = '40001'
}

/** PostgreSQL's codes for a deadlock and for a conflict between transactions. */
const TRANSIENT_CODES = ['40P01', '40001']
const ATTEMPTS_MAX = 3

/** With the orders of `slot-order.ts` and `lockConcerned` this should not happen; a busy database may find a way. */
async function retryTransient<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt()
    } catch (error) {
      if (attempts >= ATTEMPTS_MAX || !TRANSIENT_CODES.includes(codeOf(error) ?? '')) throw error
    }
  }
}

const MIGRATIONS = join(import.meta.dirname, 'migrations')

/** Any number, the same in every coordinator: who holds it migrates, the others wait. */
const MIGRATION_LOCK = 4_718_003

/** Runs the migrations that the database has not seen, in order, forward only. */
async function migrate({ db, dialect }: Session): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (dialect === 'postgres')
      await sql`select pg_advisory_xact_lock(${MIGRATION_LOCK})`.execute(tx)
    await sql`create table if not exists migrations (name text primary key)`.execute(tx)
    const seen = await sql<{ name: string }>`select name from migrations`.execute(tx)
    const done = new Set(seen.rows.map((row) => row.name))
    for (const name of readdirSync(MIGRATIONS).toSorted()) {
      if (!name.endsWith('.sql') || done.has(name)) continue
      for (const statement of statementsOf(readFileSync(join(MIGRATIONS, name), 'utf8')))
        await sql.raw(statement).execute(tx)
      await sql`insert into migrations (name) values (${name})`.execute(tx)
    }
  })
}

/** SQLite prepares one statement at a time. Our migrations have no semicolon inside a statement. */
function statementsOf(script: string): string[] {
  return script
    .replaceAll(/^\s*--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

/**
 * Holds a row until the transaction ends. SQLite has one writer, so its transactions hold everything
 * already.
 */
export async function lockService({ db, dialect }: Session, serviceId: string): Promise<void> {
  if (dialect === 'sqlite') return
  await db
    .insertInto('service_locks')
    .values({ service_id: serviceId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await db
    .selectFrom('service_locks')
    .select('service_id')
    .where('service_id', '=', serviceId)
    .forUpdate()
    .execute()
}
