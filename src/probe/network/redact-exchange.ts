import {
  EXCHANGE_BODY_BYTES_MAX,
  EXCHANGE_HEADERS_MAX,
  type ExchangeBody,
  type RecordedExchange,
} from '../../protocol/exchange.ts'
import { isCredentialName } from './credential-names.ts'
import { decodeText } from './decode-body.ts'
import type { HeaderPairs, HttpAnswer } from './http-answer.ts'
import type { HttpRequest } from './http-request.ts'
import { REDACTED, redactJson, redactPairs, redactText, redactUrl } from './redact-text.ts'

/** Shorter values would blank half of every text, and are no secrets worth the name. */
const CREDENTIAL_LENGTH_MIN = 6

type RecordedRequest = RecordedExchange['request']
type RecordedResponse = NonNullable<RecordedExchange['response']>

/** A request for people who look into its failure: without what is or may be a credential. */
export function redactRequest({ method, url, headers, body }: HttpRequest): RecordedRequest {
  const content = body === undefined ? undefined : Buffer.from(body)
  return {
    method,
    url: redactUrl(url),
    headers: redactHeaders(Object.entries({ host: url.host, ...headers }), url),
    ...(content && { body: recordBody(content, content.length, headers['content-type'], []) }),
  }
}

/**
 * An answer for the same people. Servers may repeat what they were asked, so what is a credential in
 * the request goes wherever it stands.
 *
 * @param body as unpacked, as far as it came; undefined when it cannot be unpacked.
 */
export function redactResponse(
  { status, httpVersion, headerPairs, headers, received }: HttpAnswer,
  body: Buffer | undefined,
  request: HttpRequest,
): RecordedResponse {
  const credentials = credentialsOf(request)
  const sentBytes = received.reduce((sum, { length }) => sum + length, 0)
  const recorded = redactHeaders(headerPairs, request.url).map(
    ([name, value]): [string, string] => [name, without(credentials, value)],
  )
  return {
    status,
    httpVersion,
    headers: recorded,
    body: body
      ? recordBody(body, body.length, headers.get('content-type'), credentials)
      : { bytes: sentBytes, isTruncated: sentBytes > 0 },
  }
}

/** Headers whose values are addresses. */
const ADDRESSES = new Set(['location', 'content-location', 'referer'])

function redactHeaders(pairs: HeaderPairs, base: URL): [string, string][] {
  return pairs
    .slice(0, EXCHANGE_HEADERS_MAX)
    .map(([name, value]) => [name, redactHeader(name.toLowerCase(), value, base)])
}

/**
 * A header's value without what is or may be a credential.
 *
 * @param name in small letters.
 * @param base what relative addresses in it are relative to.
 */
export function redactHeader(name: string, value: string, base: URL): string {
  if (name === 'set-cookie') return value.replace(/^([^=;]*)=[^;]*/, `$1=${REDACTED}`)
  if (name === 'cookie')
    return value
      .split(';')
      .map((pair) => pair.replace(/=.*/s, `=${REDACTED}`))
      .join(';')
  if (name.endsWith('authorization')) {
    const scheme = /^[A-Za-z-]+ /.exec(value)?.[0] ?? ''
    return `${scheme}${REDACTED}`
  }
  if (isCredentialName(name)) return REDACTED
  if (!ADDRESSES.has(name)) return value
  const url = URL.parse(value, base)
  return url ? redactUrl(url) : REDACTED
}

/** Every form in which a request's credentials may come back. */
export function credentialsOf({ url, headers }: HttpRequest): string[] {
  const found = [url.password, readLogin(url.password)]
  for (const [name, value] of url.searchParams) if (isCredentialName(name)) found.push(value)
  for (const [name, value] of Object.entries(headers)) {
    if (!isCredentialName(name)) continue
    const bare = value.replace(/^[A-Za-z-]+ +/, '')
    found.push(value, bare)
    if (name === 'cookie')
      found.push(...value.split(/; */).map((pair) => pair.replace(/^[^=]*=/, '')))
    if (/^basic /i.test(value)) {
      const login = Buffer.from(bare, 'base64').toString()
      found.push(login, login.slice(login.indexOf(':') + 1))
    }
  }
  const forms = found.flatMap((text) => [text, encodeURIComponent(text.toWellFormed())])
  return [...new Set(forms)]
    .filter((text) => text.length >= CREDENTIAL_LENGTH_MIN)
    .toSorted((a, b) => b.length - a.length)
}

function readLogin(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}

const without = (credentials: readonly string[], text: string): string =>
  credentials.reduce((rest, credential) => rest.replaceAll(credential, REDACTED), text)

function recordBody(
  body: Buffer,
  bytes: number,
  contentType: string | undefined,
  credentials: readonly string[],
): ExchangeBody {
  const isTruncated = body.length > EXCHANGE_BODY_BYTES_MAX
  const kept = body.subarray(0, EXCHANGE_BODY_BYTES_MAX)
  const text = readText(kept, contentType)
  if (text === undefined) return { base64: kept.toString('base64'), bytes, isTruncated }
  // A secret that the cut went through would not be recognised by those who look for it.
  const whole = isTruncated ? withoutLastWord(text) : text
  return { text: redactBody(without(credentials, whole), contentType), bytes, isTruncated }
}

/** No secret is longer, and a text without a gap need not be looked at further. */
const LAST_WORD_LENGTH_MAX = 1_000

const withoutLastWord = (text: string): string =>
  text.slice(0, -LAST_WORD_LENGTH_MAX) + text.slice(-LAST_WORD_LENGTH_MAX).replace(/\S+$/, '')

/** Undefined when the bytes are no text. */
function readText(bytes: Buffer, contentType = ''): string | undefined {
  if (/charset/i.test(contentType)) return decodeText(bytes, contentType)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return text.includes('\0') ? undefined : text
  } catch {
    return undefined
  }
}

function redactBody(text: string, contentType = ''): string {
  if (/json/i.test(contentType) || /^\s*[{[]/.test(text)) return redactJson(text)
  if (/x-www-form-urlencoded/i.test(contentType)) return redactPairs(text)
  return redactText(text)
}
