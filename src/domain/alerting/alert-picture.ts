import type { RegionId } from '../../protocol/ids.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import type { AlertDecision, AlertInput } from './alert-decision.ts'
import type { AlertView, ConditionOutcome } from './condition.ts'
import { votesInTime } from './counted-votes.ts'
import { judgeConditions } from './judge-conditions.ts'
import type { Vote } from './judge-region.ts'
import { type RegionStanding, weighRegions } from './weigh-regions.ts'

/** What the votes say at an instant: of each region, and of each condition of the rule. */
export type Picture = {
  standings: readonly RegionStanding[]
  outcomes: readonly ConditionOutcome[]
}

export function pictureOf({
  check,
  votesByRegion,
  freshForMs,
  baselineMs,
  now,
}: Omit<AlertInput, 'alert'>): Picture {
  const { alert: rule, regions } = check
  const standings = weighRegions(rule, regions, votesByRegion, freshForMs, now)
  const needsWindow = rule.ratio !== undefined || rule.latency !== undefined
  const inTime = needsWindow
    ? regions
        .flatMap((regionId) =>
          votesInTime(votesByRegion.get(regionId) ?? [], freshForMs, now).map((vote) => ({
            ...vote,
            regionId,
          })),
        )
        .sort((a, b) => a.slotAt - b.slotAt)
    : []
  const view: AlertView = { rule, standings, inTime, baselineMs, now }
  return { standings, outcomes: judgeConditions(view) }
}

/** The part of an alert's status that is seen, whatever is decided. */
export function observed({
  standings,
  outcomes,
}: Picture): Pick<AlertStatus, 'failing' | 'healthy' | 'unknown' | 'conditions' | 'votes'> {
  return {
    failing: idsOf(standings, 'failing'),
    healthy: idsOf(standings, 'passing'),
    unknown: idsOf(standings, 'unknown'),
    conditions: outcomes.map(({ name, state, reason }) => ({ name, state, reason })),
    votes: standings.flatMap(({ regionId, latest, failuresInRow, passesInRow }) =>
      latest
        ? {
            regionId,
            runId: latest.runId,
            slotAt: latest.slotAt,
            verdict: latest.verdict,
            inRow: Math.max(failuresInRow, passesInRow),
          }
        : [],
    ),
  }
}

/** The votes that show what is wrong in the regions that an alert is about. */
export function proofOfFailure(
  { standings, outcomes }: Picture,
  regions: RegionId[],
  now: number,
): Pick<AlertDecision, 'regions' | 'evidence' | 'badSince'> {
  const evidence = new Map<RegionId, Vote>()
  const starts: number[] = []
  for (const { regionId, now: word, latest, firstFailure } of standings) {
    if (word !== 'failing' || !regions.includes(regionId)) continue
    if (latest) evidence.set(regionId, latest)
    if (firstFailure) starts.push(firstFailure.startedAt)
  }
  const further = outcomes.filter((outcome) => outcome.state === 'fires')
  for (const outcome of regions.length === 0 ? [] : further) {
    for (const { regionId, ...vote } of outcome.evidence)
      if (!evidence.has(regionId)) evidence.set(regionId, vote)
    if (outcome.badSince !== undefined) starts.push(outcome.badSince)
  }
  return {
    regions,
    evidence: regions.flatMap((regionId) => {
      const vote = evidence.get(regionId)
      return vote ? [{ regionId, vote }] : []
    }),
    ...(starts.length > 0 && { badSince: Math.min(now, ...starts) }),
  }
}

/** The regions of which the latest conclusive vote says so, in the check's order. */
export const idsOf = (standings: Picture['standings'], now: RegionStanding['now']) =>
  standings.filter((region) => region.now === now).map((region) => region.regionId)
