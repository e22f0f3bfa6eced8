import type { ConditionName } from '../../protocol/alert-rule.ts'
import type { RegionId } from '../../protocol/ids.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import type { AlertDecision, AlertInput } from './alert-decision.ts'
import { idsOf, observed, type Picture, pictureOf, proofOfFailure } from './alert-picture.ts'
import type { ConditionOutcome } from './condition.ts'
import { countVoices } from './count-voices.ts'
import { VOTE_SKEW_MS_MAX } from './counted-votes.ts'
import { dataStatus, lastHeardAt } from './data-status.ts'
import {
  explainFailure,
  explainMissingProof,
  explainPending,
  explainProof,
  explainQuiet,
} from './explain-alert.ts'
import { addChange, explainFlapping, isFlapping, quietAt } from './flapping.ts'
import { isServed, statedSeverity } from './judge-conditions.ts'
import { scopeOf } from './weigh-regions.ts'

/**
 * The states of an alert:
 *
 *     quiet   → pending   a region fails, or a condition holds, but nothing confirms it yet
 *     pending → quiet     neither does any more
 *     quiet, pending → firing    a condition of the rule fires (`fire`)
 *     firing  → firing    wider, graver or narrower (`update`)
 *     firing  → quiet     proven healthy, never by silence (`resolve`)
 *
 * One that begins and ends too often is flapping: still firing, and it ends only after a quiet time.
 */

/**
 * Decides what an alert does next. Regions that fail at the same time confirm each other; one region
 * alone must fail repeatedly; further conditions are as the rule has them.
 *
 * A silent region is unknown, never healthy: an alert ends on proof of health. Otherwise a network
 * split that hides the target would also close its incident.
 */
export function evaluateAlert(input: AlertInput): AlertDecision {
  const picture = pictureOf(input)
  const decision =
    input.alert.state === 'firing' ? whileFiring(input, picture) : whileQuiet(input, picture)
  const noData = dataStatus(input)
  return noData ? { ...decision, next: { ...decision.next, noData } } : decision
}

/**
 * When to evaluate again although no run came in: as soon as a vote goes stale, a slot ahead of our
 * clock becomes believable, a window loses a run, or a time that the rule names is over. Undefined
 * when time alone can change nothing.
 *
 * @param next what the evaluation at `now` gave.
 */
export function nextEvaluationAt(
  input: Omit<AlertInput, 'alert'>,
  next?: AlertStatus,
): number | undefined {
  const { check, votesByRegion, freshForMs, now } = input
  const { standings, outcomes } = pictureOf(input)
  const changes = outcomes.flatMap(({ changesAt }) => changesAt ?? [])
  for (const region of standings) {
    if (region.latest) changes.push(region.latest.slotAt + freshForMs + 1)
    for (const vote of votesByRegion.get(region.regionId) ?? [])
      if (vote.slotAt - VOTE_SKEW_MS_MAX > now) changes.push(vote.slotAt - VOTE_SKEW_MS_MAX)
  }
  const { flapping, noData } = check.alert
  if (flapping && next?.flapping) changes.push(quietAt(flapping, next.flapping))
  if (noData && !next?.noData) {
    const heardAt = lastHeardAt(input)
    const { listeningSince = 0 } = input
    changes.push(Math.max(heardAt ?? 0, listeningSince) + noData.afterMs + 1)
  }
  const coming = changes.filter((at) => at > now)
  return coming.length === 0 ? undefined : Math.min(...coming)
}

type Standings = Picture['standings']

