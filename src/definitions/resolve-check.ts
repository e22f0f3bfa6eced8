import { assert } from '../base/assert.ts'
import { parseDuration } from '../base/duration.ts'
import type { CheckDefinition, CheckKind } from '../protocol/check.ts'
import type { Retry, Schedule, Tier } from '../protocol/check-base.ts'
import type { CheckFile, WrittenCheck, WrittenOf } from '../protocol/check-file.ts'
import { COORDINATOR_REGION } from '../protocol/ids.ts'
import { canonicalHash } from './canonical-hash.ts'
import type { KindResolver, NamedContent } from './kinds/kind-resolver.ts'
import { kindResolvers } from './kinds/registry.ts'
import { type RegionOfCheck, resolveAlert } from './resolve-alert.ts'

/** What holds where neither the check nor its file says otherwise. */
const RETRIES = 1

/** What a check takes from around it. */
export type Surroundings = NamedContent & {
  service: { id: string; tier: Tier }
  /** Every region, in the order of `config/regions.yaml`. */
  regions: readonly RegionOfCheck[]
  defaults: CheckFile['defaults']
}

/** Gives a written check every default and its wire form. The check must be valid. */
export function resolveCheck(written: WrittenCheck, around: Surroundings): CheckDefinition {
  const resolver = resolverOf(written)
  const resolved = {
    ...resolveBase(written, around, resolver),
    kind: written.kind,
    ...resolver.fields(written, around),
    expectations: resolver.expectations(written),
  }
  // By way of JSON, so that the hash is of what travels: keys that are undefined are not there.
  const definition = JSON.parse(JSON.stringify(resolved)) as Omit<CheckDefinition, 'hash'>
  return { ...definition, hash: canonicalHash(definition) } as CheckDefinition
}

/** Indexed generically, so that check and resolver are known to be of one kind. */
export function resolverOf<K extends CheckKind>(written: WrittenOf<K>): KindResolver<K> {
  return kindResolvers[written.kind as K]
}

function resolveBase(
  written: WrittenCheck,
  around: Surroundings,
  resolver: Pick<KindResolver<CheckKind>, 'timeoutMs' | 'retry'>,
) {
  const defaults = around.defaults ?? {}
  const regions = resolveRegions(written, around)
  const schedule = resolveSchedule(written, defaults)
  const isProbed = written.kind !== 'heartbeat'
  return {
    id: written.id,
    serviceId: around.service.id,
    tier: written.tier ?? defaults.tier ?? around.service.tier,
    schedule,
    regions,
    timeoutMs: resolveTimeout(written, defaults, schedule, resolver.timeoutMs),
    retry: isProbed
      ? resolveRetry(
          written.retry ??
            (resolver.retry === 'never' ? 'never' : defaults.retry) ??
            resolver.retry,
        )
      : undefined,
    alert: isProbed
      ? resolveAlert(mergeAlerts(defaults.alert, written.alert), whereabouts(regions, around))
      : // A job that is late is late: there is nobody who could confirm it, and nothing to wait for.
        resolveAlert(
          { failuresToFire: 1, regionsMin: 1, passesToResolve: 1, ...written.alert },
          whereabouts(regions, around),
        ),
  }
}

function resolveRegions(written: WrittenCheck, around: Surroundings): string[] {
  if (written.kind === 'heartbeat') return [COORDINATOR_REGION]
  const chosen = written.regions ?? around.defaults?.regions
  return around.regions.map(({ id }) => id).filter((id) => chosen?.includes(id) ?? true)
}

const whereabouts = (regions: readonly string[], around: Surroundings): RegionOfCheck[] =>
  regions.map((id) => around.regions.find((region) => region.id === id) ?? { id })

type WrittenAlert = NonNullable<CheckFile['defaults']>['alert']

/** A quorum has two spellings: the check's own, whichever it is, replaces that of the defaults. */
function mergeAlerts(defaults: WrittenAlert, own: WrittenAlert) {
  const { regions, regionsMin, ...others } = defaults ?? {}
  const saysQuorum = own?.regions !== undefined || own?.regionsMin !== undefined
  const inherited = { ...(regions && { regions }), ...(regionsMin && { regionsMin }) }
  return { ...others, ...(saysQuorum ? {} : inherited), ...own }
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

function resolveTimeout(
  written: WrittenCheck,
  defaults: When,
  schedule: Schedule,
  usual: number,
): number {
  const timeout = written.kind === 'heartbeat' ? undefined : (written.timeout ?? defaults.timeout)
  if (timeout) return milliseconds(timeout)
  return schedule.kind === 'interval' ? Math.min(usual, schedule.everyMs) : usual
}

function resolveRetry(written: NonNullable<When['retry']>): Retry | undefined {
  if (written === 'never') return undefined
  if (typeof written === 'string') return { on: written, times: RETRIES }
  return { on: written.on, times: written.times ?? RETRIES }
}

function milliseconds(duration: string): number {
  const ms = parseDuration(duration)
  assert(ms !== undefined, 'durations were checked with the shape of the file')
  return ms
}
