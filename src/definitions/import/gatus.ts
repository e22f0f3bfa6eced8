import { AppError } from '../../base/app-error.ts'
import { formatDuration } from '../../base/duration.ts'
import { DnsRecordType } from '../../protocol/kinds/dns.ts'
import { METHODS } from '../../protocol/kinds/http.ts'
import type { TextFile } from './blackbox.ts'
import { hostAndPort } from './blackbox-options.ts'
import {
  type ForeignMapping,
  foreignMapping,
  isMapping,
  type LeftOut,
  parseGoDuration,
  readForeign,
} from './foreign-file.ts'
import { addCondition, type Expectations, type Subjects } from './gatus-conditions.ts'
import { type Imported, type ImportedCheck, secretNameOf, writeFleet } from './written-fleet.ts'

const EVERY_MS = 60_000
const TIMEOUT_MS = 10_000
const EVERY_MS_MIN = 1_000
const REDIRECTS = 10
const SERVICE = 'gatus'

/** What an endpoint looks at, and what its conditions may be about. */
type Kind = { check: Record<string, unknown>; subjects: Subjects }

/**
 * Imports the endpoints of Gatus; those that push become heartbeats.
 *
 * @throws {AppError} `definitions.invalid` when the file cannot be read.
 */
export function importGatus(config: TextFile): Imported {
  const content = readForeign(config.file, config.text)
  if (!isMapping(content) || !(content.endpoints || content['external-endpoints']))
    throw new AppError('definitions.invalid', `${config.file}: expected "endpoints"`)
  const leftOut: LeftOut[] = []
  const all = foreignMapping(`${config.file}: `, content, leftOut)
  const checks = [
    ...all.mappings('endpoints').flatMap((endpoint) => checkOf(endpoint) ?? []),
    ...all.mappings('external-endpoints').flatMap((endpoint) => heartbeatOf(endpoint) ?? []),
  ]
  all.leaveOutRest()
  return writeFleet(checks, leftOut)
}

function checkOf(endpoint: ForeignMapping): ImportedCheck | undefined {
  const about = sourceOf(endpoint)
  if (!about) return undefined
  const client = endpoint.mapping('client')
  const kind = kindOf(endpoint, client)
  if (!kind) return undefined
  const expect: Expectations = {}
  for (const [index, condition] of endpoint.texts('conditions').entries()) {
    const why = addCondition(expect, condition, kind.subjects)
    if (why !== undefined) endpoint.leaveOut(`conditions[${index}]`, `${condition} ${why}`)
  }
  const everyMs = Math.max(EVERY_MS_MIN, durationOf(endpoint, 'interval') ?? EVERY_MS)
  const timeoutMs = (client && durationOf(client, 'timeout')) ?? TIMEOUT_MS
  const check = {
    ...kind.check,
    ...(Object.keys(expect).length > 0 && { expect }),
    every: formatDuration(everyMs),
    timeout: formatDuration(Math.min(timeoutMs, everyMs)),
    ...alertOf(endpoint),
  }
  client?.leaveOutRest()
  // How its own pages show it.
  for (const key of ['ui', 'extra-labels']) endpoint.take(key)
  endpoint.leaveOutRest()
  return { ...about, check }
}

function heartbeatOf(endpoint: ForeignMapping): ImportedCheck | undefined {
  const about = sourceOf(endpoint)
  const heartbeat = endpoint.mapping('heartbeat')
  const everyMs = heartbeat && durationOf(heartbeat, 'interval')
  if (!about || everyMs === undefined) {
    endpoint.leaveOut('heartbeat', 'says no interval, so nothing is ever late')
    return undefined
  }
  const token = secretNameOf(about.name, 'token')
  endpoint.leaveOut(
    'token',
    `is not copied: put it into the coordinator's environment, as ${token}`,
  )
  const check = { kind: 'heartbeat', token, every: formatDuration(everyMs), ...alertOf(endpoint) }
  endpoint.leaveOutRest()
  return { ...about, check }
}

/** What an endpoint is called; undefined for one that is switched off, which it says. */
function sourceOf(endpoint: ForeignMapping) {
  const name = endpoint.text('name') ?? 'endpoint'
  const service = endpoint.text('group') ?? SERVICE
  if (endpoint.flag('enabled') === false) {
    endpoint.leaveOut('enabled', `${name} is switched off`)
    return undefined
  }
  return { service, name, source: `${endpoint.place}: ${name}` }
}

function kindOf(endpoint: ForeignMapping, client: ForeignMapping | undefined): Kind | undefined {
  const url = endpoint.text('url') ?? ''
  const scheme = /^([a-z]+):\/\//.exec(url)?.[1]
  const dns = endpoint.mapping('dns')
  if (dns) return dnsOf(dns, url)
  switch (scheme) {
    case 'http':
    case 'https':
      return httpOf(endpoint, client, url)
    case 'icmp':
      return { check: { kind: 'icmp', host: url.slice('icmp://'.length) }, subjects: {} }
    case 'ws':
    case 'wss':
      return websocketOf(endpoint, url)
    case 'tcp':
    case 'tls':
    case 'starttls':
    case 'ssh':
    case 'grpc':
    case 'grpcs':
      return socketOf(endpoint, scheme, url)
    default:
      endpoint.leaveOut('url', `${scheme ?? url} is nothing that we look at`)
      return undefined
  }
}

