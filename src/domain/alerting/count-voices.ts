import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { RegionId } from '../../protocol/ids.ts'

/** How many regions speak for themselves: where networks count, those of one network are one. */
export function countVoices(
  { networks }: Pick<AlertRule, 'networks'>,
  regions: readonly RegionId[],
): number {
  return new Set(regions.map((region) => networks?.[region] ?? region)).size
}
