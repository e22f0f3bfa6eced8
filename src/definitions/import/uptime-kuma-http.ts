import { METHODS, REDIRECTS_MAX } from '../../protocol/kinds/http.ts'
import { type ForeignMapping, isMapping } from './foreign-file.ts'
import { secretNameOf } from './written-fleet.ts'

/** It warns of certificates so long before they end. */
const CERTIFICATE_DAYS = 21

/** A monitor that sends a request: `http`, `keyword` or `json-query`. */
export function httpOf(monitor: ForeignMapping): Record<string, unknown> {
  const method = (monitor.text('method') ?? 'GET').toUpperCase()
  const isKnown = METHODS.some((known) => known === method)
  if (!isKnown) monitor.leaveOut('method', `${method} cannot be sent; the check sends GET`)
  const redirects = monitor.number('maxredirects')
  const expect = expectOf(monitor)
  const url = monitor.text('url') ?? ''
  const warnsOfExpiry = monitor.flag('expiryNotification') && url.startsWith('https:')
  return {
    kind: 'http',
    url,
    ...(isKnown && method !== 'GET' && { method }),
    ...headersOf(monitor),
    ...bodyOf(monitor),
    ...authOf(monitor),
    ...(redirects !== undefined && { redirects: Math.min(redirects, REDIRECTS_MAX) }),
    ...(Object.keys(expect).length > 0 && { expect }),
    ...(warnsOfExpiry && { should: { certificateDaysLeft: { min: CERTIFICATE_DAYS } } }),
  }
}

function headersOf(monitor: ForeignMapping) {
  const headers = parseJson(monitor.text('headers'))
  if (headers === undefined) return {}
  if (!isMapping(headers)) {
    monitor.leaveOut('headers', 'is no JSON with one text a header')
    return {}
  }
  const kept = Object.entries(headers).filter(([name]) => {
    const isSecret = /authorization|token|key|cookie|secret/i.test(name)
    if (isSecret)
      monitor.leaveOut(`headers.${name}`, 'may be secret: name it in "secrets" and write {{NAME}}')
    return !isSecret
  })
  return kept.length === 0
    ? {}
    : { headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])) }
}

const TYPES: Readonly<Record<string, string>> = {
  form: 'application/x-www-form-urlencoded',
  xml: 'text/xml; charset=utf-8',
}

function bodyOf(monitor: ForeignMapping) {
  const text = monitor.text('body')
  if (text === undefined) return {}
  const encoding = monitor.text('httpBodyEncoding') ?? 'json'
  return { body: { text, type: TYPES[encoding] ?? 'application/json' } }
}

function authOf(monitor: ForeignMapping): Record<string, unknown> {
  const username = monitor.text('basic_auth_user')
  const method = monitor.text('authMethod') ?? (username === undefined ? undefined : 'basic')
  const secret = (key: string, what: string) => {
    const name = secretNameOf(monitor.text('name') ?? '', what)
    monitor.leaveOut(key, `is not copied: put it into the environment of the probes, as ${name}`)
    return name
  }
  switch (method) {
    case undefined:
      return {}
    case 'basic':
      return {
        auth: {
          basic: { username: username ?? '', password: secret('basic_auth_pass', 'password') },
        },
      }
    case 'oauth2-cc': {
      const scope = monitor.text('oauth_scopes')
      return {
        auth: {
          oauth2: {
            tokenUrl: monitor.text('oauth_token_url'),
            clientId: monitor.text('oauth_client_id') ?? '',
            clientSecret: secret('oauth_client_secret', 'client secret'),
            ...(scope !== undefined && { scope }),
          },
        },
      }
    }
    default:
      monitor.leaveOut('authMethod', `${method} has no equivalent`)
      return {}
  }
}

function expectOf(monitor: ForeignMapping): Record<string, unknown> {
  const statuses = monitor
    .texts('accepted_statuscodes')
    .map((code) => (code.includes('-') ? code.replace(/\s/g, '') : Number(code)))
  const keyword = monitor.text('keyword')
  const isInverted = monitor.flag('invertKeyword') ?? false
  const type = monitor.text('type')
  return {
    ...(statuses.length > 0 && { status: statuses }),
    ...(type === 'keyword' &&
      keyword !== undefined && {
        body: isInverted ? { not: { contains: keyword } } : { contains: keyword },
      }),
    ...(type === 'json-query' && jsonOf(monitor)),
  }
}

const OPERATORS: Readonly<Record<string, (value: string) => unknown>> = {
  '==': (value) => value,
  '!=': (value) => ({ not: { equals: value } }),
  contains: (value) => ({ contains: value }),
  '<=': (value) => ({ max: Number(value) }),
  '>=': (value) => ({ min: Number(value) }),
  '<': (value) => ({ max: Number(value), not: { equals: Number(value) } }),
  '>': (value) => ({ min: Number(value), not: { equals: Number(value) } }),
}

/** Its queries are JSONata, ours are JSONPath; plain paths are the same in both. */
function jsonOf(monitor: ForeignMapping): Record<string, unknown> {
  const path = monitor.text('jsonPath')?.replace(/^\$\.?/, '') ?? ''
  const operator = monitor.text('jsonPathOperator') ?? '=='
  const say = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
  const expected = monitor.text('expectedValue') ?? ''
  if (!say || !/^\w+(\.\w+|\[\d+\])*$/.test(path)) {
    monitor.leaveOut('jsonPath', 'is no plain path with a comparison: write it as JSONPath')
    return {}
  }
  return { json: { [`$.${path}`]: say(expected) } }
}

function parseJson(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null // No JSON: whoever asked says so.
  }
}
