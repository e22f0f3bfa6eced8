import { AppError } from '../../base/app-error.ts'
import { formatDuration } from '../../base/duration.ts'
import type { TextFile } from './blackbox.ts'
import {
  type ForeignMapping,
  foreignMapping,
  isMapping,
  type LeftOut,
  readForeign,
} from './foreign-file.ts'
import { httpOf } from './uptime-kuma-http.ts'
import { postgresOf } from './uptime-kuma-postgres.ts'
import { type Imported, type ImportedCheck, secretNameOf, writeFleet } from './written-fleet.ts'

const EVERY_S = 60
const SERVICE = 'uptime-kuma'
/** Of its interval, what it allows for an answer. */
const TIMEOUT_SHARE = 0.8
const TIMEOUT_MS_MIN = 100

/** What a monitor's type becomes; undefined when nothing, which it says. */
type MonitorImport = (monitor: ForeignMapping) => Record<string, unknown> | undefined

const TYPES: Readonly<Record<string, MonitorImport>> = {
  http: httpOf,
  keyword: httpOf,
  'json-query': httpOf,
  port: (monitor) => ({
    kind: 'tcp',
    host: monitor.text('hostname'),
    port: monitor.number('port'),
  }),
  ping: (monitor) => ({
    kind: 'icmp',
    host: monitor.text('hostname'),
    count: 1,
    size: monitor.number('packetSize'),
  }),
  dns: dnsOf,
  postgres: postgresOf,
}

/**
 * What every backup says of every monitor, whatever its type: numbers and places of its own pages, and
 * the defaults of other types.
 */
const NOISE =
  /^(id|weight|pathName|path|parent|childrenIDs|tags|description|screenshot|forceInactive|maintenance|includeSensitiveData|dns_last_result|packetSize|retryInterval|httpBodyEncoding|jsonPath.*|method|url|port|hostname|maxredirects|accepted_statuscodes|dns_resolve_.*|authMethod|oauth_.*|grpc.*|mqtt.*|radius.*|kafka.*|gamedig.*|docker_.*|database.*|rabbitmq.*|snmp.*|smtp.*|game|remote_browser|ping_.*|timeout|conditions|.*Version|expiryNotification)$/

/**
 * Imports the monitors of a backup of Uptime Kuma; a group becomes a service, one that is pushed a
 * heartbeat.
 *
 * @throws {AppError} `definitions.invalid` when the file is no such backup.
 */
export function importUptimeKuma(backup: TextFile): Imported {
  const content = readForeign(backup.file, backup.text)
  if (!isMapping(content) || !Array.isArray(content.monitorList))
    throw new AppError('definitions.invalid', `${backup.file}: expected "monitorList"`)
  const leftOut: LeftOut[] = []
  const list = content.monitorList.map(withoutEmpty)
  const groups = new Map(
    list.filter(({ type }) => type === 'group').map(({ id, name }) => [id, String(name)]),
  )
  const monitors = foreignMapping(`${backup.file}: `, { monitorList: list }, leftOut)
  const checks = monitors.mappings('monitorList').flatMap((monitor) => {
    if (monitor.text('type') === 'group') return []
    return checkOf(monitor, groups.get(monitor.take('parent')) ?? SERVICE) ?? []
  })
  for (const key of ['notificationList', 'proxyList'])
    if (Array.isArray(content[key]) && content[key].length > 0)
      leftOut.push({ place: `${backup.file}: ${key}`, why: 'see config/notifications.yaml' })
  return writeFleet(checks, leftOut)
}

/** A backup says of each field that it has no value; nobody means anything by that. */
function withoutEmpty(monitor: unknown): Record<string, unknown> {
  if (!isMapping(monitor)) return {}
  const isEmpty = (key: string, value: unknown) =>
    value === null ||
    value === '' ||
    (value === false && key !== 'active') ||
    // How a backup says never.
    (value === 0 && key === 'resendInterval') ||
    (Array.isArray(value) && value.length === 0) ||
    (isMapping(value) && Object.keys(value).length === 0)
  return Object.fromEntries(Object.entries(monitor).filter(([key, value]) => !isEmpty(key, value)))
}

function checkOf(monitor: ForeignMapping, service: string): ImportedCheck | undefined {
  const name = monitor.text('name') ?? 'monitor'
  const active = monitor.take('active')
  if (active === false || active === 0) {
    monitor.leaveOut('active', `${name} is paused`)
    return undefined
  }
  if (monitor.flag('upsideDown')) {
    monitor.leaveOut('upsideDown', `${name} must be down: a check cannot be turned upside down`)
    return undefined
  }
  const type = monitor.text('type') ?? ''
  const everyMs = (monitor.number('interval') ?? EVERY_S) * 1_000
  const own =
    type === 'push'
      ? heartbeatOf(monitor, name)
      : Object.hasOwn(TYPES, type) && TYPES[type]?.(monitor)
  if (!own) {
    monitor.leaveOut('type', `${name}: ${type} is nothing that we look at`)
    return undefined
  }
  const timeoutMs = (monitor.number('timeout') ?? 0) * 1_000 || everyMs * TIMEOUT_SHARE
  const retries = monitor.number('maxretries')
  const check = {
    ...own,
    every: formatDuration(everyMs),
    ...(type !== 'push' && { timeout: formatDuration(boundedTimeout(timeoutMs, everyMs)) }),
    ...(retries !== undefined && { alert: { failuresToFire: retries + 1 } }),
  }
  leaveOutRest(monitor)
  return { service, name, source: `${monitor.place}: ${name}`, check }
}

const boundedTimeout = (timeoutMs: number, everyMs: number) =>
  Math.round(Math.max(TIMEOUT_MS_MIN, Math.min(timeoutMs, everyMs)))

const REASONS: Readonly<Record<string, string>> = {
  ignoreTls: 'certificates are always verified; name "trustedRoots"',
  notificationIDList: 'channels are in config/notifications.yaml',
  resendInterval: 'an incident is told again by its own rules',
}

function leaveOutRest(monitor: ForeignMapping): void {
  for (const key of monitor.keys()) if (NOISE.test(key)) monitor.take(key)
  for (const [key, why] of Object.entries(REASONS)) if (monitor.has(key)) monitor.leaveOut(key, why)
  monitor.leaveOutRest()
}

function heartbeatOf(monitor: ForeignMapping, name: string): Record<string, unknown> {
  const token = secretNameOf(name, 'token')
  const where = `put one into the coordinator's environment, as ${token}`
  monitor.leaveOut('pushToken', `is not copied: ${where}; the job calls another address`)
  return { kind: 'heartbeat', token }
}

function dnsOf(monitor: ForeignMapping): Record<string, unknown> {
  const server = monitor.text('dns_resolve_server')?.split(',')[0]?.trim()
  const port = monitor.number('port') ?? 53
  return {
    kind: 'dns',
    name: monitor.text('hostname'),
    recordType: monitor.text('dns_resolve_type') ?? 'A',
    ...(server && { server: server.includes(':') ? `[${server}]:${port}` : `${server}:${port}` }),
    // It is up when there is an answer, whichever.
    expect: { answerCount: { min: 1 } },
  }
}
