import type { HttpCheck } from '../../protocol/kinds/http.ts'
import type { CheckContext } from '../checks/check-runner.ts'
import { CheckError } from '../checks/check-runner.ts'
import type { CookieJar } from './cookie-jar.ts'
import { decodeBody } from './decode-body.ts'
import { BODY_BYTES_MAX, type HttpAnswer } from './http-answer.ts'
import { type HopParts, performHop } from './http-hop.ts'
import { nextHop, withoutSecrets } from './next-hop.ts'
import { credentialsOf } from './redact-exchange.ts'
import type { ConnectParts } from './timed-connect.ts'
import { userAgent } from './user-agent.ts'

/** One request of a check. */
export type HttpRequest = {
  url: URL
  method: string
  headers: Readonly<Record<string, string>>
  body: Buffer | string | undefined
}

/** How requests are made: what `http` and `api` checks share. */
export type HttpRequestOptions = Pick<
  HttpCheck,
  | 'redirectsMax'
  | 'httpVersion'
  | 'compression'
  | 'addresses'
  | 'proxy'
  | 'trustedRoots'
  | 'serverName'
  | 'clientCertificate'
>

export type HttpResponse = {
  status: number
  /** By names in lower case; the same header twice is one with a comma (RFC 9110 §5.3). */
  headers: ReadonlyMap<string, string>
  /** `1.0`, `1.1` or `2`. */
  httpVersion: string
  /** As unpacked. */
  body: Buffer
  finalUrl: URL
  /** How many were followed. */
  redirects: number
  /** From the first request to the last byte. */
  totalMs: number
  /** Undefined over plain HTTP. */
  certificateDaysLeft: number | undefined
  /** What the last hop asked. */
  request: HttpRequest
}

export type HttpHead = Pick<HttpResponse, 'status' | 'headers'>

export type HttpRequestParts = ConnectParts & {
  context: CheckContext
  /** Name of the part that the request is, for exchanges and evidence. */
  part?: string
  /** When the attempt began, on the monotonic clock. */
  startedAt: number
  /** What answers of earlier requests left, to go along with this one and with its redirects. */
  cookies?: CookieJar
  /** Told of the last answer's head as soon as it is there; its body may never come. */
  onHead?: (head: HttpHead) => void
}

/**
 * Makes a request, follows its redirects, and writes down each exchange with its time, and as
 * subjects what it knows of the connection: `httpVersion`, `redirects`, `finalUrl`,
 * `certificateDaysLeft`, and `total`, from here to the last byte. What the answer says is for the
 * caller to observe. Each hop has a connection of its own, made for it and closed after it: what is
 * measured is what a new visitor meets.
 */
export async function performRequest(
  request: HttpRequest,
  options: HttpRequestOptions,
  parts: HttpRequestParts,
): Promise<HttpResponse> {
  const { clock, findings } = parts.context
  const startedAt = clock.monotonic()
  const first = withUsualHeaders(request, options, parts.context)
  keepSecret(first, parts)
  let hop = first
  for (let redirects = 0; ; redirects++) {
    const { addresses } = options
    const hopParts: HopParts = { ...parts, addresses, options, first, redirects }
    const asked = withCookies(hop, parts.cookies)
    const arrived = await performHop(asked, hopParts, async (answer, certificate) => {
      parts.cookies?.take(hop.url, setCookies(answer))
      const next = options.redirectsMax > 0 ? follow(hop, answer, hopParts) : undefined
      if (next) return { next }
      parts.onHead?.(answer)
      const raw = await answer.readBody()
      const totalMs = clock.monotonic() - startedAt
      findings.subject('total', totalMs)
      const packing = answer.headers.get('content-encoding')
      const body = await decodeBody(raw, packing, BODY_BYTES_MAX)
      const { status, headers, httpVersion } = answer
      const certificateDaysLeft = certificate?.daysLeft
      const finalUrl = hop.url
      return {
        response: {
          status,
          headers,
          httpVersion,
          body,
          finalUrl,
          redirects,
          totalMs,
          certificateDaysLeft,
          request: asked,
        },
      }
    })
    if (arrived.response) {
      findings.subject('redirects', redirects)
      return arrived.response
    }
    hop = arrived.next
  }
}

/** Besides the cookies that the check says itself, which redirects keep or drop like other headers. */
function withCookies(hop: HttpRequest, cookies: CookieJar | undefined): HttpRequest {
  const kept = cookies?.headerFor(hop.url)
  if (kept === undefined) return hop
  const written = hop.headers.cookie
  const cookie = written === undefined ? kept : `${written}; ${kept}`
  return { ...hop, headers: { ...hop.headers, cookie } }
}

const setCookies = ({ headerPairs }: HttpAnswer): string[] =>
  headerPairs.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value)

function follow(hop: HttpRequest, answer: HttpAnswer, parts: HopParts): HttpRequest | undefined {
  const { context, options, redirects } = parts
  const next = nextHop(hop, answer.status, answer.headers.get('location'))
  if (!next) return undefined
  context.findings.log(`${answer.status} redirects to ${withoutSecrets(next.url)}`)
  if (redirects < options.redirectsMax) return next
  throw new CheckError(
    'http.redirects',
    `more than ${options.redirectsMax} redirects, the last one to ${withoutSecrets(next.url)}`,
  )
}

/** Servers repeat what they were asked, and reports show what servers say. */
function keepSecret(request: HttpRequest, { context: { findings }, part }: HttpRequestParts): void {
  const where = part === undefined ? 'the request' : part
  const credentials = credentialsOf(request)
  // What contains another one is masked with it.
  const shortest = credentials.filter(
    (one) => !credentials.some((other) => other !== one && one.includes(other)),
  )
  for (const [index, credential] of shortest.entries())
    findings.secret(`${index + 1} of ${where}`, credential)
}

/** What the probe says with each request, unless the check says it otherwise. */
function withUsualHeaders(
  { url, method, headers, body }: HttpRequest,
  { compression = true }: HttpRequestOptions,
  { traceparent }: CheckContext,
): HttpRequest {
  const written = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])
  return {
    url,
    method,
    body,
    headers: {
      'user-agent': userAgent(),
      accept: '*/*',
      'accept-encoding': compression ? 'gzip, deflate, br, zstd' : 'identity',
      ...(url.username !== '' && { authorization: basicAuthorization(url) }),
      ...Object.fromEntries(written),
      ...(traceparent !== '' && { traceparent }),
    },
  }
}

function basicAuthorization({ username, password }: URL): string {
  const credentials = [username, password].map(decodeURIComponent).join(':')
  return `Basic ${Buffer.from(credentials).toString('base64')}`
}