function whileQuiet(input: AlertInput, { standings, outcomes }: Picture): AlertDecision {
  const { check, alert, now } = input
  const failing = idsOf(standings, 'failing')
  const passing = idsOf(standings, 'passing')
  const firing = outcomes.filter((outcome) => outcome.state === 'fires')
  const waiting = outcomes.filter((outcome) => outcome.state === 'pending')
  const state =
    firing.length > 0
      ? 'firing'
      : failing.length > 0 || waiting.length > 0
        ? 'pending'
        : ('quiet' as const)
  const implicated = implicatedNow([], standings, firing)
  const explain = {
    firing: () => explainFiring(check, standings, firing),
    pending: () =>
      [
        ...(failing.length > 0 ? [explainPending(check.alert, standings)] : []),
        ...waiting.map(({ reason }) => reason),
      ].join('; '),
    quiet: () => explainQuiet(standings),
  }
  const isFiring = state === 'firing'
  const firedBy = firing.map(({ name }) => name)
  const changes = isFiring
    ? addChange(check.alert.flapping, alert.changes ?? [], now)
    : (alert.changes ?? [])
  const next: AlertStatus = {
    ...observed({ standings, outcomes }),
    state,
    since: state === alert.state ? alert.since : now,
    scope:
      state === 'quiet'
        ? 'unknown'
        : scopeOf(
            isFiring ? implicated : failing,
            passing.filter((region) => !(isFiring && implicated.includes(region))),
            check,
          ),
    reason: explain[state](),
    ...(isFiring && { implicated, firedBy }),
    ...(changes.length > 0 && { changes }),
    ...(isFiring &&
      isFlapping(check.alert.flapping, changes) && { flapping: { since: now, lastBadAt: now } }),
  }
  return {
    kind: isFiring ? 'fire' : 'hold',
    next,
    widened: isFiring,
    ...proofOfFailure({ standings, outcomes }, isFiring ? implicated : [], now),
    ...gravity(check, firedBy),
  }
}

function whileFiring(input: AlertInput, { standings, outcomes }: Picture): AlertDecision {
  const { check, alert, now } = input
  const before = known(check.regions, alert.implicated ?? alert.failing)
  const firing = outcomes.filter((outcome) => outcome.state === 'fires')
  const firedBefore = alert.firedBy ?? []
  const isProven =
    isProvenHealthy(check, before, standings) &&
    outcomes.every(
      ({ name, state }) =>
        state === 'healthy' || (state === 'unproven' && !mustBeProven(name, firedBefore)),
    )
  const ended = isProven ? endOf(input, standings) : undefined
  if (ended?.isOver) return resolved({ standings, outcomes }, ended.changes, ended.reason, now)

  const implicated = implicatedNow(before, standings, firing)
  const firedBy = inOrder(outcomes, [...firedBefore, ...firing.map(({ name }) => name)])
  const isWider = implicated.some((region) => !before.includes(region))
  const isGraver = firedBefore.length > 0 && isServed(firedBefore) && !isServed(firedBy)
  const widened = isWider || isGraver
  const passing = idsOf(standings, 'passing').filter((region) => !implicated.includes(region))
  const scope = nextScope(alert.scope, scopeOf(implicated, passing, check), widened)
  const flapping = ended ? ended.flapping : alert.flapping && { ...alert.flapping, lastBadAt: now }
  const isNewlyFlapping = flapping !== undefined && alert.flapping === undefined
  const isChanged =
    widened || implicated.length < before.length || scope !== alert.scope || isNewlyFlapping
  const changes = ended ? ended.changes : (alert.changes ?? [])
  const next: AlertStatus = {
    ...observed({ standings, outcomes }),
    state: 'firing',
    since: alert.since,
    scope,
    reason: ended ? ended.reason : explainStillFiring(check, before, { standings, outcomes }),
    implicated,
    ...(firedBy.length > 0 && { firedBy }),
    ...(changes.length > 0 && { changes }),
    ...(flapping && { flapping }),
  }
  return {
    kind: isChanged ? 'update' : 'hold',
    next,
    widened,
    ...proofOfFailure({ standings, outcomes }, implicated, now),
    ...gravity(check, firedBy),
  }
}

/** What becomes of an alert that is proven healthy: it is over, or it is flapping and waits. */
function endOf({ check, alert, now }: AlertInput, standings: Standings) {
  const rule = check.alert.flapping
  const proof = explainProof(check.alert, standings)
  const changes = alert.flapping ? (alert.changes ?? []) : addChange(rule, alert.changes ?? [], now)
  const isStill = alert.flapping !== undefined || isFlapping(rule, changes)
  if (!rule || !isStill) return { isOver: true as const, changes, reason: proof }
  const flapping = alert.flapping ?? { since: now, lastBadAt: now }
  if (now >= quietAt(rule, flapping))
    return { isOver: true as const, changes: [now], reason: proof }
  return {
    isOver: false as const,
    changes,
    flapping,
    reason: `${proof}, but ${explainFlapping(rule)}`,
  }
}

