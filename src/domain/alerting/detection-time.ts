import type { CheckDefinition } from '../../protocol/check.ts'
import type { DetectionContract, DetectionTime } from '../../protocol/detection.ts'
import { dueSlots, nextSlot } from '../../protocol/schedule.ts'
import { BEGIN_WITHIN_MS } from './confirm-failure.ts'
import { countVoices } from './count-voices.ts'

/** From the end of a run to its place in the store: spooled, sent in a batch, written. */
export const TRAVEL_MS = { worst: 2_000, expected: 200 }
/** From there to a decision: runs that come in wake the evaluation, which looks each second anyway. */
export const EVALUATION_MS = { worst: 1_000, expected: 50 }
/** From the wish to confirm a failure to the beginning of another region's run. */
const COMMAND_MS = { worst: BEGIN_WITHIN_MS, expected: 50 }

/** Instants of a cron expression that are looked at; for intervals one period says all. */
const CRON_SLOTS = 60

type Detecting = Pick<
  CheckDefinition,
  'id' | 'schedule' | 'regions' | 'timeoutMs' | 'retry' | 'alert' | 'kind'
>
type Slot = { at: number; regionId: string }

/**
 * How soon a fault that stays becomes an alert: from the interval, the regions' turns within it, the time
 * a run may take with its retries, the rows and quorum of the rule, and the way to a decision. Only
 * failures are looked at; further conditions of the rule can make it sooner, never later.
 *
 * Holds while probes and coordinator are well: a fleet that is down detects nothing.
 *
 * @param typicalRunMs what a run takes; its whole time limit when absent.
 * @param now where a cron expression is looked at from.
 * @returns undefined for jobs that call by themselves: they are late when their grace is over.
 */
export function detectionTime(
  check: Detecting,
  { typicalRunMs, now }: { typicalRunMs?: number | undefined; now: number },
): DetectionContract | undefined {
  if (check.kind === 'heartbeat') return undefined
  const { alert: rule, regions } = check
  const rowMin = Math.min(rule.failuresToFire, rule.failures?.count ?? Infinity)
  const slots = slotsOf(check, rowMin + 2, now)
  const everywhere = untilDecided(slots, (seen) => {
    const inRow = Math.max(...regions.map((region) => seen.get(region) ?? 0))
    return inRow >= rowMin || countVoices(rule, [...seen.keys()]) >= rule.regionsMin
  })
  const aloneMin = rule.regionsMin === 1 ? 1 : rowMin
  const each = regions.map((region) =>
    untilDecided(
      slots.filter(({ regionId }) => regionId === region),
      (seen) => (seen.get(region) ?? 0) >= aloneMin,
    ),
  )
  const oneRegion = {
    worstMs: Math.max(...each.map(({ worstMs }) => worstMs)),
    expectedMs: each.reduce((sum, { expectedMs }) => sum + expectedMs, 0) / each.length,
  }
  const run = runTime(check, typicalRunMs)
  const decision = {
    worst: run.worst + TRAVEL_MS.worst + EVALUATION_MS.worst,
    expected: run.expected + TRAVEL_MS.expected + EVALUATION_MS.expected,
  }
  const whole = ({ worstMs, expectedMs }: DetectionTime): DetectionTime => ({
    worstMs: Math.ceil(worstMs + decision.worst),
    expectedMs: Math.ceil(expectedMs + decision.expected),
  })
  const found = { everywhere: whole(everywhere), oneRegion: whole(oneRegion) }
  const othersDecide = rule.regionsMin > 1 && countVoices(rule, regions) >= rule.regionsMin
  if (!othersDecide) return found
  const first = untilDecided(slots, ({ size }) => size > 0)
  return {
    ...found,
    confirmedAtOnce: whole({
      // Nobody waits for an answer where the grid is quicker.
      worstMs: Math.min(everywhere.worstMs, first.worstMs + COMMAND_MS.worst + decision.worst),
      expectedMs: Math.min(
        everywhere.expectedMs,
        first.expectedMs + COMMAND_MS.expected + decision.expected,
      ),
    }),
  }
}

/** How far apart the looks at a target lie: with a fault everywhere those of all regions count. */
export function looksApartMs(
  { schedule, regions }: Pick<CheckDefinition, 'schedule' | 'regions'>,
  isEverywhere: boolean,
): number | undefined {
  if (schedule.kind !== 'interval') return undefined
  return isEverywhere ? Math.ceil(schedule.everyMs / regions.length) : schedule.everyMs
}

/** The slots of one period and of as many more as a decision may need; all regions, in order. */
function slotsOf(check: Detecting, periods: number, now: number): Slot[] {
  const { schedule } = check
  if (schedule.kind === 'interval') {
    const until = schedule.everyMs * (periods + 2)
    return merged(check, (regionId) => dueSlots(check, regionId, -1, until))
  }
  const instants: number[] = []
  let last = now
  for (let count = 0; count < CRON_SLOTS + periods; count++) {
    const slot = nextSlot(check, check.regions[0] ?? '', last)
    if (slot === undefined) break
    instants.push(slot)
    last = slot
  }
  return merged(check, () => instants)
}

const merged = ({ regions }: Detecting, of: (regionId: string) => number[]): Slot[] =>
  regions
    .flatMap((regionId) => of(regionId).map((at) => ({ at, regionId })))
    .sort((a, b) => a.at - b.at)

/**
 * Between two slots it makes no difference to the decisive run when the fault begins: the time until it
 * falls from the longest, just after the first, to the shortest. So the mean is exact.
 */
function untilDecided(
  slots: readonly Slot[],
  isDecided: (seen: ReadonlyMap<string, number>) => boolean,
): DetectionTime {
  let worstMs = 0
  let sum = 0
  let length = 0
  for (let first = 1; first < slots.length; first++) {
    const before = slots[first - 1] as Slot
    const next = slots[first] as Slot
    if (next.at === before.at) continue
    const decided = decisiveAt(slots, first, isDecided)
    // From here on the list ends before a decision.
    if (decided === undefined) break
    worstMs = Math.max(worstMs, decided - before.at)
    sum += (next.at - before.at) * (decided - (before.at + next.at) / 2)
    length += next.at - before.at
  }
  return { worstMs, expectedMs: length === 0 ? worstMs : sum / length }
}

function decisiveAt(
  slots: readonly Slot[],
  first: number,
  isDecided: (seen: ReadonlyMap<string, number>) => boolean,
): number | undefined {
  const seen = new Map<string, number>()
  for (const { at, regionId } of slots.slice(first)) {
    seen.set(regionId, (seen.get(regionId) ?? 0) + 1)
    if (isDecided(seen)) return at
  }
  return undefined
}

/** With retries; they begin only where their whole time fits before the next slot. */
function runTime({ timeoutMs, retry, schedule }: Detecting, typicalMs?: number) {
  const attempts = 1 + (retry?.times ?? 0)
  const periodMs = schedule.kind === 'interval' ? schedule.everyMs : Infinity
  const worst = Math.max(timeoutMs, Math.min(attempts * timeoutMs, periodMs))
  return { worst, expected: Math.min(worst, attempts * (typicalMs ?? timeoutMs)) }
}
