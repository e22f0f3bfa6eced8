import { assert } from '../base/assert.ts'
import { parseDuration } from '../base/duration.ts'
import type { AlertRule } from '../protocol/alert-rule.ts'
import type { Severity } from '../protocol/severity.ts'
import {
  parseLatencyLimit,
  parsePercentile,
  parseShare,
  type WrittenAlertRule,
} from '../protocol/written-alert.ts'

/** What holds where neither the check nor its file says otherwise. */
const FAILURES_TO_FIRE = 3
const REGIONS_MIN = 2
const PASSES_TO_RESOLVE = 2
const WITHIN = '10m'
const SAMPLES_MIN = 20
const PERCENTILE = 'p95'
/** Slow or blind is worse than before, but customers are served. */
const MILD: Severity = 'SEV-3'
const FLAPPING = { changes: 6, within: '1h', quietFor: '15m' }

/** A region of a check, with whose network it is on. */
export type RegionOfCheck = { id: string; provider?: string | undefined }

/** Gives a written rule every default and its wire form. The rule must be valid. */
export function resolveAlert(
  written: WrittenAlertRule,
  regions: readonly RegionOfCheck[],
): AlertRule {
  const networks = written.independent ? networksOf(regions) : undefined
  const voices = new Set(regions.map(({ id }) => networks?.[id] ?? id)).size
  const { failures, ratio, latency, degraded, noData, flapping, severity } = written
  return {
    failuresToFire: written.failuresToFire ?? FAILURES_TO_FIRE,
    regionsMin: quorumOf(written, voices),
    passesToResolve: written.passesToResolve ?? PASSES_TO_RESOLVE,
    ...(networks && { networks }),
    ...(isGiven(failures) && { failures }),
    ...(isGiven(ratio) && {
      ratio: { above: known(parseShare(ratio.above)), ...windowOf(ratio) },
    }),
    ...(isGiven(latency) && {
      latency: {
        above: known(parseLatencyLimit(latency.above)),
        percentile: known(parsePercentile(latency.percentile ?? PERCENTILE)),
        ...windowOf(latency),
        severity: latency.severity ?? MILD,
      },
    }),
    ...(isGiven(degraded) && { degraded: { ...degraded, severity: degraded.severity ?? MILD } }),
    ...(isGiven(noData) && {
      noData: { afterMs: milliseconds(noData.after), severity: noData.severity ?? MILD },
    }),
    ...(flapping !== 'never' && { flapping: flappingOf(flapping ?? {}) }),
    ...(severity && { severity }),
  }
}

const isGiven = <T extends object>(written: T | 'never' | undefined): written is T =>
  written !== undefined && written !== 'never'

function quorumOf({ regions, regionsMin }: WrittenAlertRule, voices: number): number {
  if (typeof regions === 'string')
    return Math.max(1, Math.ceil(known(parseShare(regions)) * voices))
  return regions ?? regionsMin ?? Math.min(REGIONS_MIN, voices)
}

const networksOf = (regions: readonly RegionOfCheck[]) =>
  Object.fromEntries(regions.map(({ id, provider }) => [id, provider ?? id]))

type WrittenWindow = Pick<
  Exclude<NonNullable<WrittenAlertRule['ratio']>, 'never'>,
  'within' | 'for' | 'samplesMin' | 'severity'
>

function windowOf(written: WrittenWindow) {
  return {
    withinMs: milliseconds(written.within ?? WITHIN),
    forMs: written.for === undefined ? 0 : milliseconds(written.for),
    samplesMin: written.samplesMin ?? SAMPLES_MIN,
    ...(written.severity && { severity: written.severity }),
  }
}

type WrittenFlapping = Exclude<NonNullable<WrittenAlertRule['flapping']>, 'never'>

const flappingOf = ({ changes, within, quietFor }: WrittenFlapping) => ({
  changes: changes ?? FLAPPING.changes,
  withinMs: milliseconds(within ?? FLAPPING.within),
  quietForMs: milliseconds(quietFor ?? FLAPPING.quietFor),
})

const milliseconds = (duration: string): number => known(parseDuration(duration))

function known<T>(parsed: T | undefined): T {
  assert(parsed !== undefined, 'the forms were checked with the shape of the file')
  return parsed
}
