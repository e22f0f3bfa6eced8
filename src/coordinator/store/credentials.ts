import type { Role } from '../../protocol/access.ts'
import type { Session } from './store.ts'

export const CREDENTIAL_KINDS = [
  'session',
  'token',
  'enrolment',
  'probe',
  'invitation',
  'organisation',
] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

/** Something that lets somebody in; see `migrations/0040-people.sql`. */
export type Credential = {
  id: string
  kind: CredentialKind
  secretHash: string
  /** Whom it speaks for. */
  login: string | undefined
  createdAt: number
  expiresAt: number | undefined
  endedAt: number | undefined
  usedAt: number | undefined
  details: CredentialDetails
}

/** What only some kinds have. Nothing of it is secret. */
export type CredentialDetails = {
  name?: string
  createdBy?: string
  role?: Role
  regionId?: string
  probeId?: string
  /** Of a session: where it was begun. */
  from?: string
  program?: string
  /** Of the way to the organisation's sign-in. */
  nonce?: string
  verifier?: string
  browserHash?: string
  returnTo?: string
}

export async function addCredential({ db }: Session, credential: Credential): Promise<void> {
  await db
    .insertInto('credentials')
    .values({
      credential_id: credential.id,
      kind: credential.kind,
      secret_hash: credential.secretHash,
      login: credential.login ?? null,
      created_at: credential.createdAt,
      expires_at: credential.expiresAt ?? null,
      ended_at: credential.endedAt ?? null,
      used_at: credential.usedAt ?? null,
      body: JSON.stringify(credential.details),
    })
    .execute()
}

export async function findCredential(
  { db }: Session,
  by: { secretHash: string } | { id: string },
): Promise<Credential | undefined> {
  const select = db.selectFrom('credentials').selectAll()
  const row = await ('id' in by
    ? select.where('credential_id', '=', by.id)
    : select.where('secret_hash', '=', by.secretHash)
  ).executeTakeFirst()
  return row && toCredential(row)
}

/** Newest first, at most `limit`. */
export async function listCredentials(
  { db }: Session,
  where: {
    kinds: readonly CredentialKind[]
    login?: string | undefined
    /** Only those that are good at this instant. */
    goodAt?: number | undefined
    limit: number
  },
): Promise<Credential[]> {
  let select = db.selectFrom('credentials').selectAll().where('kind', 'in', where.kinds)
  const { login, goodAt } = where
  if (login !== undefined) select = select.where('login', '=', login)
  if (goodAt !== undefined)
    select = select
      .where('ended_at', 'is', null)
      .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', goodAt)]))
  const rows = await select
    .orderBy('created_at', 'desc')
    .orderBy('credential_id')
    .limit(where.limit)
    .execute()
  return rows.map(toCredential)
}

/** Ends one credential; false when it was over already, so that what is for one use is used once. */
export async function endCredential({ db }: Session, id: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('credentials')
    .set({ ended_at: now })
    .where('credential_id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return Number(numUpdatedRows) > 0
}

/** Ends all credentials of somebody, of some kinds, but one. @returns how many. */
export async function endCredentialsOf(
  { db }: Session,
  login: string,
  { kinds, but, now }: { kinds: readonly CredentialKind[]; but?: string | undefined; now: number },
): Promise<number> {
  let update = db
    .updateTable('credentials')
    .set({ ended_at: now })
    .where('login', '=', login)
    .where('kind', 'in', kinds)
    .where('ended_at', 'is', null)
  if (but !== undefined) update = update.where('credential_id', '!=', but)
  return Number((await update.executeTakeFirst()).numUpdatedRows)
}

export async function touchCredential({ db }: Session, id: string, usedAt: number): Promise<void> {
  await db
    .updateTable('credentials')
    .set({ used_at: usedAt })
    .where('credential_id', '=', id)
    .execute()
}

/** Deletes what was over before an instant, at most `limit`. */
export async function forgetCredentials(
  { db }: Session,
  { before, limit }: { before: number; limit: number },
): Promise<void> {
  const old = await db
    .selectFrom('credentials')
    .select('credential_id')
    .where((e) => e.or([e('ended_at', '<', before), e('expires_at', '<', before)]))
    .limit(limit)
    .execute()
  if (old.length === 0) return
  await db
    .deleteFrom('credentials')
    .where(
      'credential_id',
      'in',
      old.map((row) => row.credential_id),
    )
    .execute()
}

type Row = {
  credential_id: string
  kind: string
  secret_hash: string
  login: string | null
  expires_at: number | null
  ended_at: number | null
  used_at: number | null
  created_at: number
  body: string
}

const toCredential = (row: Row): Credential => ({
  id: row.credential_id,
  kind: row.kind as CredentialKind,
  secretHash: row.secret_hash,
  login: row.login ?? undefined,
  createdAt: row.created_at,
  expiresAt: row.expires_at ?? undefined,
  endedAt: row.ended_at ?? undefined,
  usedAt: row.used_at ?? undefined,
  details: JSON.parse(row.body) as CredentialDetails,
})