function dnsOf(dns: ForeignMapping, server: string): Kind | undefined {
  const name = (dns.text('query-name') ?? '').replace(/(?<=.)\.$/, '')
  const recordType = dns.text('query-type') ?? 'A'
  if (name === '' || !DnsRecordType.safeParse(recordType).success) {
    dns.leaveOut('query-type', `${recordType} of "${name}" cannot be asked for`)
    return undefined
  }
  return {
    check: { kind: 'dns', name, recordType, server: server.replace(/^\w+:\/\//, '') },
    subjects: { body: 'answer', rcode: true },
  }
}

function httpOf(endpoint: ForeignMapping, client: ForeignMapping | undefined, url: string): Kind {
  const method = endpoint.text('method') ?? 'GET'
  const isKnown = METHODS.some((known) => known === method)
  if (!isKnown) endpoint.leaveOut('method', `${method} cannot be sent; the check sends GET`)
  const body = endpoint.text('body')
  const isGraphql = endpoint.flag('graphql') ?? false
  const isFollowing = !(client?.flag('ignore-redirect') ?? false)
  return {
    check: {
      kind: 'http',
      url,
      ...(isKnown && method !== 'GET' && { method }),
      ...headersOf(endpoint),
      ...(body !== undefined && { body: isGraphql ? { graphql: { query: body } } : body }),
      ...(client && clientOf(client)),
      redirects: isFollowing ? REDIRECTS : false,
    },
    subjects: { body: 'body', certificate: 'certificateDaysLeft', json: true, status: true },
  }
}

function headersOf(endpoint: ForeignMapping) {
  const headers = endpoint.mapping('headers')
  const kept = (headers?.keys() ?? []).flatMap((name) => {
    if (/authorization|token|key|cookie|secret/i.test(name)) {
      headers?.leaveOut(name, 'may be secret: name it in "secrets" and write {{NAME}}')
      return []
    }
    const value = headers?.text(name)
    return value === undefined ? [] : [[name, value]]
  })
  return kept.length === 0 ? {} : { headers: Object.fromEntries(kept) }
}

function clientOf(client: ForeignMapping): Record<string, unknown> {
  if (client.flag('insecure')) client.leaveOut('insecure', 'certificates are always verified')
  const network = client.text('network')
  const proxy = client.text('proxy-url')
  const oauth2 = client.mapping('oauth2')
  if (!oauth2)
    return {
      ...(network === 'ip4' && { addresses: 'ipv4' }),
      ...(network === 'ip6' && { addresses: 'ipv6' }),
      ...(proxy !== undefined && { proxy }),
    }
  const clientId = oauth2.text('client-id') ?? ''
  const clientSecret = secretNameOf(clientId, 'client secret')
  const where = `put it into the environment of the probes, as ${clientSecret}`
  oauth2.leaveOut('client-secret', `is not copied: ${where}`)
  const scope = oauth2.texts('scopes').join(' ')
  return {
    ...(proxy !== undefined && { proxy }),
    auth: {
      oauth2: {
        tokenUrl: oauth2.text('token-url'),
        clientId,
        clientSecret,
        ...(scope !== '' && { scope }),
      },
    },
  }
}

function websocketOf(endpoint: ForeignMapping, url: string): Kind {
  const send = endpoint.text('body')
  return {
    check: {
      kind: 'websocket',
      url,
      ...headersOf(endpoint),
      ...(send !== undefined && { dialogue: [{ send }, { expect: '.*' }] }),
    },
    subjects: { body: 'message', certificate: 'certificateDaysLeft' },
  }
}

const USUAL_PORTS: Readonly<Record<string, number>> = { ssh: 22, grpc: 80, grpcs: 443 }

function socketOf(endpoint: ForeignMapping, scheme: string, url: string): Kind | undefined {
  const usual = USUAL_PORTS[scheme]
  const plain = url.replace(/^\w+:\/\//, '').replace(/\/.*$/, '')
  const place = hostAndPort(plain) ?? (usual && { host: plain, port: usual })
  if (!place) {
    endpoint.leaveOut('url', `${url} has no port`)
    return undefined
  }
  switch (scheme) {
    case 'tls':
      return tlsKind({ kind: 'tls', ...place })
    case 'starttls':
      return tlsKind({ kind: 'tls', ...place, startTls: 'smtp' })
    case 'ssh':
      if (endpoint.has('ssh')) endpoint.leaveOut('ssh', 'nobody logs in: only the greeting counts')
      return { check: { kind: 'tcp', ...place, dialogue: [{ expect: '^SSH-' }] }, subjects: {} }
    case 'grpc':
    case 'grpcs':
      return { check: { kind: 'grpc', ...place, tls: scheme === 'grpcs' }, subjects: {} }
    default:
      return { check: { kind: 'tcp', ...place }, subjects: {} }
  }
}

const tlsKind = (check: Record<string, unknown>): Kind => ({
  check,
  subjects: { certificate: 'daysLeft', domain: 'domainDaysLeft' },
})

/** Gatus's own, where nothing is written. */
const FAILURES_TO_FIRE = 3
const PASSES_TO_RESOLVE = 2

/** The most sensitive of its alerts; whom they tell is for `config/notifications.yaml`. */
function alertOf(endpoint: ForeignMapping): Record<string, unknown> {
  const alerts = endpoint.mappings('alerts').filter((alert) => alert.flag('enabled') !== false)
  if (alerts.length === 0) return {}
  const least = (key: string, usual: number) =>
    Math.min(...alerts.map((alert) => alert.number(key) ?? usual))
  const alert = {
    failuresToFire: least('failure-threshold', FAILURES_TO_FIRE),
    passesToResolve: least('success-threshold', PASSES_TO_RESOLVE),
  }
  for (const one of alerts) one.leaveOut('type', 'channels are in config/notifications.yaml')
  return { alert }
}

function durationOf(mapping: ForeignMapping, key: string): number | undefined {
  const text = mapping.text(key)
  return text === undefined ? undefined : parseGoDuration(text)
}
