import { AppError } from '../../base/app-error.ts'
import type { Role } from '../../protocol/access.ts'
import type { AccessToken } from '../../protocol/people-api.ts'
import type { Enrol, Enrolled } from '../../protocol/probe-api.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { findAccount } from '../store/accounts.ts'
import {
  addCredential,
  type Credential,
  endCredential,
  findCredential,
  listCredentials,
  touchCredential,
} from '../store/credentials.ts'
import { hashOfSecret, isGood, mintCredential } from './secret.ts'

const KINDS = ['token', 'enrolment', 'probe'] as const
/** Those of one answer, and that are good at once. */
const TOKENS_MAX = 1_000

/** What lets programs and probes in, the newest first. */
export async function tokensOf(
  { store, clock }: CoordinatorParts,
  { all, kind }: { all: boolean; kind?: AccessToken['kind'] | undefined },
): Promise<AccessToken[]> {
  const found = await listCredentials(store, {
    kinds: kind ? [kind] : KINDS,
    goodAt: all ? undefined : clock.now(),
    limit: TOKENS_MAX,
  })
  return found.map(shown)
}

function shown(credential: Credential): AccessToken {
  const { id, kind, login, createdAt, expiresAt, endedAt, usedAt, details } = credential
  const { name, createdBy = 'unknown', role, regionId, probeId } = details
  return {
    id,
    kind: kind as AccessToken['kind'],
    name: name ?? probeId ?? regionId ?? id,
    createdAt,
    createdBy,
    ...(role && { role }),
    ...(login !== undefined && { login }),
    ...(regionId !== undefined && { regionId }),
    ...(probeId !== undefined && { probeId }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(usedAt !== undefined && { lastUsedAt: usedAt }),
    ...(endedAt !== undefined && { endedAt }),
  }
}

/**
 * Makes a token for a program, or for a person's terminal.
 *
 * @throws {AppError} `account.unknown`, `request.invalid` for a name that another token has,
 * `request.too_many`
 */
export async function makeToken(
  parts: CoordinatorParts,
  wanted: {
    name: string
    role: Role
    login?: string | undefined
    forMs: number
    createdBy: string
  },
): Promise<{ token: AccessToken; secret: string }> {
  const { store, clock } = parts
  const { name, role, login, forMs, createdBy } = wanted
  const now = clock.now()
  const { credential, secret } = mintCredential('token', {
    now,
    forMs,
    login,
    details: { name, role, createdBy },
  })
  await store.transaction(async (tx) => {
    if (login !== undefined) {
      const account = await findAccount(tx, { login })
      if (!account || account.disabledAt !== undefined) throw new AppError('account.unknown', login)
    }
    const good = await listCredentials(tx, { kinds: KINDS, goodAt: now, limit: TOKENS_MAX })
    if (good.length >= TOKENS_MAX)
      throw new AppError('request.too_many', `at most ${TOKENS_MAX} tokens; revoke some`)
    // Deeds of a token are known by its name.
    if (good.some(({ kind, details }) => kind === 'token' && details.name === name))
      throw new AppError('request.invalid', `body.name: there is a token ${name} already`)
    await addCredential(tx, credential)
  })
  return { token: shown(credential), secret }
}

/** Makes the one-time token of a probe to be. @throws {AppError} `region.unknown` */
export async function makeEnrolment(
  { store, clock, fleet }: CoordinatorParts,
  wanted: { regionId: string; probeId?: string | undefined; forMs: number; createdBy: string },
): Promise<{ token: AccessToken; secret: string }> {
  const { regionId, probeId, forMs, createdBy } = wanted
  if (!fleet.regions.some(({ id }) => id === regionId))
    throw new AppError('region.unknown', `${regionId} is not in config/regions.yaml`)
  const { credential, secret } = mintCredential('enrolment', {
    now: clock.now(),
    forMs,
    details: { regionId, createdBy, ...(probeId !== undefined && { probeId }) },
  })
  await addCredential(store, credential)
  return { token: shown(credential), secret }
}

/** Ends a token; one that is over stays as it is. @throws {AppError} `token.unknown` */
export async function endToken(
  { store, clock }: CoordinatorParts,
  id: string,
): Promise<AccessToken> {
  const found = await findCredential(store, { id })
  if (!found || !(KINDS as readonly string[]).includes(found.kind))
    throw new AppError('token.unknown', id)
  const now = clock.now()
  const hasEnded = await endCredential(store, id, now)
  return shown(hasEnded ? { ...found, endedAt: now } : found)
}

/**
 * Gives a probe a credential of its own for a one-time token. The same probe may ask again with the same
 * secret, because its first answer may have been lost.
 *
 * @throws {AppError} `enrolment.refused`
 */
export async function enrolProbe(
  { store, clock }: CoordinatorParts,
  { token, probeId, secretHash }: Enrol,
): Promise<Enrolled> {
  const refused = (why: string) => new AppError('enrolment.refused', why)
  return store.transaction(async (tx) => {
    const now = clock.now()
    const known = await findCredential(tx, { secretHash })
    const enrolment = await findCredential(tx, { secretHash: hashOfSecret(token) })
    const regionId = enrolment?.details.regionId
    if (enrolment?.kind !== 'enrolment' || regionId === undefined)
      throw refused('no such enrolment token')
    const isRepeated =
      known?.kind === 'probe' &&
      known.endedAt === undefined &&
      known.details.createdBy === `enrolment ${enrolment.id}`
    if (isRepeated) return { probeId: known.details.probeId ?? probeId, regionId }
    if (!isGood(enrolment, now)) throw refused('it was used, or is too old; make another one')
    const { probeId: only } = enrolment.details
    if (only !== undefined && only !== probeId) throw refused(`it is for the probe ${only}`)
    await endEarlier(tx, { probeId, regionId, now })
    if (!(await endCredential(tx, enrolment.id, now))) throw refused('it was used at this moment')
    await touchCredential(tx, enrolment.id, now)
    const { credential } = mintCredential('probe', {
      now,
      details: { probeId, regionId, createdBy: `enrolment ${enrolment.id}` },
    })
    await addCredential(tx, { ...credential, secretHash })
    return { probeId, regionId }
  })

  /** A probe has one credential. Nobody takes the name of a probe that stands elsewhere. */
  async function endEarlier(
    tx: Parameters<typeof findCredential>[0],
    wanted: { probeId: string; regionId: string; now: number },
  ): Promise<void> {
    const good = await listCredentials(tx, {
      kinds: ['probe'],
      goodAt: wanted.now,
      limit: TOKENS_MAX,
    })
    for (const { id, details } of good.filter(({ details }) => details.probeId === probeId)) {
      if (details.regionId !== wanted.regionId)
        throw refused(`the probe ${probeId} stands in ${details.regionId}; revoke it first`)
      await endCredential(tx, id, wanted.now)
    }
  }
}
