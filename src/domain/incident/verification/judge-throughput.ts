import type { GateCondition } from '../../../protocol/verification.ts'
import { percentile } from '../../measurement/percentile.ts'
import type { Reading } from '../../signal/judge-reading.ts'

/** One reading may be a quiet minute; so many are how it goes. */
export const THROUGHPUT_READINGS_MIN = 3
/** Of more than these the oldest say nothing of now. */
export const THROUGHPUT_READINGS_MAX = 5

/** How much of its work a service does, beside what it did at the same hour of last week. */
export type ServiceThroughput = {
  serviceId: string
  /** Of the query that counts it. */
  name: string
  /** Least share of last week's. */
  shareMin: number
  /** While nobody knows it, the incident is not restored. */
  isRequired: boolean
  /** Since the incident is clean, oldest first. */
  readings: readonly Reading[]
  /** Readings of the same hour of last week; none where it was not asked yet. */
  lastWeek: readonly Reading[]
}

/**
 * Says whether the services of an incident do as much of their work again as at the same hour of last
 * week: an outage may be over for probes while customers stay away, or never reach what probes look at.
 *
 * Unknown is said to be unknown, and holds the door only where the service requires to know.
 */
export function judgeThroughput(services: readonly ServiceThroughput[]): GateCondition {
  const name = 'throughput'
  if (services.length === 0)
    return { name, state: 'not_needed', reason: 'the service declares none' }
  const judged = services.map(judgeService)
  for (const state of ['broken', 'waiting', 'unknown'] as const) {
    const first = judged.find((one) => one.state === state)
    if (first) return { name, ...first }
  }
  return { name, state: 'met', reason: judged.map(({ reason }) => reason).join('; ') }
}

type Judged = { state: 'met' | 'broken' | 'waiting' | 'unknown'; reason: string }

function judgeService(service: ServiceThroughput): Judged {
  const { name, shareMin, isRequired, lastWeek } = service
  const unknown = (reason: string): Judged => ({
    state: isRequired ? 'waiting' : 'unknown',
    reason: `${name}: ${reason}`,
  })
  const before = numbersOf(lastWeek)
  // What counting stopped at a limit for is that much or more: no share of it can be told.
  if (lastWeek.some((reading) => reading.kind === 'number' && reading.atLeast === true))
    return unknown('last week it was more than was counted')
  const usual = median(before)
  if (usual === undefined)
    return unknown(`the same hour of last week is not known${because(lastWeek)}`)
  if (usual <= 0) return unknown('there was none at this hour of last week')

  const readings = service.readings.slice(-THROUGHPUT_READINGS_MAX)
  const numbers = numbersOf(readings)
  const current = median(numbers)
  if (current === undefined || numbers.length < THROUGHPUT_READINGS_MIN)
    return unknown(
      `${numbers.length} of ${THROUGHPUT_READINGS_MIN} readings since it is clean${because(readings)}`,
    )
  const share = current / usual
  const words = `${name} is ${short(current)}, ${percent(share)} of the ${short(usual)} of this hour last week`
  if (share >= shareMin) return { state: 'met', reason: words }
  if (readings.some((reading) => reading.kind === 'number' && reading.atLeast === true))
    return unknown('it is more than was counted')
  return { state: 'broken', reason: `${words}; at least ${percent(shareMin)} is asked for` }
}

const numbersOf = (readings: readonly Reading[]): number[] =>
  readings.flatMap((reading) => (reading.kind === 'number' ? [reading.value] : []))

/** Why the last one is no number, where it is none. */
function because(readings: readonly Reading[]): string {
  const last = readings.at(-1)
  return last === undefined || last.kind === 'number' ? '' : `: ${last.reason}`
}

const median = (values: readonly number[]): number | undefined =>
  values.length === 0
    ? undefined
    : percentile(
        values.toSorted((a, b) => a - b),
        0.5,
      )

const short = (value: number) => String(Number(value.toPrecision(3)))
const percent = (share: number) => `${Math.round(share * 100)} %`
