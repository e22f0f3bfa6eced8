import { randomBytes } from 'node:crypto'
import * as openid from 'openid-client'
import { AppError, messageOf } from '../../base/app-error.ts'
import { type Member, mapMember } from '../../domain/access/map-member.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { findAccount, saveAccount } from '../store/accounts.ts'
import {
  addCredential,
  type Credential,
  endCredential,
  findCredential,
} from '../store/credentials.ts'
import type { Session } from '../store/store.ts'
import type { OrganisationSettings } from './access-settings.ts'
import { hashOfSecret, isGood, mintCredential } from './secret.ts'
import { type OpenedSession, openSession, type Provenance } from './sessions.ts'

/** How long somebody may take to sign in there. */
const HANDSHAKE_MS = 10 * 60_000
/** The longest that one answer of the organisation's servers may take. */
const ANSWER_S = 10
/** What the organisation says of itself is asked for again so often. */
const CONFIGURATION_MS = 3_600_000
const BROWSER_BYTES = 32

/**
 * Sign-in by OpenID Connect: the authorization code flow with PKCE, `state` and `nonce`.
 *
 * 1. {@link Organisation.begin}: a row with what only we know, found by the hash of `state`; the browser
 *    keeps a cookie whose hash is in it, so that nobody can end in somebody else's browser what they began
 *    in their own.
 * 2. The person signs in there.
 * 3. {@link Organisation.end}: the row is used up before anything else happens, so that a `state` counts
 *    once; then the code is exchanged, and the answer checked.
 */
export type Organisation = {
  begin(asked: { backUrl: string; returnTo: string }): Promise<{ url: string; browser: string }>
  /** @throws {AppError} `sign_in.organisation`, `account.exists` */
  end(asked: {
    /** Where the browser came back to, query and all. */
    url: URL
    /** What its cookie says. */
    browser: string | undefined
    provenance: Provenance
  }): Promise<OpenedSession & { returnTo: string }>
}

export function createOrganisation(
  parts: CoordinatorParts,
  settings: OrganisationSettings,
): Organisation {
  const { store, clock, logger } = parts
  let known: { configuration: openid.Configuration; at: number } | undefined

  async function configuration(): Promise<openid.Configuration> {
    if (known && clock.now() - known.at < CONFIGURATION_MS) return known.configuration
    known = { configuration: await discover(settings), at: clock.now() }
    return known.configuration
  }

  /** Why it did not work is for the log: strangers can cause it, and need not know. */
  const failed = (error: unknown) => {
    logger.warn({ error: messageOf(error), cause: causeOf(error) }, 'sign-in elsewhere failed')
    return new AppError('sign_in.organisation', 'try again, or sign in by password')
  }

  return {
    async begin({ backUrl, returnTo }) {
      const config = await configuration().catch((error: unknown) => {
        throw failed(error)
      })
      const verifier = openid.randomPKCECodeVerifier()
      const nonce = openid.randomNonce()
      const browser = randomBytes(BROWSER_BYTES).toString('base64url')
      const { credential, secret: state } = mintCredential('organisation', {
        now: clock.now(),
        forMs: HANDSHAKE_MS,
        details: { verifier, nonce, browserHash: hashOfSecret(browser), returnTo },
      })
      await addCredential(store, credential)
      const url = openid.buildAuthorizationUrl(config, {
        redirect_uri: backUrl,
        scope: settings.scopes,
        state,
        nonce,
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, browser }
    },

    async end({ url, browser, provenance }) {
      const state = url.searchParams.get('state') ?? ''
      const begun = await useUp(parts, state, browser)
      const claims = await configuration()
        .then((config) => claimsOf(config, url, state, begun))
        .catch((error: unknown) => {
          throw failed(error)
        })
      const decision = mapMember(claims, { ...settings, people: parts.fleet.onCall?.people ?? [] })
      if (decision.kind === 'refused') throw failed(new Error(decision.reason))
      const identity = `${settings.issuer} ${String(claims.sub)}`
      const opened = await store.transaction((tx) =>
        openAs(tx, parts, { identity, member: decision.member, provenance }),
      )
      return { ...opened, returnTo: begun.details.returnTo ?? '/' }
    },
  }
}

function discover(settings: OrganisationSettings): Promise<openid.Configuration> {
  const { issuer, clientId, clientSecret } = settings
  const basic = openid.ClientSecretBasic(clientSecret)
  const post = openid.ClientSecretPost(clientSecret)
  // What OpenID Connect Discovery takes for supported where nothing is said.
  const authenticate: openid.ClientAuth = (server, client, body, headers) =>
    (server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']).includes(
      'client_secret_basic',
    )
      ? basic(server, client, body, headers)
      : post(server, client, body, headers)
  const isPlain = issuer.startsWith('http:')
  return openid.discovery(new URL(issuer), clientId, undefined, authenticate, {
    timeout: ANSWER_S,
    // The settings allow plain HTTP only on this machine itself.
    ...(isPlain && { execute: [openid.allowInsecureRequests] }),
  })
}

/** Ends the way that was begun with this state in this browser. */
async function useUp(
  { store, clock }: CoordinatorParts,
  state: string,
  browser: string | undefined,
): Promise<Credential> {
  const begun = await findCredential(store, { secretHash: hashOfSecret(state) })
  const now = clock.now()
  const isOurs =
    begun?.kind === 'organisation' &&
    isGood(begun, now) &&
    browser !== undefined &&
    begun.details.browserHash === hashOfSecret(browser)
  if (!isOurs || !(await endCredential(store, begun.id, now)))
    throw new AppError('sign_in.organisation', 'it was begun elsewhere, or too long ago; try again')
  return begun
}

/** What the organisation says of who came back, once everything about it is checked. */
async function claimsOf(
  config: openid.Configuration,
  url: URL,
  state: string,
  { details: { verifier = '', nonce = '' } }: Credential,
): Promise<Record<string, unknown>> {
  const tokens = await openid.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  if (!claims) throw new Error('the answer has no id token')
  // Many keep groups and addresses out of the id token.
  const more = config.serverMetadata().userinfo_endpoint
    ? await openid.fetchUserInfo(config, tokens.access_token, claims.sub)
    : {}
  return { ...more, ...claims }
}

/**
 * The account of a member, made or brought up to date. One that is here already is theirs only when it
 * has their verified address: a name alone can be chosen by anybody.
 */
async function openAs(
  tx: Session,
  { clock, access: settings }: CoordinatorParts,
  { identity, member, provenance }: { identity: string; member: Member; provenance: Provenance },
): Promise<OpenedSession> {
  const now = clock.now()
  const linked = await findAccount(tx, { identity })
  const named = linked ?? (await findAccount(tx, { login: member.login }))
  if (named && !linked) {
    const isTheirs =
      named.identity === undefined &&
      member.email !== undefined &&
      named.email?.toLowerCase() === member.email
    if (!isTheirs) throw new AppError('account.exists', `${member.login}; ask an admin`)
  }
  if (named?.disabledAt !== undefined)
    throw new AppError('sign_in.organisation', 'the account is switched off')
  const account = {
    login: named?.login ?? member.login,
    name: member.name,
    role: member.role,
    email: member.email ?? named?.email,
    identity,
    password: named?.password,
    createdAt: named?.createdAt ?? now,
    disabledAt: undefined,
    lastSignInAt: now,
  }
  await saveAccount(tx, account)
  return openSession(tx, account, { settings, now, provenance })
}

const causeOf = (error: unknown) =>
  error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : undefined
