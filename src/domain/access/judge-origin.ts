/** What a browser says of where a request comes from. Programs that are no browsers say nothing. */
export type Origin = {
  /** `Sec-Fetch-Site`, which no page can set. */
  site: string | undefined
  /** `Origin`; browsers send it with every request that is no `GET` or `HEAD`. */
  origin: string | undefined
  host: string | undefined
}

/**
 * Whether a request that changes something comes from a page of another site: it is then refused
 * whatever it carries, because its browser adds the cookie by itself.
 *
 * @param publicOrigin where people find the coordinator, if that differs from the `Host` it sees.
 */
export function isForeign(
  { site, origin, host }: Origin,
  publicOrigin: string | undefined,
): boolean {
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true
  if (origin === undefined) return false
  if (origin === publicOrigin) return false
  return originHost(origin) !== host?.toLowerCase() || host === undefined
}

/** `null`, as sandboxed pages send it, has none. */
const originHost = (origin: string): string | undefined =>
  /^https?:\/\/([^/]+)$/.exec(origin.toLowerCase())?.[1]

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/

/**
 * Whether a `Host` names this machine itself. Where sign-in is off, only such names are answered: a
 * stranger's name that leads here would make their page one of ours.
 */
export const isLoopbackHost = (host: string | undefined): boolean =>
  LOOPBACK.test(host?.toLowerCase() ?? '')
