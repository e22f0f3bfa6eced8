import { describeDuration } from '../../base/duration.ts'
import type { Objective, Tally } from '../../protocol/objective.ts'
import { TRAFFIC_SPAN_MS } from '../../protocol/traffic-span.ts'
import { BURN_WINDOWS, type BurnWindow, badRatioToFire, burnRateOf } from './burn-windows.ts'
import { burnRate, exhaustionWords } from './error-budget.ts'

/**
 * The states of an objective's alert:
 *
 *     quiet   → burning   a pair of windows burns, with enough failures from enough regions
 *     burning → quiet     no pair burns any more, and fresh runs prove it
 *     any     → blind     too much of the long window is unknown, or nothing ran: nothing can be said
 */
export type BurnState = 'quiet' | 'burning' | 'blind'

/** Fewer failures than these are no trend: at one run a minute a single one exceeds 99.9 %. */
export const BURN_BAD_MIN = 3
/** Of requests that many fail any day: a single customer who tries again makes three. */
export const BURN_BAD_REQUESTS_MIN = 10
/** A region alone may be its own trouble. */
export const BURN_REGIONS_MIN = 2
/** More of a window unknown than this, and its ratio says nothing. */
export const UNKNOWN_SHARE_MAX = 0.2

export type WindowTally = Tally & {
  /** Regions that a bad run came from. */
  badRegions: readonly string[]
}

export type BurnInput = {
  objective: Pick<Objective, 'target' | 'periodMs' | 'traffic'>
  /** Regions that look at the objective's checks; 0 of traffic, which comes from everywhere. */
  regions: number
  state: BurnState
  /** What came within so many milliseconds up to now. */
  tally(windowMs: number): WindowTally
  /** Share of the period's budget that is spent, when it is known. */
  spentShare: number | undefined
}

export type BurnDecision = {
  state: BurnState
  /** Of the fastest pair that burns. */
  window?: BurnWindow | undefined
  /** In its long window. */
  burn?: number
  /** Regions that bad runs came from. */
  regions: string[]
  reason: string
}

/** Decides whether an objective's budget burns too fast, and how fast. */
export function evaluateBurn(input: BurnInput): BurnDecision {
  const { objective } = input
  const looks = BURN_WINDOWS.map((window) => look(input, window))
  const burning = looks.find(({ verdict }) => verdict === 'burns')
  if (burning) return burns(input, burning)

  const blind = looks.find(({ verdict }) => verdict === 'blind')
  if (blind)
    return {
      state: 'blind',
      regions: [],
      reason: `${unknownWords(objective, blind)} within ${describeDuration(blind.window.longMs)} say nothing: whether the budget burns is unknown`,
    }
  if (looks.every(({ long }) => long.good + long.bad === 0))
    return {
      state: 'blind',
      regions: [],
      reason: `no ${objective.traffic ? 'request' : 'run'} within three days`,
    }
  if (input.state === 'burning' && !hasProof(input))
    return {
      state: 'burning',
      regions: [],
      reason: `no fresh ${objective.traffic ? 'request' : 'run'} since: silence is no proof that it stopped`,
    }
  return { state: 'quiet', regions: [], reason: quietWords(input, looks) }
}

type Look = {
  window: BurnWindow
  long: WindowTally
  verdict: 'burns' | 'calm' | 'blind' | 'too_few'
}

function look({ objective, regions, tally }: BurnInput, window: BurnWindow): Look {
  const limit = badRatioToFire(window, objective)
  const long = tally(window.longMs)
  const doesBurn = exceeds(long, limit) && exceeds(tally(window.shortMs), limit)
  if (isBlind(objective, window, long)) return { window, long, verdict: 'blind' }
  if (!doesBurn) return { window, long, verdict: 'calm' }
  const badMin = objective.traffic ? BURN_BAD_REQUESTS_MIN : BURN_BAD_MIN
  const isEnough =
    long.bad >= badMin && long.badRegions.length >= Math.min(BURN_REGIONS_MIN, regions)
  return { window, long, verdict: isEnough ? 'burns' : 'too_few' }
}

const exceeds = ({ good, bad }: Tally, limit: number) =>
  good + bad > 0 && bad / (good + bad) > limit

function isBlind(
  objective: BurnInput['objective'],
  window: BurnWindow,
  { good, bad, unknown }: Tally,
): boolean {
  // Of traffic it is time that is unknown: how much came in it nobody knows.
  const all = objective.traffic ? spansOf(window) : good + bad + unknown
  return unknown > 0 && unknown / all > UNKNOWN_SHARE_MAX
}

const spansOf = ({ longMs }: BurnWindow) => longMs / TRAFFIC_SPAN_MS

/** Something fresh in the shortest window, and not all of it bad. */
function hasProof({ tally }: BurnInput): boolean {
  const [fastest] = BURN_WINDOWS
  return fastest !== undefined && tally(fastest.shortMs).good > 0
}

function burns({ objective, spentShare }: BurnInput, { window, long }: Look): BurnDecision {
  const burn = burnRate(objective, long) ?? 0
  const limit = burnRateOf(window, objective.periodMs)
  const windows = `${describeDuration(window.longMs)} and ${describeDuration(window.shortMs)}`
  const rest = spentShare === undefined ? '' : `; ${exhaustionWords(objective, spentShare, burn)}`
  return {
    state: 'burning',
    window,
    burn,
    regions: [...long.badRegions],
    reason: `${ratioWords(objective, long)} were bad within ${describeDuration(window.longMs)}: the budget burns ${shortNumber(burn)} times as fast as it may, over ${shortNumber(limit)} in ${windows}${rest}`,
  }
}

function quietWords({ objective }: BurnInput, looks: readonly Look[]): string {
  const few = looks.find(({ verdict }) => verdict === 'too_few')
  if (few)
    return `${ratioWords(objective, few.long)} were bad within ${describeDuration(few.window.longMs)}, too few${objective.traffic ? '' : ', or from too few regions,'} to be a trend`
  const [fastest] = looks
  const burn = fastest && burnRate(objective, fastest.long)
  return burn === undefined
    ? `no ${objective.traffic ? 'request' : 'run'} within the last hour, and none bad before`
    : `the budget burns ${shortNumber(burn)} times as fast as it may, within ${describeDuration(fastest?.window.longMs ?? 0)}`
}

const ratioWords = ({ traffic }: BurnInput['objective'], { good, bad }: Tally) =>
  `${bad} of ${good + bad} ${traffic ? 'requests' : 'runs'}`
const unknownWords = ({ traffic }: BurnInput['objective'], { window, long }: Look) => {
  const { good, bad, unknown } = long
  return traffic
    ? `${unknown} of ${spansOf(window)} spans of five minutes`
    : `${unknown} of ${good + bad + unknown} slots`
}

/** Two digits are enough to act on. */
const shortNumber = (value: number) => (value >= 10 ? value.toFixed(0) : value.toFixed(1))
