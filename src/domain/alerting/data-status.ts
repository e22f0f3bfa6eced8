import type { AlertStatus } from '../../protocol/public-api.ts'
import type { AlertInput } from './alert-decision.ts'
import { VOTE_SKEW_MS_MAX } from './counted-votes.ts'
import { isConclusive } from './judge-region.ts'
import { judgeSilence } from './judge-silence.ts'

/** Whether anything is known of the target at all; a probe's own faults are no news of it. */
export function dataStatus(input: AlertInput): AlertStatus['noData'] {
  const { check, alert, listeningSince = Number.NEGATIVE_INFINITY, now } = input
  const { noData } = check.alert
  if (!noData) return undefined
  const { state, reason } = judgeSilence({
    lastHeardAt: lastHeardAt(input),
    listeningSince,
    silentAfterMs: noData.afterMs,
    now,
  })
  if (state !== 'silent') return undefined
  return { since: alert.noData?.since ?? now, reason: `no region says anything of it: ${reason}` }
}

/** When a vote last said something of the target; undefined when none did. */
export function lastHeardAt({
  check,
  votesByRegion,
  now,
}: Omit<AlertInput, 'alert'>): number | undefined {
  const heard = check.regions.flatMap((region) =>
    (votesByRegion.get(region) ?? [])
      .filter((vote) => isConclusive(vote) && vote.slotAt <= now + VOTE_SKEW_MS_MAX)
      .map((vote) => vote.slotAt),
  )
  return heard.length === 0 ? undefined : Math.max(...heard)
}
