import { sql } from 'kysely'
import type { Role } from '../../protocol/access.ts'
import type { Session } from './store.ts'

export type StoredAccount = {
  login: string
  name: string
  role: Role
  email: string | undefined
  /** Issuer and subject of the organisation's sign-in. */
  identity: string | undefined
  /** Hash of the password. */
  password: string | undefined
  createdAt: number
  disabledAt: number | undefined
  lastSignInAt: number | undefined
}

/** More accounts than one coordinator's people; further ones are refused. */
export const ACCOUNTS_MAX = 2_000

export async function saveAccount({ db }: Session, account: StoredAccount): Promise<void> {
  const row = {
    name: account.name,
    role: account.role,
    email: account.email ?? null,
    identity: account.identity ?? null,
    password: account.password ?? null,
    created_at: account.createdAt,
    disabled_at: account.disabledAt ?? null,
    last_sign_in_at: account.lastSignInAt ?? null,
  }
  await db
    .insertInto('accounts')
    .values({ login: account.login, ...row })
    .onConflict((conflict) => conflict.column('login').doUpdateSet(row))
    .execute()
}

export async function findAccount(
  { db }: Session,
  by: { login: string } | { identity: string },
): Promise<StoredAccount | undefined> {
  const select = db.selectFrom('accounts').selectAll()
  const row = await ('login' in by
    ? select.where('login', '=', by.login)
    : select.where('identity', '=', by.identity)
  ).executeTakeFirst()
  return row && toAccount(row)
}

/** Holds all accounts until the transaction ends, so that the last admin cannot go twice. */
export async function lockAccounts({ db, dialect }: Session): Promise<void> {
  // SQLite has one writer, so its transactions hold everything already.
  if (dialect === 'postgres') await sql`lock table accounts in share row exclusive mode`.execute(db)
}

export async function listAccounts({ db }: Session): Promise<StoredAccount[]> {
  const rows = await db
    .selectFrom('accounts')
    .selectAll()
    .orderBy('login')
    .limit(ACCOUNTS_MAX)
    .execute()
  return rows.map(toAccount)
}

type Row = {
  login: string
  name: string
  role: string
  email: string | null
  identity: string | null
  password: string | null
  created_at: number
  disabled_at: number | null
  last_sign_in_at: number | null
}

const toAccount = (row: Row): StoredAccount => ({
  login: row.login,
  name: row.name,
  role: row.role as Role,
  email: row.email ?? undefined,
  identity: row.identity ?? undefined,
  password: row.password ?? undefined,
  createdAt: row.created_at,
  disabledAt: row.disabled_at ?? undefined,
  lastSignInAt: row.last_sign_in_at ?? undefined,
})
