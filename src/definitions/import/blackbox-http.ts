import { METHODS } from '../../protocol/kinds/http.ts'
import type { ProberImport } from './blackbox.ts'
import { addressesOf, tlsOf } from './blackbox-options.ts'
import { type ForeignMapping, isMapping, toPattern } from './foreign-file.ts'
import { secretNameOf } from './written-fleet.ts'

/** Redirects that Go's client follows. */
const REDIRECTS = 10
const VERSIONS: Readonly<Record<string, string>> = {
  'HTTP/1.0': '1.0',
  'HTTP/1.1': '1.1',
  'HTTP/2.0': '2',
}

/** A module of the prober `http`. */
export const httpOf: ProberImport = (http, target) => {
  const url = /^https?:\/\//.test(target) ? target : `http://${target}`
  const method = http.text('method') ?? 'GET'
  const isKnown = METHODS.some((known) => known === method)
  if (!isKnown) http.leaveOut('method', `${method} cannot be sent; the check sends GET`)
  const isFollowing = http.flag('follow_redirects') ?? !(http.flag('no_follow_redirects') ?? false)
  return {
    kind: 'http',
    url,
    ...(isKnown && method !== 'GET' && { method }),
    ...headersOf(http),
    ...(http.has('body') && { body: http.text('body') }),
    ...authOf(http),
    ...tlsOf(http),
    ...addressesOf(http),
    ...(http.has('proxy_url') && { proxy: http.text('proxy_url') }),
    redirects: isFollowing ? REDIRECTS : false,
    ...expectOf(http),
  }
}

function headersOf(http: ForeignMapping) {
  const headers = http.mapping('headers')
  if (!headers) return {}
  const kept = headers.keys().flatMap((name) => {
    // Whoever put a secret there must not find it in another file.
    if (/authorization|token|key|cookie|secret/i.test(name)) {
      headers.leaveOut(name, 'may be secret: name it in "secrets" and write {{NAME}}')
      return []
    }
    const value = headers.text(name)
    return value === undefined ? [] : [[name, value]]
  })
  return kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }
}

function authOf(http: ForeignMapping) {
  const secret = (of: ForeignMapping, key: string, what: string) => {
    const name = secretNameOf(http.place.replace(/^.*modules\./, ''), what)
    of.leaveOut(key, `is not copied: put it into the environment of the probes, as ${name}`)
    return name
  }
  const basic = http.mapping('basic_auth')
  if (basic) {
    const username = basic.text('username') ?? ''
    const key = basic.has('password_file') ? 'password_file' : 'password'
    return { auth: { basic: { username, password: secret(basic, key, 'password') } } }
  }
  const bearer = ['bearer_token', 'bearer_token_file'].find((key) => http.has(key))
  if (bearer !== undefined) return { auth: { bearer: secret(http, bearer, 'token') } }
  const authorization = http.mapping('authorization')
  if (authorization && (authorization.text('type') ?? 'Bearer') === 'Bearer') {
    const key = authorization.has('credentials_file') ? 'credentials_file' : 'credentials'
    return { auth: { bearer: secret(authorization, key, 'token') } }
  }
  authorization?.leaveOut('type', 'only Bearer has an equivalent')
  return {}
}

function expectOf(http: ForeignMapping) {
  const statuses = http.take('valid_status_codes')
  const versions = http.texts('valid_http_versions').flatMap((text) => VERSIONS[text] ?? [])
  const body = {
    ...bodyOf(http, 'fail_if_body_not_matches_regexp', allOf),
    ...notOf(bodyOf(http, 'fail_if_body_matches_regexp', anyOf)),
  }
  const headers = headerConditions(http)
  const expect = {
    ...(Array.isArray(statuses) && statuses.length > 0 && { status: statuses }),
    ...(versions.length > 0 && { httpVersion: versions }),
    ...(Object.keys(body).length > 0 && { body }),
    ...(Object.keys(headers).length > 0 && { headers }),
  }
  return Object.keys(expect).length === 0 ? {} : { expect }
}

type Matches = { matches?: string }

const notOf = (matches: Matches) => (matches.matches === undefined ? {} : { not: matches })
const anyOf = (patterns: string[]) =>
  patterns.length === 1 ? patterns[0] : patterns.map((one) => `(?:${one})`).join('|')
const allOf = (patterns: string[]) =>
  patterns.length === 1
    ? patterns[0]
    : `^${patterns.map((one) => `(?=[\\s\\S]*(?:${one}))`).join('')}`

function bodyOf(
  http: ForeignMapping,
  key: string,
  join: (patterns: string[]) => string | undefined,
): Matches {
  const written = http.texts(key)
  const patterns = written.flatMap((one) => toPattern(one) ?? [])
  if (patterns.length < written.length)
    http.leaveOut(key, 'has a pattern that cannot be said here; write it anew')
  const joined = patterns.length === 0 ? undefined : join(patterns)
  return joined === undefined ? {} : { matches: joined }
}

/** A header that may be missing cannot be said together with what it must be. */
function headerConditions(http: ForeignMapping): Record<string, unknown> {
  const conditions: Record<string, Record<string, unknown>> = {}
  for (const key of ['fail_if_header_matches', 'fail_if_header_not_matches'])
    for (const spec of http.mappings(key)) {
      const name = spec.text('header')?.toLowerCase()
      const matches = toPattern(spec.text('regexp') ?? '')
      if (spec.flag('allow_missing')) spec.leaveOut('allow_missing', 'the header must be there')
      const isNegative = key === 'fail_if_header_matches'
      const known = name === undefined ? undefined : (conditions[name] ?? {})
      if (
        name === undefined ||
        matches === undefined ||
        !known ||
        (isNegative ? 'not' : 'matches') in known
      ) {
        spec.leaveOut('regexp', 'cannot be said here; write it anew')
        continue
      }
      conditions[name] = { ...known, ...(isNegative ? { not: { matches } } : { matches }) }
    }
  return isMapping(conditions) ? conditions : {}
}
