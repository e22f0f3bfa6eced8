import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Auth } from '../../protocol/check-base.ts'
import type { RunErrorType } from '../../protocol/run.ts'
import { type CheckContext, CheckError, type Findings } from '../checks/check-runner.ts'
import { classifyError } from '../checks/classify-error.ts'
import { decodeText } from './decode-body.ts'
import { type HttpRequestOptions, type HttpResponse, performRequest } from './http-request.ts'
import { withoutSecrets } from './next-hop.ts'
import { createPhaseMeter } from './phase-meter.ts'
import { isHeaderText, requireSecret } from './require-secret.ts'

type OAuth2 = NonNullable<Auth['oauth2']>

/** What a request for a token takes from the request that needs it. */
export type TokenOptions = Pick<HttpRequestOptions, 'proxy' | 'trustedRoots'>
export type TokenParts = {
  context: CheckContext
  timeoutMs: number
  startedAt: number
  /**
   * Told of time that is not the target's, in milliseconds: a token had to be asked for, or a request
   * be made again with a new one.
   */
  onUncounted?: (ms: number) => void
}

/** A token that says nothing about its age (RFC 6749 §5.1 only recommends it). */
const USUAL_AGE_S = 300
/** A token is not used for so long before its end, so that it does not end on its way. */
const MARGIN_S = 30
/** Longer ones fit into no header that servers take. */
const TOKEN_LENGTH_MAX = 16 * 1024
const SHOWN_LENGTH_MAX = 200

export type FoundToken = { token: string; isKept: boolean; forget(): void }

/**
 * An access token by OAuth 2 client credentials (RFC 6749 §4.4): one that is kept, else a new one.
 *
 * Asking for it is an exchange of the run and takes from its time limit, but is in no phase and in no
 * `total`: another server gives it, and most runs do not need it. How long it took is the fact `tokenMs`.
 *
 * @throws {CheckError} `auth.token` when there is none; what it was when the way to the server broke, so
 * that it is tried again and judged like any failure of the network.
 */
export async function findToken(
  oauth2: OAuth2,
  options: TokenOptions,
  parts: TokenParts,
): Promise<FoundToken> {
  const { clock, tokens, findings, signal, secret } = parts.context
  const clientSecret = requireSecret(secret, oauth2.clientSecret)
  const key = cacheKey(oauth2, clientSecret)
  const found = (token: string, isKept: boolean): FoundToken => {
    findings.secret('access token', token)
    return { token, isKept, forget: () => tokens.forget(key) }
  }
  const startedAt = clock.monotonic()
  const kept = tokens.find(key, startedAt)
  if (kept !== undefined) return found(kept, true)
  try {
    for (;;) {
      const asking = tokens.share(key, () => askUnlessAborted(key, oauth2, options, parts))
      const token = await untilAborted(asking, signal, oauth2)
      if (token !== undefined) return found(token, false)
    }
  } finally {
    const tookMs = clock.monotonic() - startedAt
    findings.fact('tokenMs', tookMs)
    parts.onUncounted?.(tookMs)
  }
}

/** Also of the secret: after it was changed, what the old one was good for no longer counts. */
function cacheKey({ tokenUrl, clientId, scope, audience }: OAuth2, clientSecret: string): string {
  const parts = JSON.stringify([tokenUrl, clientId, clientSecret, scope, audience])
  return createHash('sha256').update(parts).digest('hex')
}

/** Somebody else may be asking, with a later deadline than ours. */
async function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  { tokenUrl }: OAuth2,
): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(noToken(tokenUrl, 'no answer before the time limit', 'timeout'))
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
    work.catch(() => undefined) // Heard by those who still wait for it.
  }
}

