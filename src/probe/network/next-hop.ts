import { CheckError } from '../checks/check-runner.ts'
import type { HttpRequest } from './http-request.ts'

/** Headers of a check that any server may see; every other may hold a credential. */
const HARMLESS_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'traceparent',
  'user-agent',
])
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Where an answer sends its client, or undefined when it is not a redirect. As browsers do it
 * (https://fetch.spec.whatwg.org/#http-redirect-fetch), but stricter with headers: to another origin
 * none goes along that could be a credential.
 *
 * @throws {CheckError} `http.redirects` for what no web client follows.
 */
export function nextHop(
  hop: HttpRequest,
  status: number,
  location: string | undefined,
): HttpRequest | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined
  const url = readLocation(location, hop.url)
  const isPost = hop.method === 'POST' && (status === 301 || status === 302)
  const isSeeOther = status === 303 && hop.method !== 'GET' && hop.method !== 'HEAD'
  const keepsBody = !isPost && !isSeeOther
  return {
    url,
    method: keepsBody ? hop.method : 'GET',
    body: keepsBody ? hop.body : undefined,
    headers: headersFor(hop, url, keepsBody),
  }
}

function readLocation(location: string, from: URL): URL {
  const url = URL.parse(location, from)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new CheckError(
      'http.redirects',
      `${withoutSecrets(from)} redirects to something that is no web address`,
    )
  // A target must not choose the credentials that we log in with.
  url.username = ''
  url.password = ''
  if (!url.hash) url.hash = from.hash
  return url
}

function headersFor(hop: HttpRequest, url: URL, keepsBody: boolean): Record<string, string> {
  const isSameOrigin = url.origin === hop.url.origin
  return Object.fromEntries(
    Object.entries(hop.headers).filter(([name]) => {
      const key = name.toLowerCase()
      if (!keepsBody && key.startsWith('content-')) return false
      return isSameOrigin || HARMLESS_HEADERS.has(key) || (keepsBody && key === 'content-type')
    }),
  )
}

/** For reports: without user, password and query, which may hold secrets. */
export const withoutSecrets = ({ origin, pathname }: URL): string => `${origin}${pathname}`
