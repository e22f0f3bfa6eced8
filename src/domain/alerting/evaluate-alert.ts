import type { CheckDefinition } from '../../protocol/check.ts'
import type { RegionId } from '../../protocol/ids.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import { VOTE_SKEW_MS_MAX } from './counted-votes.ts'
import {
  explainFailure,
  explainMissingProof,
  explainPending,
  explainProof,
  explainQuiet,
} from './explain-alert.ts'
import type { Vote } from './judge-region.ts'
import { type RegionStanding, scopeOf, weighRegions } from './weigh-regions.ts'

/**
 * The states of an alert:
 *
 *     quiet   → pending   a region fails, but nothing confirms it
 *     pending → quiet     no region fails any more
 *     quiet, pending → firing    confirmed, by other regions or by repetition (`fire`)
 *     firing  → firing    wider or narrower (`update`)
 *     firing  → quiet     proven healthy, never by silence (`resolve`)
 */

export type AlertInput = {
  check: Pick<CheckDefinition, 'name' | 'alert' | 'regions'>
  alert: AlertStatus
  /** In any order, of any age, with or without repetitions. */
  votesByRegion: ReadonlyMap<RegionId, readonly Vote[]>
  /** From `voteFreshForMs`. */
  freshForMs: number
  now: number
}

export type AlertDecision = {
  kind: 'hold' | 'fire' | 'update' | 'resolve'
  /** To be saved whatever the kind; `reason` says why, in words. */
  next: AlertStatus
  /** With `fire` and `update`: it fails in more regions, or in a wider scope, than was known. */
  widened: boolean
  /** The regions that the alert is about: they failed, and are not proven healthy yet. */
  regions: RegionId[]
  /** The latest failed vote of each of them that fails at this moment. */
  evidence: { regionId: RegionId; vote: Vote }[]
  /** Start of the first failure in those rows of failures. */
  badSince?: number
}

/**
 * Decides what an alert does next. Regions that fail at the same time confirm each other; one region
 * alone must fail repeatedly.
 *
 * A silent region is unknown, never healthy: an alert ends on proof of health. Otherwise a network
 * split that hides the target would also close its incident.
 */
export function evaluateAlert(input: AlertInput): AlertDecision {
  const { check, alert, votesByRegion, freshForMs, now } = input
  const standings = weighRegions(check.alert, check.regions, votesByRegion, freshForMs, now)
  return alert.state === 'firing' ? whileFiring(input, standings) : whileQuiet(input, standings)
}

/**
 * When to evaluate again although no run came in: as soon as a vote goes stale, or a slot ahead of
 * our clock becomes believable. Undefined when time alone can change nothing.
 */
export function nextEvaluationAt(
  input: Pick<AlertInput, 'check' | 'votesByRegion' | 'freshForMs' | 'now'>,
): number | undefined {
  const { check, votesByRegion, freshForMs, now } = input
  const changes: number[] = []
  for (const region of weighRegions(check.alert, check.regions, votesByRegion, freshForMs, now)) {
    if (region.latest) changes.push(region.latest.slotAt + freshForMs + 1)
    for (const vote of votesByRegion.get(region.regionId) ?? [])
      if (vote.slotAt - VOTE_SKEW_MS_MAX > now) changes.push(vote.slotAt - VOTE_SKEW_MS_MAX)
  }
  return changes.length === 0 ? undefined : Math.min(...changes)
}

type Standings = readonly RegionStanding[]

function whileQuiet({ check, alert, now }: AlertInput, standings: Standings): AlertDecision {
  const failing = idsOf(standings, 'failing')
  const passing = idsOf(standings, 'passing')
  const state = isConfirmed(check, standings) ? 'firing' : failing.length > 0 ? 'pending' : 'quiet'
  const explain = {
    firing: () => explainFailure(check.alert, standings),
    pending: () => explainPending(standings),
    quiet: () => explainQuiet(standings),
  }
  const next: AlertStatus = {
    ...observed(standings),
    state,
    since: state === alert.state ? alert.since : now,
    scope: state === 'quiet' ? 'unknown' : scopeOf(failing, passing, check),
    reason: explain[state](),
    ...(state === 'firing' && { implicated: failing }),
  }
  const isFiring = state === 'firing'
  return {
    kind: isFiring ? 'fire' : 'hold',
    next,
    widened: isFiring,
    ...proofOfFailure(standings, isFiring ? failing : [], now),
  }
}

