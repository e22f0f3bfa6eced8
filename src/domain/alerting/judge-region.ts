import type { AlertRule } from '../../protocol/alert-rule.ts'
import type { Run } from '../../protocol/run.ts'

/** What one run says about its check in its region. */
export type Vote = Pick<Run, 'verdict' | 'slotAt' | 'runId' | 'startedAt' | 'durationMs'> & {
  /** When the coordinator got it; taken for in time when absent. */
  receivedAt?: number
  /** The run's times are the probe's, not the target's. */
  isFlagged?: boolean
  /** It was asked for: it is a vote, but in no window, because failures would ask for their own sample. */
  isCommanded?: boolean
}

export type RegionJudgement = {
  /** By repetition alone; one failure or one pass is unclear. */
  standing: 'failing' | 'healthy' | 'unclear'
  failuresInRow: number
  passesInRow: number
}

/**
 * Decides what a region's votes, newest first, say by themselves.
 *
 * A `probe_fault` speaks about the probe, not about the target: it neither extends nor breaks a
 * streak. `degraded` is slow or odd, but served: it counts as a pass.
 */
export function judgeRegion(rule: AlertRule, newestFirst: readonly Vote[]): RegionJudgement {
  const conclusive = newestFirst.filter(isConclusive)
  const failuresInRow = countLeading(conclusive, hasFailed)
  const passesInRow = countLeading(conclusive, (vote) => !hasFailed(vote))
  return { standing: standingOf(rule, failuresInRow, passesInRow), failuresInRow, passesInRow }
}

/** True when the vote says something about the target. */
export const isConclusive = (vote: Pick<Vote, 'verdict'>) => vote.verdict !== 'probe_fault'

export const hasFailed = (vote: Pick<Vote, 'verdict'>) => vote.verdict === 'failed'

function standingOf(
  rule: AlertRule,
  failuresInRow: number,
  passesInRow: number,
): RegionJudgement['standing'] {
  if (failuresInRow >= rule.failuresToFire) return 'failing'
  if (passesInRow >= rule.passesToResolve) return 'healthy'
  return 'unclear'
}

function countLeading(votes: readonly Vote[], isWanted: (vote: Vote) => boolean): number {
  const end = votes.findIndex((vote) => !isWanted(vote))
  return end === -1 ? votes.length : end
}
