import type { Tally } from '../../protocol/objective.ts'
import { TRAFFIC_SPAN_MS } from '../../protocol/traffic-span.ts'

/**
 * Requests of users, counted by another system in spans of five minutes:
 *
 *     due → counted    it said how many were good, and how many there were
 *     due → unknown    it has nothing of that time: a gap in what it collects
 *     unknown → counted    it has got it since
 *
 * What was counted stays. A span that could not be asked about is still due.
 */
export type TrafficSpan = Tally & { bucketAt: number }

/** What was collected up to an instant can be asked for a little later. */
const SETTLED_AFTER_MS = 30_000
/** A span that was unknown is asked for again for so long. */
const ASKED_AGAIN_MS = 60 * 60_000
/** Good may be this much more than all, because both are estimated between two scrapes. */
const GOOD_EXCESS = 1.05
const GOOD_EXCESS_COUNT = 1

/** The beginning of the span in which an instant lies. */
export const spanAt = (instant: number): number =>
  Math.max(0, instant - (instant % TRAFFIC_SPAN_MS))

/** Spans up to here can be counted. */
export const countableUntil = (now: number): number => spanAt(now - SETTLED_AFTER_MS)

/**
 * Which spans are asked for next: those since the last that was counted, from where a gap may have been
 * filled in the meantime, and no more than `spansMax`.
 *
 * @param gaps spans that are unknown.
 * @returns undefined when none is due.
 */
export function trafficDue(input: {
  countedUntil: number
  gaps: readonly number[]
  now: number
  spansMax: number
}): { from: number; until: number } | undefined {
  const { countedUntil, gaps, now, spansMax } = input
  const until = countableUntil(now)
  if (countedUntil >= until) return undefined
  const recent = gaps.filter((bucketAt) => bucketAt >= now - ASKED_AGAIN_MS)
  const from = Math.min(countedUntil, ...recent)
  return { from, until: Math.min(until, from + spansMax * TRAFFIC_SPAN_MS) }
}

/** Numbers by the end of their span. */
export type CountsByEnd = ReadonlyMap<number, number>

/**
 * What the spans of a time are, by what was answered about them and what was known before. A span
 * without a number, and one with more good than all, is unknown, never good. Before the first number
 * that there ever was nothing was collected: those spans are none.
 */
export function trafficSpans(input: {
  from: number
  until: number
  good: CountsByEnd
  total: CountsByEnd
  known: readonly TrafficSpan[]
  /** Something was counted before `from`. */
  hasBegun: boolean
}): TrafficSpan[] {
  const { from, until, good, total } = input
  const known = new Map(input.known.map((span) => [span.bucketAt, span]))
  let { hasBegun } = input
  const spans: TrafficSpan[] = []
  for (let bucketAt = from; bucketAt < until; bucketAt += TRAFFIC_SPAN_MS) {
    const end = bucketAt + TRAFFIC_SPAN_MS
    const before = known.get(bucketAt)
    const tally =
      before && before.unknown === 0 ? before : trafficTally(good.get(end), total.get(end))
    hasBegun ||= tally.unknown === 0
    if (hasBegun) spans.push({ ...tally, bucketAt })
  }
  return spans
}

const UNKNOWN: Tally = { good: 0, bad: 0, unknown: 1 }

/** One span. Where nobody came, there is nothing that could be good or bad, and that is known. */
function trafficTally(good: number | undefined, total: number | undefined): Tally {
  if (total === undefined || !isCount(total)) return UNKNOWN
  const all = Math.round(total)
  if (all === 0) return { good: 0, bad: 0, unknown: 0 }
  if (good === undefined || !isCount(good) || good > total * GOOD_EXCESS + GOOD_EXCESS_COUNT)
    return UNKNOWN
  const bad = Math.min(all, Math.round(Math.max(0, total - good)))
  return { good: all - bad, bad, unknown: 0 }
}

const isCount = (value: number) => value >= 0 && value <= Number.MAX_SAFE_INTEGER

/** The newest span in which more was bad than the target allows; some always is, of much traffic. */
export const lastBurningSpan = (
  spans: readonly TrafficSpan[],
  { target }: { target: number },
): number | undefined =>
  spans.findLast(({ good, bad }) => bad > 0 && bad / (good + bad) > 1 - target)?.bucketAt
