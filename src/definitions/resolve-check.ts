import { assert } from '../base/assert.ts'
import { parseDuration } from '../base/duration.ts'
import type { AlertRule, CheckDefinition, Schedule, Tier } from '../protocol/check.ts'
import type { CheckFile, WrittenCheck } from '../protocol/check-file.ts'
import { type Expectation, resolveExpectations } from '../protocol/expectation.ts'
import { canonicalHash } from './canonical-hash.ts'

/** What holds where neither the check nor its file says otherwise. */
const NETWORK_TIMEOUT_MS = 10_000
const JOURNEY_TIMEOUT_MS = 30_000
const REDIRECTS_MAX = 5
const TLS_PORT = 443
const FAILURES_TO_FIRE = 3
const REGIONS_MIN = 2
const PASSES_TO_RESOLVE = 2

/** What a check takes from around it. */
export type Surroundings = {
  service: { id: string; tier: Tier }
  /** Every region, in the order of `config/regions.yaml`. */
  regions: readonly string[]
  defaults: CheckFile['defaults']
  /** Path of its journey below `probes/`. */
  script: string | undefined
  /** PEM text of the authorities that it trusts. */
  trustedRoots: string | undefined
}

/** Gives a written check every default and its wire form. The check must be valid. */
export function resolveCheck(written: WrittenCheck, around: Surroundings): CheckDefinition {
  const resolved = resolveKind(written, around)
  // By way of JSON, so that the hash is of what travels: keys that are undefined are not there.
  const definition = JSON.parse(JSON.stringify(resolved)) as Omit<CheckDefinition, 'hash'>
  return { ...definition, hash: canonicalHash(definition) } as CheckDefinition
}

type Unhashed<T> = T extends CheckDefinition ? Omit<T, 'hash'> : never
/** The same with keys that may be there and undefined. */
type Loose<T> = { [K in keyof T]: T[K] | undefined }

function resolveKind(
  written: WrittenCheck,
  around: Surroundings,
): Loose<Unhashed<CheckDefinition>> {
  const base = resolveBase(written, around)
  switch (written.kind) {
    case 'http':
      return {
        ...base,
        kind: 'http',
        name: written.name ?? written.id,
        url: written.url,
        method: written.method ?? 'GET',
        headers: written.headers ?? {},
        body: written.body,
        redirectsMax: written.redirects ?? REDIRECTS_MAX,
        trustedRoots: around.trustedRoots,
      }
    case 'dns':
      return {
        ...base,
        kind: 'dns',
        // What is written as its name is the question.
        name: written.id,
        questionName: written.name,
        recordType: written.recordType ?? 'A',
        server: written.server,
      }
    case 'tls':
      return {
        ...base,
        kind: 'tls',
        name: written.name ?? written.id,
        host: written.host,
        port: written.port ?? TLS_PORT,
        serverName: written.serverName,
        trustedRoots: around.trustedRoots,
      }
    case 'journey':
      assert(around.script, 'a journey check is resolved only after its script was found')
      return {
        ...base,
        kind: 'journey',
        name: written.name ?? written.id,
        script: around.script,
        url: written.url,
        secrets: written.secrets ?? [],
        ignoreHttpsErrors: written.ignoreHttpsErrors ?? false,
      }
  }
}

function resolveBase(written: WrittenCheck, around: Surroundings) {
  const defaults = around.defaults ?? {}
  const chosen = written.regions ?? defaults.regions
  const regions = around.regions.filter((region) => chosen?.includes(region) ?? true)
  const schedule = resolveSchedule(written, defaults)
  return {
    id: written.id,
    serviceId: around.service.id,
    tier: written.tier ?? defaults.tier ?? around.service.tier,
    schedule,
    regions,
    timeoutMs: resolveTimeout(written, defaults, schedule),
    expectations: [
      ...impliedExpectations(written),
      ...resolveExpectations('must', written.expect),
      ...resolveExpectations('should', written.should),
    ],
    alert: resolveAlert({ ...defaults.alert, ...written.alert }, regions.length),
  }
}

type When = NonNullable<CheckFile['defaults']>

/** The check's own `every` or `cron` replaces whichever the defaults have. */
function resolveSchedule(written: WrittenCheck, defaults: When): Schedule {
  const holder = written.every || written.cron ? written : defaults
  if (holder.every) return { kind: 'interval', everyMs: milliseconds(holder.every) }
  assert(holder.cron, 'a check is resolved only when something says when it runs')
  const timeZone = written.timeZone ?? defaults.timeZone ?? 'UTC'
  return { kind: 'cron', expression: holder.cron.trim(), timeZone }
}

function resolveTimeout(written: WrittenCheck, defaults: When, schedule: Schedule): number {
  const timeout = written.timeout ?? defaults.timeout
  if (timeout) return milliseconds(timeout)
  const usual = written.kind === 'journey' ? JOURNEY_TIMEOUT_MS : NETWORK_TIMEOUT_MS
  return schedule.kind === 'interval' ? Math.min(usual, schedule.everyMs) : usual
}

function resolveAlert(
  written: { [K in keyof AlertRule]?: number | undefined },
  regionCount: number,
): AlertRule {
  return {
    failuresToFire: written.failuresToFire ?? FAILURES_TO_FIRE,
    regionsMin: written.regionsMin ?? Math.min(REGIONS_MIN, regionCount),
    passesToResolve: written.passesToResolve ?? PASSES_TO_RESOLVE,
  }
}

/** What everybody means who writes such a check and says nothing about it. */
function impliedExpectations(written: WrittenCheck): Expectation[] {
  const said = new Set(Object.keys(written.expect ?? {}))
  const saysAnswer = ['rcode', 'answer', 'answerCount'].some((subject) => said.has(subject))
  const implied: Record<WrittenCheck['kind'], Record<string, unknown>> = {
    http: { status: '2xx' },
    // A name without a record of the type answers NOERROR too, with nothing in it.
    dns: { rcode: 'NOERROR', ...(!saysAnswer && { answerCount: { min: 1 } }) },
    tls: { trusted: true, hostNameMatches: true },
    journey: {},
  }
  const missing = Object.entries(implied[written.kind]).filter(([subject]) => !said.has(subject))
  return resolveExpectations('must', Object.fromEntries(missing))
}

function milliseconds(duration: string): number {
  const ms = parseDuration(duration)
  assert(ms !== undefined, 'durations were checked with the shape of the file')
  return ms
}
