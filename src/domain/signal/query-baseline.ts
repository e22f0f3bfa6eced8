import { describeDuration } from '../../base/duration.ts'
import { BASELINE_WEEKS, baselineHours } from '../alerting/baseline.ts'
import type { NumberRule, Reading } from './judge-reading.ts'

/** What a query usually gives at an hour of the week. */
export type QueryBaseline = {
  /** Beginning of the hour that it is about. */
  hourAt: number
  askedAt: number
  /** Absent where too few weeks are known. */
  value?: number | undefined
  /** The hour that the value is of, where this one's could not be asked for. */
  heldFrom?: number | undefined
}

const HALF_AN_HOUR_MS = 30 * 60_000
/** One week alone may have been a strange one. */
const WEEKS_KNOWN_MIN = 2
/** What could not be learnt is asked for again after so long. */
const ASKED_AGAIN_MS = 10 * 60_000
/** What was usual that long ago says nothing any more of what is usual now. */
const HELD_MS_MAX = 6 * HALF_AN_HOUR_MS

const hourOf = (now: number) => now - (now % (2 * HALF_AN_HOUR_MS))

/** The instants that tell what is usual now: the middle of the same hour of the weeks before, in UTC. */
export const baselineInstants = (now: number): number[] =>
  baselineHours(now).map((hour) => hour + HALF_AN_HOUR_MS)

/** Whether what is known is of another hour, or not known, and may be by now. */
export function isBaselineDue(known: QueryBaseline | undefined, now: number): boolean {
  if (known?.hourAt !== hourOf(now)) return true
  const isLearnt = known.value !== undefined && known.heldFrom === undefined
  return !isLearnt && Math.abs(now - known.askedAt) >= ASKED_AGAIN_MS
}

/**
 * The median over the weeks that are known, so that a strange week is harmless. Where they could not be asked
 * for, what was usual in an hour before holds for a while: what measures fails most when much else does.
 */
export function queryBaseline(
  readings: readonly Reading[],
  now: number,
  before?: QueryBaseline,
): QueryBaseline {
  const known = readings
    .flatMap((reading) =>
      reading.kind === 'number' && reading.atLeast !== true ? [reading.value] : [],
    )
    .toSorted((a, b) => a - b)
  const at = { hourAt: hourOf(now), askedAt: now }
  if (known.length < WEEKS_KNOWN_MIN) {
    const heldFrom = before?.heldFrom ?? before?.hourAt ?? 0
    const isHeld =
      before?.value !== undefined &&
      at.hourAt - heldFrom <= HELD_MS_MAX &&
      readings.some(({ kind }) => kind === 'unknown')
    return isHeld ? { ...at, value: before.value, heldFrom } : at
  }
  const [low = 0, high = 0] = [known[(known.length - 1) >> 1], known[known.length >> 1]]
  return { ...at, value: (low + high) / 2 }
}

type Limits = Pick<NumberRule, 'above' | 'below'> & { timesBaseline?: number | undefined }

/**
 * The limits that hold now: with a baseline a number is bad when it is above its limit and above so many
 * times what is usual, so that where nothing is usual one line is not too many.
 *
 * @returns undefined while what is usual is not known: then nothing is judged.
 */
export function limitsNow<L extends Limits>(
  limits: L,
  baseline: QueryBaseline | undefined,
): L | undefined {
  const { above, timesBaseline } = limits
  if (timesBaseline === undefined) return limits
  if (baseline?.value === undefined) return undefined
  const usual = Number((timesBaseline * baseline.value).toPrecision(4))
  return { ...limits, above: Math.max(above ?? usual, usual) }
}

/** `usual at this hour is 0.002` or why that is not known. */
export function baselineWords(baseline: QueryBaseline | undefined): string {
  const again = `asked again after ${describeDuration(ASKED_AGAIN_MS)}`
  if (baseline?.value === undefined)
    return `what is usual is not known: of the last ${BASELINE_WEEKS} weeks fewer than ${WEEKS_KNOWN_MIN} gave a number; ${again}`
  const value = Number(baseline.value.toPrecision(3))
  if (baseline.heldFrom === undefined) return `usual at this hour of the week is ${value}`
  const ago = describeDuration(baseline.hourAt - baseline.heldFrom)
  return `usual ${ago} before this hour of the week is ${value}; this hour's could not be asked for, and is ${again}`
}
