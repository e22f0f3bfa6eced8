import { describeDuration } from '../../base/duration.ts'

export type SilenceJudgement = {
  /** `waiting`: this coordinator has not listened for long enough to blame anybody. */
  state: 'ok' | 'silent' | 'waiting'
  /** Why, in words. */
  reason: string
}

/**
 * Decides whether a region (or a probe) has gone silent.
 *
 * `listeningSince` is when this coordinator began to listen without a break. One that has just
 * started, or that was itself asleep, heard nothing because it did not listen: until it has listened
 * for the whole time allowed it must not blame the region.
 */
export function judgeSilence({
  lastHeardAt,
  listeningSince,
  silentAfterMs,
  now,
}: {
  lastHeardAt?: number | undefined
  listeningSince: number
  silentAfterMs: number
  now: number
}): SilenceJudgement {
  // A clock that was set back makes the last word lie in the future: it was heard just now.
  const quietForMs = lastHeardAt === undefined ? Infinity : Math.max(0, now - lastHeardAt)
  if (quietForMs <= silentAfterMs)
    return { state: 'ok', reason: `heard ${describeDuration(quietForMs)} ago` }

  const listenedForMs = Math.max(0, now - listeningSince)
  if (listenedForMs <= silentAfterMs)
    return {
      state: 'waiting',
      reason: `not heard yet; the coordinator itself listens for only ${describeDuration(listenedForMs)}`,
    }
  return {
    state: 'silent',
    reason:
      lastHeardAt === undefined
        ? `never heard, although the coordinator listens for ${describeDuration(listenedForMs)}`
        : `not heard for ${describeDuration(quietForMs)}; ${describeDuration(silentAfterMs)} are allowed`,
  }
}
