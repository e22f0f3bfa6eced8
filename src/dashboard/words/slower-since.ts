import type { Latency } from '../../protocol/public-api.ts'
import { PHASE_ORDER, phaseWord } from './phase-words.ts'
import { shortTime } from './quantity.ts'
import { axisTime } from './time-words.ts'

/** Slower than before by less than this, or by less than half, is noise. */
const RISE_MS_MIN = 20
const RISE_FACTOR_MIN = 1.5
/** Buckets in a row, up to now, that make it more than an outlier. */
const STRETCH_MIN = 3

export type Slowdown = {
  phase: string
  regionId: string
  /** Start of the first slow bucket. */
  since: number
  beforeMs: number
  nowMs: number
}

/** The phase that got slower most in each region and still is, the worst first. */
export function slowdowns(latency: Latency): Slowdown[] {
  return latency.regions
    .flatMap((region) => {
      const found = PHASE_ORDER.flatMap((phase) => {
        const rise = riseOf(region.phases[phase]?.p50 ?? [])
        if (!rise) return []
        const since = latency.since + rise.from * latency.bucketMs
        const { beforeMs, nowMs } = rise
        return [{ phase, regionId: region.regionId, since, beforeMs, nowMs }]
      })
      return found.toSorted(byRise).slice(0, 1)
    })
    .toSorted(byRise)
}

const byRise = (a: Slowdown, b: Slowdown) => b.nowMs - b.beforeMs - (a.nowMs - a.beforeMs)

/** The stretch at the end that is clearly above what came before it. */
function riseOf(
  values: readonly (number | null)[],
): { from: number; beforeMs: number; nowMs: number } | undefined {
  const measured = values.flatMap((ms, index) => (ms === null ? [] : [{ ms, index }]))
  const calm = median(measured.slice(0, Math.ceil(measured.length / 2)).map(({ ms }) => ms))
  if (calm === undefined) return undefined
  const limit = Math.max(calm * RISE_FACTOR_MIN, calm + RISE_MS_MIN)
  const lastCalm = measured.findLastIndex(({ ms }) => ms <= limit)
  const stretch = measured.slice(lastCalm + 1)
  const before = median(measured.slice(0, lastCalm + 1).map(({ ms }) => ms))
  const now = median(stretch.map(({ ms }) => ms))
  const [first] = stretch
  if (!first || before === undefined || now === undefined) return undefined
  if (stretch.length < STRETCH_MIN) return undefined
  return { from: first.index, beforeMs: before, nowMs: now }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

/** `First byte is slower in eu-west since 14:10: 42 ms before, 640 ms now.` */
export function slowerSentence(latency: Latency, timeZone?: string): string {
  if (latency.regions.every(({ runs }) => runs.every((amount) => amount === 0)))
    return 'Nothing ran in this time.'
  const found = slowdowns(latency)
  if (found.length === 0) return 'No phase is clearly slower than before in this time.'
  return found
    .map(({ phase, regionId, since, beforeMs, nowMs }) => {
      const word = phaseWord(phase)
      const name = word.charAt(0).toUpperCase() + word.slice(1)
      const when = axisTime(since, latency.bucketMs, timeZone)
      return `${name} is slower in ${regionId} since ${when}: ${shortTime(beforeMs)} before, ${shortTime(nowMs)} now.`
    })
    .join(' ')
}
