import { describeDuration } from '../../base/duration.ts'
import type { CheckDefinition } from '../../protocol/check.ts'
import type { Tier } from '../../protocol/check-base.ts'
import type { Confirmation, ConfirmationVerdict } from '../../protocol/confirmation.ts'
import type { RegionId } from '../../protocol/ids.ts'
import type { AlertStatus } from '../../protocol/public-api.ts'
import { joinNames } from '../join-names.ts'
import { VOTE_SKEW_MS_MAX } from './counted-votes.ts'
import { isServed } from './judge-conditions.ts'
import { hasFailed, isConclusive, type Vote } from './judge-region.ts'

/**
 * Confirmation at once: when a check fails for the first time, its other regions look now instead of
 * when their slots come. What they see are votes like any other, so that the alert's own rule decides;
 * here is only who is asked and when, and what their answers are called.
 *
 *     (nothing) → asked      a region fails that did not, and others can be reached
 *     asked     → a verdict  the alert fires; or all have answered; or their time is over
 *     not confirmed → confirmed   the alert fires after all, by runs that came later
 */

/** A probe that has not begun by then does not begin: the verdict would come too late. */
export const BEGIN_WITHIN_MS = 2_000

/** A check is not confirmed anew before that, however often it fails. */
export const ASK_EVERY_MS = 30_000

/** Noise stays visible for so long. */
const KEPT_MS = 10 * 60_000

/** Confirmations in a minute, of the whole fleet: in a large outage the grid is quick enough. */
export const CONFIRMATIONS_PER_MINUTE_MAX = 120

/** How much of that a tier may use up, so that minor checks leave some for core ones. */
const SHARE: Record<Tier, number> = { core: 1, standard: 0.6, minor: 0.3 }

type ConfirmedCheck = Pick<
  CheckDefinition,
  'kind' | 'tier' | 'regions' | 'timeoutMs' | 'alert' | 'retry'
>

export type ConfirmationWish =
  | { isWanted: true; asks: RegionId[] }
  /** In words, for the log. */
  | { isWanted: false; because: string }

/** Decides whether other regions are asked to look now, and which. */
export function wantsConfirmation({
  check,
  before,
  next,
  reachable,
  askedInLastMinute,
  now,
}: {
  check: ConfirmedCheck
  before: AlertStatus
  /** What the votes made of it. */
  next: AlertStatus
  /** Regions of which a probe listens. */
  reachable: readonly RegionId[]
  /** Confirmations of the fleet. */
  askedInLastMinute: number
  now: number
}): ConfirmationWish {
  const not = (because: string): ConfirmationWish => ({ isWanted: false, because })
  if (check.kind === 'heartbeat') return not('a job calls by itself')
  if (next.state !== 'pending') return not('there is nothing to confirm')
  if (next.failing.every((region) => before.failing.includes(region)))
    return not('no region has begun to fail')
  const { confirmation } = before
  if (confirmation && now - confirmation.askedAt < ASK_EVERY_MS)
    return not('its regions were asked a moment ago')
  const asks = check.regions.filter(
    (region) => !next.failing.includes(region) && reachable.includes(region),
  )
  if (asks.length === 0) return not('no other region can be reached')
  if (askedInLastMinute >= CONFIRMATIONS_PER_MINUTE_MAX * SHARE[check.tier])
    return not(`the fleet was asked ${askedInLastMinute} times in the last minute`)
  return { isWanted: true, asks }
}

/** The question, as it is asked. */
export function beginConfirmation(
  check: ConfirmedCheck,
  {
    commandId,
    failed,
    asked,
    now,
  }: Pick<Confirmation, 'commandId' | 'failed' | 'asked'> & {
    now: number
  },
): Confirmation {
  const runMs = (1 + (check.retry?.times ?? 0)) * check.timeoutMs
  const begun = {
    commandId,
    askedAt: now,
    dueBy: now + BEGIN_WITHIN_MS + runMs,
    failed,
    asked,
    answers: [],
  }
  return { ...begun, reason: explainConfirmation(begun, false) }
}

