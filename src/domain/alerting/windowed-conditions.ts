import { describeDuration, formatDuration } from '../../base/duration.ts'
import type { LatencyRule, RatioRule } from '../../protocol/alert-rule.ts'
import { percentile } from '../measurement/percentile.ts'
import type { AlertView, Condition, ConditionOutcome, RegionVote } from './condition.ts'
import { hasFailed } from './judge-region.ts'
import { type Sample, watchWindow } from './watch-window.ts'

/**
 * Conditions over all runs of a stretch of time, of all regions together. Both are one: so many of so
 * many samples are bad. A percentile is above a limit exactly when too few samples are below it.
 */

/** The share of failed runs. */
export const ratio: Condition = (view) => {
  const { ratio: rule } = view.rule
  if (!rule) return undefined
  return judgeWindow(view, {
    name: 'ratio',
    rule,
    votes: view.inTime,
    isBad: hasFailed,
    isTooMuch: (count, bad) => bad > rule.above * count,
    explain: (votes) => {
      const bad = votes.filter(hasFailed).length
      const is = `${share(bad / Math.max(1, votes.length))} of the runs of the last ${formatDuration(rule.withinMs)} failed (${bad} of ${votes.length})`
      return `${is}; the limit is ${share(rule.above)}`
    },
  })
}

/** A percentile of the times that are the target's; a failed run's time says how long we waited. */
export const latency: Condition = (view) => {
  const { latency: rule } = view.rule
  if (!rule) return undefined
  const limitMs = limitOf(rule, view.baselineMs)
  if (limitMs === undefined)
    return {
      name: 'latency',
      state: 'unproven',
      reason:
        'what is usual at this hour of the week is not known yet: too few runs in the last four weeks',
      regions: [],
      evidence: [],
    }
  return judgeWindow(view, {
    name: 'latency',
    rule,
    votes: view.inTime.filter((vote) => !hasFailed(vote) && vote.isFlagged !== true),
    isBad: (vote) => vote.durationMs > limitMs,
    isTooMuch: (count, bad) => count - bad < Math.ceil(count * rule.percentile),
    explain: (votes) => {
      const times = votes.map((vote) => vote.durationMs).toSorted((a, b) => a - b)
      const value =
        times.length === 0 ? 'unknown' : describeDuration(percentile(times, rule.percentile))
      return `p${round(rule.percentile * 100)} of the last ${formatDuration(rule.withinMs)} is ${value} (${votes.length} runs); the limit is ${describeLimit(rule, limitMs)}`
    },
  })
}

function limitOf({ above }: LatencyRule, baselineMs: number | undefined): number | undefined {
  if (above.kind === 'limit') return above.ms
  return baselineMs === undefined ? undefined : above.times * baselineMs
}

const describeLimit = ({ above }: LatencyRule, limitMs: number) =>
  above.kind === 'limit'
    ? describeDuration(limitMs)
    : `${describeDuration(limitMs)}, ${above.times} times what is usual at this hour of the week`

type Windowed = {
  name: 'ratio' | 'latency'
  rule: Pick<RatioRule, 'withinMs' | 'forMs' | 'samplesMin'>
  votes: readonly RegionVote[]
  isBad(vote: RegionVote): boolean
  isTooMuch(count: number, bad: number): boolean
  explain(votes: readonly RegionVote[]): string
}

function judgeWindow(
  { standings, now }: AlertView,
  { name, rule, votes, isBad, isTooMuch, explain }: Windowed,
): ConditionOutcome {
  const samples: Sample[] = votes.map((vote) => ({
    at: Math.min(vote.slotAt, now),
    isBad: isBad(vote),
  }))
  const { count, since, changesAt } = watchWindow(samples, { ...rule, isTooMuch, now })
  const inWindow = votes.filter((vote) => Math.min(vote.slotAt, now) > now - rule.withinMs)
  const quiet = { name, regions: [], evidence: [], ...(changesAt !== undefined && { changesAt }) }
  // Old failures alone are history, whatever their share.
  if (standings.every((region) => region.now === 'unknown'))
    return { ...quiet, state: 'unproven', reason: 'no fresh run from any region' }
  if (count < rule.samplesMin)
    return {
      ...quiet,
      state: 'unproven',
      reason: `${count} runs in the last ${formatDuration(rule.withinMs)} are too few to say: ${rule.samplesMin} are needed`,
    }
  const reason = explain(inWindow)
  if (since === undefined) return { ...quiet, state: 'healthy', reason }
  if (now - since < rule.forMs)
    return {
      ...quiet,
      state: 'pending',
      reason: `${reason}, for ${describeDuration(now - since)} of ${formatDuration(rule.forMs)}`,
    }

  const regions = standings
    .map(({ regionId }) => regionId)
    .filter((regionId) => {
      const own = inWindow.filter((vote) => vote.regionId === regionId)
      return own.length > 0 && isTooMuch(own.length, own.filter(isBad).length)
    })
  const bad = inWindow.filter((vote) => isBad(vote) && regions.includes(vote.regionId))
  return {
    ...quiet,
    state: 'fires',
    reason: rule.forMs === 0 ? reason : `${reason}, for ${formatDuration(rule.forMs)} and longer`,
    regions,
    evidence: regions.flatMap((id) => bad.findLast((vote) => vote.regionId === id) ?? []),
    badSince: Math.min(...bad.map((vote) => vote.startedAt)),
  }
}

const round = (value: number) => Math.round(value * 100) / 100
const share = (value: number) => `${round(value * 100)}%`
