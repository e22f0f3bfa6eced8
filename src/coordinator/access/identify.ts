import type { FastifyRequest } from 'fastify'
import { type Access, isAtLeast, type Role } from '../../protocol/access.ts'
import { API_PREFIX } from '../../protocol/public-paths.ts'
import { isSameSecret } from '../same-secret.ts'
import { findAccount } from '../store/accounts.ts'
import { type Credential, findCredential, touchCredential } from '../store/credentials.ts'
import { bearerToken } from './bearer-token.ts'
import type { Caller } from './caller.ts'
import type { AccessParts } from './guard.ts'
import { hashOfSecret, isGood, kindOfSecret } from './secret.ts'
import { type SessionCookie, sessionCookie } from './session-cookie.ts'

/** That a credential is in use is written down at most so often. */
const TOUCH_EVERY_MS = 60_000

const UNKNOWN: Caller = { kind: 'unknown' }

/** Says who a request is from, by what it carries. A token counts before a session, also a wrong one. */
export function createIdentify(
  parts: AccessParts,
): (request: FastifyRequest, access: Access) => Promise<Caller> {
  const settings = parts.access
  const cookie = sessionCookie(settings)
  return async (request, access) => {
    if (!isAskedFor(request, access)) return UNKNOWN
    const token = bearerToken(request.headers.authorization)
    if (access === 'probe') return probeOf(parts, token)
    if (access === 'metrics' && isSecret(token, settings.metricsToken)) return { kind: 'scraper' }
    const caller = await memberOf(parts, token, cookie, request)
    return caller.kind === 'unknown' && settings.signIn === 'off' ? { kind: 'anybody' } : caller
  }
}

/** Where the answer changes nothing, it is not looked up: files of the dashboard, signed requests. */
const isAskedFor = ({ routeOptions }: FastifyRequest, access: Access): boolean =>
  access !== 'signed' &&
  (access !== 'public' || (routeOptions.url?.startsWith(API_PREFIX) ?? false))

async function memberOf(
  parts: AccessParts,
  token: string | undefined,
  cookie: SessionCookie,
  request: FastifyRequest,
): Promise<Caller> {
  const kind = token === undefined ? 'session' : 'token'
  const credential = await findGood(parts, token ?? cookie.read(request), kind)
  return credential ? callerOf(parts, credential) : UNKNOWN
}

async function probeOf(parts: AccessParts, token: string | undefined): Promise<Caller> {
  if (isSecret(token, parts.access.probeToken)) return { kind: 'probe', scope: undefined }
  const { regionId, probeId } = (await findGood(parts, token, 'probe'))?.details ?? {}
  if (regionId === undefined || probeId === undefined) return UNKNOWN
  return { kind: 'probe', scope: { regionId, probeId } }
}

/** The credential that a secret is of, if it counts now, and counts as this kind. */
async function findGood(
  { store, clock, access }: AccessParts,
  secret: string | undefined,
  kind: 'session' | 'token' | 'probe',
): Promise<Credential | undefined> {
  if (secret === undefined || kindOfSecret(secret) !== kind) return undefined
  const credential = await findCredential(store, { secretHash: hashOfSecret(secret) })
  const now = clock.now()
  if (credential?.kind !== kind || !isGood(credential, now)) return undefined
  const usedAt = credential.usedAt ?? credential.createdAt
  if (kind === 'session' && now - usedAt >= access.sessionIdleMs) return undefined
  if (now - usedAt >= TOUCH_EVERY_MS) await touchCredential(store, credential.id, now)
  return credential
}

async function callerOf({ store }: AccessParts, credential: Credential): Promise<Caller> {
  const { id, kind, login, expiresAt, details } = credential
  if (login === undefined) {
    const { name = '', role } = details
    return role ? { kind: 'program', name: `token ${name}`, role, credentialId: id } : UNKNOWN
  }
  const account = await findAccount(store, { login })
  if (!account || account.disabledAt !== undefined) return UNKNOWN
  return {
    kind: 'person',
    by: kind === 'session' ? 'session' : 'token',
    login,
    name: account.name,
    // A token never lets its person do more than they may by now.
    role: lesser(account.role, details.role),
    credentialId: id,
    until: expiresAt,
    hasPassword: account.password !== undefined,
  }
}

const lesser = (role: Role, other: Role | undefined): Role =>
  other !== undefined && isAtLeast(role, other) ? other : role

const isSecret = (given: string | undefined, expected: string | undefined): boolean =>
  given !== undefined && expected !== undefined && isSameSecret(given, expected)
