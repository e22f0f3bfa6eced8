import { isIP } from 'node:net'

/** Of one run; a browser keeps 180 for each site. */
const COOKIES_MAX = 100
/** RFC 6265 §6.1: what a client has to take at least. */
const COOKIE_LENGTH_MAX = 4096
/** What servers take in one header. */
const HEADER_LENGTH_MAX = 16 * 1024

type Cookie = {
  name: string
  value: string
  domain: string
  /** Whether hosts below the domain get it, too. */
  isForSubdomains: boolean
  path: string
  isSecure: boolean
  /** Epoch milliseconds; undefined for one that lives as long as the run. */
  expiresAt: number | undefined
}

/** The cookies of one run: what one answer sets goes along with later requests to the same site. */
export type CookieJar = {
  /** @param setCookies values of the headers `set-cookie` of one answer. */
  take(url: URL, setCookies: readonly string[]): void
  /** Value of the header `cookie`; undefined when there is none for the address. */
  headerFor(url: URL): string | undefined
}

/** As RFC 6265 §5 has it, as far as servers rely on it. */
export function createCookieJar(now: () => number): CookieJar {
  /** Oldest first. */
  const cookies = new Map<string, Cookie>()

  return {
    take(url, setCookies) {
      for (const text of setCookies) {
        const cookie = parseCookie(text, url, now())
        if (!cookie) continue
        const key = JSON.stringify([cookie.name, cookie.domain, cookie.path])
        if (cookie.expiresAt !== undefined && cookie.expiresAt <= now()) cookies.delete(key)
        else cookies.set(key, cookie)
        const oldest = cookies.size > COOKIES_MAX ? cookies.keys().next().value : undefined
        if (oldest !== undefined) cookies.delete(oldest)
      }
    },
    headerFor(url) {
      const sent = [...cookies.values()]
        .filter((cookie) => goesTo(cookie, url, now()))
        // §5.4: the more exact path first.
        .toSorted((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => `${name}=${value}`)
      const header = sent.join('; ').slice(0, HEADER_LENGTH_MAX)
      return header === '' ? undefined : header
    },
  }
}

const isSecureOrigin = ({ protocol }: URL) => protocol === 'https:'

/** §5.2 and §5.3; undefined for one that is not kept. */
function parseCookie(text: string, url: URL, nowMs: number): Cookie | undefined {
  // Anything else could not be sent again.
  if (text.length > COOKIE_LENGTH_MAX || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) return undefined
  const [pair = '', ...rest] = text.split(';')
  const [name, value] = splitPair(pair)
  if (name === '') return undefined
  const attributes = new Map(
    rest.map(splitPair).map(([key, content]) => [key.toLowerCase(), content]),
  )
  const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase()
  // A site must not set cookies for others, nor for everything that ends alike.
  if (domain !== '' && domain !== url.hostname)
    if (!domain.includes('.') || !isBelow(url.hostname, domain)) return undefined
  const isSecure = attributes.has('secure')
  if (isSecure && !isSecureOrigin(url)) return undefined
  const path = attributes.get('path') ?? ''
  if (name.startsWith('__Secure-') && !isSecure) return undefined
  if (name.startsWith('__Host-') && (!isSecure || domain !== '' || path !== '/')) return undefined
  return {
    name,
    value,
    domain: domain || url.hostname,
    isForSubdomains: domain !== '',
    path: path.startsWith('/') ? path : defaultPath(url),
    isSecure,
    expiresAt: expiryOf(attributes, nowMs),
  }
}

function splitPair(text: string): [string, string] {
  const at = text.indexOf('=')
  return at === -1 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()]
}

/** §5.3: `max-age` stands above `expires`. */
function expiryOf(attributes: ReadonlyMap<string, string>, nowMs: number): number | undefined {
  const age = attributes.get('max-age')
  if (age !== undefined && /^-?\d+$/.test(age)) return nowMs + Number(age) * 1_000
  const expires = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(expires) ? undefined : expires
}

/** §5.1.4 */
function defaultPath({ pathname }: URL): string {
  const last = pathname.lastIndexOf('/')
  return last <= 0 ? '/' : pathname.slice(0, last)
}

function goesTo(cookie: Cookie, url: URL, nowMs: number): boolean {
  const { domain, isForSubdomains, path, isSecure, expiresAt } = cookie
  const host = url.hostname
  if (host !== domain && !(isForSubdomains && isBelow(host, domain))) return false
  if (isSecure && !isSecureOrigin(url)) return false
  if (expiresAt !== undefined && expiresAt <= nowMs) return false
  const { pathname } = url
  if (!pathname.startsWith(path)) return false
  return pathname.length === path.length || path.endsWith('/') || pathname[path.length] === '/'
}

const isBelow = (host: string, domain: string): boolean =>
  host.endsWith(`.${domain}`) && isIP(host) === 0
