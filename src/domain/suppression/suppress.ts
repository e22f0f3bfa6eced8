import type { OpenMaintenance, Silence, Suppression } from '../../protocol/suppression.ts'
import { joinNames } from '../join-names.ts'
import { covers, type Target } from './covers.ts'

/** An alert of a check of a service that is needed. */
export type Dependency = {
  serviceId: string
  /** From the dependent to that service, both included. */
  path: readonly string[]
  checkName: string
  /** The regions that its alert is about. */
  regions: readonly string[]
  isGlobal: boolean
}

export type Surroundings = {
  /** The windows that are open. */
  maintenance: readonly OpenMaintenance[]
  /** Those that were not ended. */
  silences: readonly Silence[]
  /** What fires among the services that the alert's own needs, however far. */
  dependencies: readonly Dependency[]
  /** Regions in which most checks fail although others see their targets well. */
  troubledRegions: readonly string[]
  now: number
}

/**
 * Decides whether an alert that fires is told to anybody, and says why not: the first that applies of
 * planned work, somebody's word, a region in trouble and a service that is needed. Undefined: it is
 * told. Nothing here changes what is known: the alert fires, and is seen to.
 *
 * Something that lacks what is compared is never equal: an alert about no region is not inhibited by
 * another about none.
 */
export function suppress(target: Target, around: Surroundings): Suppression | undefined {
  return (
    byMaintenance(target, around) ??
    bySilence(target, around) ??
    byRegion(target, around) ??
    byDependency(target, around)
  )
}

/** The silences that hold at an instant. */
export const activeSilences = (silences: readonly Silence[], now: number): Silence[] =>
  silences.filter(({ endedAt, until }) => endedAt === undefined && now < until)

function byMaintenance(target: Target, { maintenance }: Surroundings): Suppression | undefined {
  const window = maintenance.find(({ scope }) => covers(scope, target))
  return (
    window && {
      kind: 'maintenance',
      by: window.id,
      reason: `maintenance ${window.id}: ${window.reason}`,
      until: window.until,
    }
  )
}

function bySilence(target: Target, { silences, now }: Surroundings): Suppression | undefined {
  const silence = activeSilences(silences, now).find(({ scope }) => covers(scope, target))
  return (
    silence && {
      kind: 'silence',
      by: silence.id,
      reason: `silenced by ${silence.author}: ${silence.reason}`,
      until: silence.until,
    }
  )
}

function byRegion({ regions }: Target, { troubledRegions }: Surroundings): Suppression | undefined {
  const isOfRegions =
    regions.length > 0 && regions.every((region) => troubledRegions.includes(region))
  if (!isOfRegions) return undefined
  const names = joinNames([...regions])
  return {
    kind: 'region',
    by: regions.join(' '),
    reason: `most checks fail in ${names} and pass elsewhere: the region is the finding`,
  }
}

function byDependency(target: Target, { dependencies }: Surroundings): Suppression | undefined {
  const cause = dependencies.find(
    ({ regions, isGlobal }) =>
      target.regions.length > 0 &&
      (isGlobal || target.regions.every((region) => regions.includes(region))),
  )
  return (
    cause && {
      kind: 'dependency',
      by: cause.serviceId,
      reason: `${cause.path.join(' needs ')}, where ${cause.checkName} fails`,
    }
  )
}