function resolved(
  picture: Picture,
  changes: readonly number[],
  reason: string,
  now: number,
): AlertDecision {
  const next: AlertStatus = {
    ...observed(picture),
    state: 'quiet',
    since: now,
    scope: 'unknown',
    reason,
    ...(changes.length > 0 && { changes: [...changes] }),
  }
  return { kind: 'resolve', next, widened: false, regions: [], evidence: [], isServed: false }
}

/** The proof of regions covers the quorum and rows of failures; what else fired needs its own. */
const mustBeProven = (name: ConditionName, firedBy: readonly ConditionName[]) =>
  name !== 'regions' && name !== 'failuresToFire' && firedBy.includes(name)

function explainFiring(
  check: AlertInput['check'],
  standings: Standings,
  firing: readonly ConditionOutcome[],
): string {
  const further = firing.filter(({ name }) => name !== 'regions' && name !== 'failuresToFire')
  const words = further.map(({ reason }) => reason)
  return firing.length > further.length
    ? [explainFailure(check.alert, standings), ...words].join('; ')
    : words.join('; ')
}

function explainStillFiring(
  check: AlertInput['check'],
  before: readonly RegionId[],
  { standings, outcomes }: Picture,
): string {
  const firing = outcomes.filter((outcome) => outcome.state === 'fires')
  const isFailing = standings.some((region) => region.now === 'failing')
  if (isFailing || firing.length > 0) {
    const failure = isFailing ? [explainFailure(check.alert, standings)] : []
    const further = firing.filter(({ name }) => name !== 'regions' && name !== 'failuresToFire')
    return [...failure, ...further.map(({ reason }) => reason)].join('; ')
  }
  if (!isProvenHealthy(check, before, standings))
    return explainMissingProof(check.alert, standings, before)
  return outcomes
    .filter(({ state }) => state !== 'healthy')
    .map(({ reason }) => `not proven healthy yet: ${reason}`)
    .join('; ')
}

function gravity(check: AlertInput['check'], firedBy: readonly ConditionName[]) {
  const severity = firedBy.length === 0 ? undefined : statedSeverity(check.alert, firedBy)
  return { ...(severity && { severity }), isServed: isServed(firedBy) }
}

/** Several regions fail at once, or one of them again and again. */
const isConfirmed = (firing: readonly ConditionOutcome[]): boolean =>
  firing.some(({ name }) => name === 'regions' || name === 'failuresToFire')

/**
 * Regions leave the alert one by one, each by its own proof of health, and join it when they fail
 * beside one that is in it. A single failure somewhere else, while the others recover, is noise.
 */
function implicatedNow(
  before: readonly RegionId[],
  standings: Standings,
  firing: readonly ConditionOutcome[],
): RegionId[] {
  const failing = idsOf(standings, 'failing')
  const named = firing.flatMap(({ regions }) => regions)
  const doJoin =
    isConfirmed(firing) ||
    failing.some((region) => before.includes(region) || named.includes(region))
  const implicated = standings.filter(
    ({ regionId, standing, now }) =>
      named.includes(regionId) ||
      (before.includes(regionId) && standing !== 'healthy') ||
      (doJoin && now === 'failing'),
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
  const voices = countVoices(
    check.alert,
    healthy.map(({ regionId }) => regionId),
  )
  const voicesMax = countVoices(check.alert, check.regions)
  return isEachProven && voices >= Math.min(check.alert.regionsMin, voicesMax)
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

const inOrder = (outcomes: readonly ConditionOutcome[], names: readonly ConditionName[]) =>
  outcomes.map(({ name }) => name).filter((name) => names.includes(name))

/** In the check's order, without regions that it no longer has. */
const known = (regions: readonly RegionId[], some: readonly RegionId[]) =>
  regions.filter((region) => some.includes(region))
