import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Credential, CredentialKind } from '../store/credentials.ts'

/** What the secret of each kind begins with, so that one that leaked can be recognised by programs. */
const PREFIX: Record<CredentialKind, string> = {
  session: 'fws_',
  token: 'fwt_',
  enrolment: 'fwe_',
  probe: 'fwp_',
  invitation: 'fwi_',
  organisation: 'fwo_',
}

const SECRET_BYTES = 32

/** Fast on purpose: a secret of 256 random bits cannot be guessed, however fast its hash is. */
export const hashOfSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex')

/** Which kind a secret says that it is; only what is stored says that it is one. */
export const kindOfSecret = (secret: string): CredentialKind | undefined =>
  (Object.keys(PREFIX) as CredentialKind[]).find((kind) => secret.startsWith(PREFIX[kind]))

/** A credential that is not stored yet, with its secret, which will never be known again. */
export function mintCredential(
  kind: CredentialKind,
  {
    now,
    forMs,
    login,
    details = {},
  }: {
    now: number
    forMs?: number | undefined
    login?: string | undefined
    details?: Credential['details']
  },
): { credential: Credential; secret: string } {
  const secret = PREFIX[kind] + randomBytes(SECRET_BYTES).toString('base64url')
  return {
    secret,
    credential: {
      id: randomUUID(),
      kind,
      secretHash: hashOfSecret(secret),
      login,
      createdAt: now,
      expiresAt: forMs === undefined ? undefined : now + forMs,
      endedAt: undefined,
      usedAt: undefined,
      details,
    },
  }
}

/** Neither ended nor too old. */
export const isGood = ({ endedAt, expiresAt }: Credential, now: number): boolean =>
  endedAt === undefined && (expiresAt === undefined || expiresAt > now)
