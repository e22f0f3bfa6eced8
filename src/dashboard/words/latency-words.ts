import type { Latency, PercentileColumns } from '../../protocol/public-api.ts'
import { PHASE_ORDER, phaseWord } from './phase-words.ts'
import { shortTime } from './quantity.ts'
import { axisTime } from './time-words.ts'

/** The whole run, or one of its phases. */
export const TOTAL = 'total'

export const seriesWord = (name: string): string =>
  name === TOTAL ? 'whole check' : phaseWord(name)

type Region = Latency['regions'][number]

export const columnsOf = (region: Region, name: string): PercentileColumns | undefined =>
  name === TOTAL ? region.total : region.phases[name]

/** What there is to choose from: the whole, then the phases that any region measured, as they happen. */
export function seriesNames({ regions }: Pick<Latency, 'regions'>): string[] {
  const found = new Set(regions.flatMap((region) => Object.keys(region.phases)))
  return [TOTAL, ...PHASE_ORDER.filter((name) => found.has(name))]
}

/** The newest value that was measured. */
export const newest = (values: readonly (number | null)[]): number | undefined =>
  values.findLast((value) => value !== null) ?? undefined

/** Middle of the bucket. */
export const bucketInstant = ({ since, bucketMs }: Latency, index: number): number =>
  since + (index + 0.5) * bucketMs

/** Regions at one bucket, in words: `14:10: eu-west 42 ms, 95 % within 61 ms, 3 of 12 runs failed`. */
export function bucketSentence(
  latency: Latency,
  name: string,
  index: number,
  timeZone?: string,
): string {
  const regions = latency.regions.map((region) => {
    const { value, counts } = bucketWords(region, name, index)
    return `${region.regionId} ${value}${counts === '' ? '' : `, ${counts}`}`
  })
  const at = latency.since + index * latency.bucketMs
  return `${axisTime(at, latency.bucketMs, timeZone)}: ${regions.join('; ')}`
}

/** One region at one bucket: what it took, and what its runs came to where that matters. */
export function bucketWords(
  region: Region,
  name: string,
  index: number,
): { value: string; counts: string } {
  const columns = columnsOf(region, name)
  const p50 = columns?.p50[index]
  const p95 = columns?.p95[index]
  const [runs = 0, failed = 0, flagged = 0] = [
    region.runs[index],
    region.failed[index],
    region.flagged[index],
  ]
  const value =
    typeof p50 === 'number' && typeof p95 === 'number'
      ? `${shortTime(p50)}, 95 % within ${shortTime(p95)}`
      : runs === 0
        ? 'no run'
        : 'not measured'
  const counts = [
    failed > 0 ? `${failed} of ${runs} runs failed` : '',
    flagged > 0 ? `${flagged} not counted, the probe was busy` : '',
  ]
  return { value, counts: counts.filter((text) => text !== '').join(', ') }
}
