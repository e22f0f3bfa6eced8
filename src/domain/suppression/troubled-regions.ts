import type { AlertStatus } from '../../protocol/public-api.ts'

/** Fewer checks that fail only there are trouble of the checks. */
export const CHECKS_MIN = 3
/** Share of a region's checks that must fail there alone for it to be the region … */
export const SHARE_TO_BEGIN = 0.8
/** … and to stay so. */
export const SHARE_TO_STAY = 0.5

export type RegionTrouble = {
  /** Checks that fail in this region, and in no other that tells. */
  failing: number
  /** Checks that this region and another tell about. */
  of: number
}

/**
 * The regions that are in trouble themselves: most of their checks fail there and nowhere else. One
 * that is known already stays so a little longer, and one that says nothing does not come clear by it.
 */
export function troubledRegions(
  alerts: Iterable<Voices>,
  before: ReadonlySet<string>,
): Map<string, RegionTrouble> {
  const counts = new Map<string, RegionTrouble>()
  for (const alert of alerts) {
    if (!isToldElsewhere(alert)) continue
    for (const region of [...alert.failing, ...alert.healthy]) {
      const count = counts.get(region) ?? { failing: 0, of: 0 }
      const isAlone = failsAlone(region, alert)
      counts.set(region, { failing: count.failing + (isAlone ? 1 : 0), of: count.of + 1 })
    }
  }
  for (const region of before) if (!counts.has(region)) counts.set(region, { failing: 0, of: 0 })
  return new Map([...counts].filter(([region, count]) => isTroubled(count, before.has(region))))
}

type Voices = Pick<AlertStatus, 'failing' | 'healthy'>

/** Whether a check fails in this region, and in no other that tells. */
export const failsAlone = (region: string, alert: Voices): boolean =>
  isToldElsewhere(alert) && alert.failing.length === 1 && alert.failing[0] === region

const isToldElsewhere = ({ failing, healthy }: Voices) => failing.length + healthy.length >= 2

function isTroubled({ failing, of }: RegionTrouble, isKnown: boolean): boolean {
  if (isKnown) return of === 0 || failing >= of * SHARE_TO_STAY
  return failing >= CHECKS_MIN && failing >= of * SHARE_TO_BEGIN
}