/** What became of a confirmation by now; undefined when it is no longer of interest. */
export function followConfirmation(
  confirmation: Confirmation | undefined,
  {
    check,
    before,
    next,
    votesByRegion,
    now,
  }: {
    check: ConfirmedCheck
    before: AlertStatus
    next: AlertStatus
    votesByRegion: ReadonlyMap<RegionId, readonly Vote[]>
    now: number
  },
): Confirmation | undefined {
  if (!confirmation) return undefined
  const ageMs = now - confirmation.askedAt
  const isAnotherTrouble = before.state === 'quiet' && next.state !== 'quiet'
  if (isAnotherTrouble && ageMs >= ASK_EVERY_MS) return undefined
  if (next.state !== 'firing' && ageMs > KEPT_MS) return undefined

  const answers =
    now <= confirmation.dueBy
      ? answersOf(confirmation, votesByRegion, check.timeoutMs)
      : confirmation.answers
  const followed = { ...confirmation, answers }
  const verdict = verdictOf(followed, next, now)
  const judged = { ...followed, ...(verdict && { verdict }) }
  return { ...judged, reason: explainConfirmation(judged, now >= confirmation.dueBy) }
}

/** When a confirmation must be looked at again although no run came in. */
export const confirmationDueAt = (confirmation: Confirmation | undefined): number | undefined =>
  confirmation && confirmation.verdict === undefined ? confirmation.dueBy : undefined

/** The alert's rule has the word; a verdict that confirms stays. */
function verdictOf(
  { verdict, asked, answers, dueBy }: Confirmation,
  next: AlertStatus,
  now: number,
): ConfirmationVerdict | undefined {
  if (verdict !== undefined && verdict !== 'not_confirmed') return verdict
  if (next.state === 'firing' && !isServed(next.firedBy ?? []))
    return next.scope === 'global' ? 'confirmed_global' : 'confirmed_regional'
  return answers.length === asked.length || now >= dueBy ? 'not_confirmed' : undefined
}

/** A run counts that was under way when its region was asked, whoever started it; history does not. */
function answersOf(
  { asked, askedAt, answers }: Confirmation,
  votesByRegion: ReadonlyMap<RegionId, readonly Vote[]>,
  timeoutMs: number,
): Confirmation['answers'] {
  return asked.flatMap((regionId) => {
    const known = answers.find((answer) => answer.regionId === regionId)
    if (known) return [known]
    const [first] = (votesByRegion.get(regionId) ?? [])
      .flatMap((vote) => ({ ...vote, receivedAt: vote.receivedAt ?? vote.startedAt }))
      .filter(
        (vote) =>
          isConclusive(vote) &&
          vote.receivedAt >= askedAt &&
          vote.startedAt >= askedAt - timeoutMs - VOTE_SKEW_MS_MAX,
      )
      .sort((a, b) => a.receivedAt - b.receivedAt)
    if (!first) return []
    const { runId, verdict, receivedAt } = first
    return [{ regionId, runId, verdict, afterMs: receivedAt - askedAt }]
  })
}

const VERDICT_WORDS: Record<ConfirmationVerdict, string> = {
  confirmed_global: 'confirmed global',
  confirmed_regional: 'confirmed regional',
  not_confirmed: 'not confirmed',
}

/** `confirmed global: asked at once, us-east fails as well after 840 ms; ap-south passes`. */
function explainConfirmation(
  { asked, answers, verdict }: Pick<Confirmation, 'asked' | 'answers' | 'verdict'>,
  isOver: boolean,
): string {
  const failed = answers.filter(hasFailed)
  const passed = answers.filter((answer) => !hasFailed(answer))
  const silent = asked.filter((region) => !answers.some(({ regionId }) => regionId === region))
  if (answers.length === 0 && verdict === undefined)
    return `${joinNames(asked)} ${are(asked)} asked to look at once`
  const afterMs = Math.max(...failed.map((answer) => answer.afterMs))
  const parts = [
    ...(failed.length > 0
      ? [
          `${names(failed)} ${failed.length === 1 ? 'fails' : 'fail'} as well after ${describeDuration(afterMs)}`,
        ]
      : []),
    ...(passed.length > 0 ? [`${names(passed)} ${passed.length === 1 ? 'passes' : 'pass'}`] : []),
    ...(silent.length > 0 && isOver ? [`${joinNames(silent)} did not answer`] : []),
    ...(silent.length > 0 && verdict === undefined
      ? [`${joinNames(silent)} ${are(silent)} awaited`]
      : []),
  ]
  const isByLaterRuns = verdict !== undefined && verdict !== 'not_confirmed' && failed.length === 0
  if (isByLaterRuns) parts.push('what failed has failed again since')
  const head = verdict === undefined ? '' : `${VERDICT_WORDS[verdict]}: `
  return `${head}asked at once, ${parts.join('; ')}`
}

const names = (answers: Confirmation['answers']) =>
  joinNames(answers.map(({ regionId }) => regionId))
const are = (regions: readonly RegionId[]) => (regions.length === 1 ? 'is' : 'are')