/** Undefined when this run's end cut it off: that says nothing to others who wait for the token. */
async function askUnlessAborted(
  key: string,
  oauth2: OAuth2,
  options: TokenOptions,
  parts: TokenParts,
): Promise<string | undefined> {
  const { clock, tokens, signal, findings } = parts.context
  const askedAt = clock.monotonic()
  try {
    const { token, ageS } = readToken(await askForToken(oauth2, options, parts), oauth2, findings)
    tokens.keep(key, token, askedAt + Math.max(ageS / 2, ageS - MARGIN_S) * 1_000)
    return token
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

/** RFC 6749 §2.3.1: the client says who it is by basic authentication, which each server must take. */
async function askForToken(
  { tokenUrl, clientId, clientSecret, scope, audience }: OAuth2,
  { proxy, trustedRoots }: TokenOptions,
  { timeoutMs, startedAt, ...parts }: TokenParts,
): Promise<HttpResponse> {
  // The address that a run is about is one of the target's, not of the server that gives tokens.
  const { onlyAddress: _, ...around } = parts.context
  const context = { ...around, findings: unmeasured(around.findings) }
  const login = [clientId, requireSecret(context.secret, clientSecret)].map(formEncoded).join(':')
  const credentials = Buffer.from(login).toString('base64')
  context.findings.secret(`${clientSecret} as login`, credentials)
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    ...(scope !== undefined && { scope }),
    ...(audience !== undefined && { audience }),
  })
  const request = {
    url: new URL(tokenUrl),
    method: 'POST',
    headers: {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    },
    body: form.toString(),
  }
  const options = { redirectsMax: 0, proxy, trustedRoots }
  const meter = createPhaseMeter(context, timeoutMs)
  try {
    return await performRequest(request, options, {
      context,
      meter,
      startedAt,
      part: 'access token',
    })
  } catch (error) {
    if (context.signal.aborted && !(error instanceof CheckError)) throw error
    const { type, message } = classifyError(error)
    if (type.startsWith('probe.')) throw error
    throw noToken(tokenUrl, message, NETWORK_ERROR.test(type) ? type : 'auth.token')
  }
}

/** The server was not reached, or said nothing: that is no answer about a token. */
const NETWORK_ERROR = /^((dns|connect|tls)\.|timeout$)/

const formEncoded = (text: string): string => new URLSearchParams({ v: text }).toString().slice(2)

/** What happens on the way to a token is kept for people, and compared with nothing. */
function unmeasured(findings: Findings): Findings {
  const nothing = () => undefined
  return {
    ...findings,
    phase: nothing,
    subject: nothing,
    subjectPart: nothing,
    lookup: nothing,
    fact: nothing,
  }
}

const TokenAnswer = z.object({
  access_token: z.string().min(1).max(TOKEN_LENGTH_MAX).refine(isHeaderText),
  token_type: z.string().optional(),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
})
const ErrorAnswer = z.object({ error: z.string(), error_description: z.string().optional() })

function readToken(
  { status, headers, body }: HttpResponse,
  { tokenUrl }: OAuth2,
  findings: Findings,
): { token: string; ageS: number } {
  const answer = readJson(decodeText(body, headers.get('content-type')))
  const refused = ErrorAnswer.safeParse(answer)
  if (status !== 200) {
    const { error, error_description: description } = refused.data ?? {}
    const words = [error, description].filter((text) => text !== undefined).map(shorten)
    throw noToken(tokenUrl, `the answer was ${[status, ...words].join(', ')}`)
  }
  const given = TokenAnswer.safeParse(answer)
  if (!given.success)
    throw noToken(tokenUrl, 'the answer was 200, but has no "access_token" that a header can carry')
  const { access_token: token, token_type: type = 'Bearer', expires_in: ageS } = given.data
  findings.secret('access token', token)
  if (type.toLowerCase() !== 'bearer')
    throw noToken(tokenUrl, `the answer was 200, with a token of the type "${shorten(type)}"`)
  return { token, ageS: ageS ?? USUAL_AGE_S }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // It has no token, and that is what is said.
  }
}

const shorten = (text: string): string => text.slice(0, SHOWN_LENGTH_MAX)

const noToken = (tokenUrl: string, why: string, type: RunErrorType = 'auth.token'): CheckError =>
  new CheckError(type, `no access token from ${withoutSecrets(new URL(tokenUrl))}: ${why}`)
