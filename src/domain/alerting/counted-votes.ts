import type { CheckDefinition } from '../../protocol/check.ts'
import { RUNS_PER_SLOT_MAX } from '../fleet/slot-accounting.ts'
import { isConclusive, type Vote } from './judge-region.ts'

/** How far ahead of ours a probe's clock may be; a slot further in the future is not believed. */
export const VOTE_SKEW_MS_MAX = 10_000

/** Time for a run to travel: spooled, sent, stored, evaluated. */
const VOTE_TRAVEL_MS = 15_000

/**
 * How long a vote counts after its slot: two slots, so that one that was skipped or is under way
 * does not silence a region, and the time that the run itself may take and travel.
 */
export function voteFreshForMs(
  check: Pick<CheckDefinition, 'timeoutMs'>,
  periodMs: number,
): number {
  return 2 * periodMs + RUNS_PER_SLOT_MAX * check.timeoutMs + VOTE_TRAVEL_MS
}

/**
 * The votes of one region that count at `now`, newest first; none when its latest conclusive vote is
 * stale, because then the region is unknown.
 *
 * A fresh vote brings the unbroken row of votes before it, however old: otherwise a rule that wants
 * ten failures could never fire. A silence longer than a vote is fresh breaks the row. The order of
 * arrival and repeated deliveries make no difference.
 */
export function countedVotes(votes: readonly Vote[], freshForMs: number, now: number): Vote[] {
  const believed = onePerSlot(votes.filter((vote) => vote.slotAt <= now + VOTE_SKEW_MS_MAX))
  const latest = believed.findIndex(isConclusive)
  const latestVote = believed[latest]
  if (!latestVote || latestVote.slotAt + freshForMs < now) return []

  const silence = believed.findIndex((vote, index) => {
    const newer = believed[index - 1]
    return index > latest && newer !== undefined && newer.slotAt - vote.slotAt > freshForMs
  })
  return silence === -1 ? believed : believed.slice(0, silence)
}

/**
 * The conclusive votes of a region that came in time, the oldest first: what came later than its vote
 * would have been fresh is history, and is in no window. Nor is what was asked for outside the grid.
 */
export function votesInTime(votes: readonly Vote[], freshForMs: number, now: number): Vote[] {
  const inTime = votes.filter(
    (vote) =>
      vote.slotAt <= now + VOTE_SKEW_MS_MAX &&
      vote.isCommanded !== true &&
      (vote.receivedAt === undefined || vote.receivedAt - vote.slotAt <= freshForMs),
  )
  return onePerSlot(inTime).filter(isConclusive).reverse()
}

/** Newest slot first; of several runs of one slot the one that started last speaks. */
function onePerSlot(votes: readonly Vote[]): Vote[] {
  const bySlot = new Map<number, Vote>()
  for (const vote of votes) {
    const other = bySlot.get(vote.slotAt)
    if (!other || isLater(vote, other)) bySlot.set(vote.slotAt, vote)
  }
  return [...bySlot.values()].sort((a, b) => b.slotAt - a.slotAt)
}

const isLater = (a: Vote, b: Vote) =>
  a.startedAt === b.startedAt ? a.runId > b.runId : a.startedAt > b.startedAt