function whileFiring({ check, alert, now }: AlertInput, standings: Standings): AlertDecision {
  const before = known(check.regions, alert.implicated ?? alert.failing)
  const implicated = implicatedNow(check, before, standings)
  if (isProvenHealthy(check, before, standings)) {
    const reason = explainProof(check.alert, standings)
    const next = { ...observed(standings), state: 'quiet', since: now, scope: 'unknown' } as const
    return { kind: 'resolve', next: { ...next, reason }, widened: false, regions: [], evidence: [] }
  }

  const widened = implicated.some((region) => !before.includes(region))
  const passing = idsOf(standings, 'passing').filter((region) => !implicated.includes(region))
  const scope = nextScope(alert.scope, scopeOf(implicated, passing, check), widened)
  const isChanged = widened || implicated.length < before.length || scope !== alert.scope
  const isFailing = standings.some((region) => region.now === 'failing')
  const next: AlertStatus = {
    ...observed(standings),
    state: 'firing',
    since: alert.since,
    scope,
    reason: isFailing
      ? explainFailure(check.alert, standings)
      : explainMissingProof(check.alert, standings, before),
    implicated,
  }
  return {
    kind: isChanged ? 'update' : 'hold',
    next,
    widened,
    ...proofOfFailure(standings, implicated, now),
  }
}

/** Several regions fail at once, or one of them again and again. */
function isConfirmed(check: AlertInput['check'], standings: Standings): boolean {
  return (
    idsOf(standings, 'failing').length >= check.alert.regionsMin ||
    standings.some((region) => region.standing === 'failing')
  )
}

/**
 * Regions leave the alert one by one, each by its own proof of health, and join it when they fail
 * beside one that is in it. A single failure somewhere else, while the others recover, is noise.
 */
function implicatedNow(
  check: AlertInput['check'],
  before: readonly RegionId[],
  standings: Standings,
): RegionId[] {
  const failing = idsOf(standings, 'failing')
  const doJoin = isConfirmed(check, standings) || failing.some((region) => before.includes(region))
  const implicated = standings.filter(
    ({ regionId, standing, now }) =>
      (before.includes(regionId) && standing !== 'healthy') || (doJoin && now === 'failing'),
  )
  // An alert about no region would say nothing: the last ones stay until it ends.
  return implicated.length > 0 ? implicated.map((region) => region.regionId) : [...before]
}

function isProvenHealthy(
  check: AlertInput['check'],
  implicated: readonly RegionId[],
  standings: Standings,
): boolean {
  const healthy = standings.filter((region) => region.standing === 'healthy')
  const isEachProven = standings.every(
    ({ regionId, standing, now }) =>
      standing === 'healthy' || (now === 'unknown' && !implicated.includes(regionId)),
  )
  return isEachProven && healthy.length >= Math.min(check.alert.regionsMin, check.regions.length)
}

/** What other regions no longer tell does not change the scope: silence neither widens nor narrows. */
function nextScope(
  before: AlertStatus['scope'],
  computed: AlertStatus['scope'],
  widened: boolean,
): AlertStatus['scope'] {
  if (computed === 'unknown') return before
  if (computed === 'global' && !widened) return before
  return computed
}

function observed(standings: Standings): Pick<AlertStatus, 'failing' | 'healthy' | 'unknown'> {
  return {
    failing: idsOf(standings, 'failing'),
    healthy: idsOf(standings, 'passing'),
    unknown: idsOf(standings, 'unknown'),
  }
}

function proofOfFailure(
  standings: Standings,
  regions: RegionId[],
  now: number,
): Pick<AlertDecision, 'regions' | 'evidence' | 'badSince'> {
  const failing = standings.filter(
    (region) => region.now === 'failing' && regions.includes(region.regionId),
  )
  const evidence = failing.flatMap(({ regionId, latest }) =>
    latest ? [{ regionId, vote: latest }] : [],
  )
  const starts = failing.flatMap(({ firstFailure }) =>
    firstFailure ? [firstFailure.startedAt] : [],
  )
  return {
    regions,
    evidence,
    ...(starts.length > 0 && { badSince: Math.min(now, ...starts) }),
  }
}

const idsOf = (standings: Standings, now: RegionStanding['now']) =>
  standings.filter((region) => region.now === now).map((region) => region.regionId)

/** In the check's order, without regions that it no longer has. */
const known = (regions: readonly RegionId[], some: readonly RegionId[]) =>
  regions.filter((region) => some.includes(region))
