import type { FastifyRequest } from 'fastify'
import { type StoredAccount, saveAccount } from '../store/accounts.ts'
import {
  addCredential,
  type Credential,
  endCredential,
  listCredentials,
} from '../store/credentials.ts'
import type { Session } from '../store/store.ts'
import type { AccessSettings } from './access-settings.ts'
import { mintCredential } from './secret.ts'

/** Sessions of one person at once; the oldest ends when there would be one more. */
const SESSIONS_MAX = 20
const PROGRAM_LENGTH_MAX = 200

/** Where somebody came from: what is written down of a request. */
export type Provenance = { from: string; program: string | undefined }

export const provenanceOf = ({ ip, headers }: FastifyRequest): Provenance => ({
  from: ip,
  program: headers['user-agent']?.slice(0, PROGRAM_LENGTH_MAX),
})

/** A session with the secret that its browser keeps. */
export type OpenedSession = { credential: Credential; secret: string; account: StoredAccount }

/**
 * Begins a session of somebody who has just proven who they are, always with a new secret: one that a
 * browser had before is never taken over.
 */
export async function openSession(
  tx: Session,
  account: StoredAccount,
  {
    settings,
    now,
    provenance: { from, program },
  }: { settings: AccessSettings; now: number; provenance: Provenance },
): Promise<OpenedSession> {
  const { login } = account
  const open = await listCredentials(tx, {
    kinds: ['session'],
    login,
    goodAt: now,
    limit: SESSIONS_MAX + 1,
  })
  for (const { id } of open.slice(SESSIONS_MAX - 1)) await endCredential(tx, id, now)
  const { credential, secret } = mintCredential('session', {
    now,
    forMs: settings.sessionMs,
    login,
    details: { from, ...(program !== undefined && { program }) },
  })
  await addCredential(tx, { ...credential, usedAt: now })
  const signedIn = { ...account, lastSignInAt: now }
  await saveAccount(tx, signedIn)
  return { credential, secret, account: signedIn }
}
