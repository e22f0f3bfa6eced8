/** Failed attempts of one account, or from one address. */
export type Attempts = { failures: number; lastAt: number }

export type AttemptLimits = {
  /** Failures that cost nothing: people mistype. */
  free: number
  firstWaitMs: number
  waitMsMax: number
  /** After so long without a failure they are forgotten. */
  forgetMs: number
}

/** An account is one person's, who mistypes a few times. */
export const ACCOUNT_LIMITS: AttemptLimits = {
  free: 4,
  firstWaitMs: 2_000,
  waitMsMax: 15 * 60_000,
  forgetMs: 24 * 3_600_000,
}

/** An address may be that of a whole office. */
export const ADDRESS_LIMITS: AttemptLimits = { ...ACCOUNT_LIMITS, free: 20 }

/**
 * How long the next attempt must wait: twice as long after each failure beyond the free ones, up to a
 * bound, so that a person who is attacked is not locked out for good.
 *
 * @returns milliseconds; 0 when it may be made now.
 */
export function attemptWaitMs(
  { failures, lastAt }: Attempts,
  { free, firstWaitMs, waitMsMax, forgetMs }: AttemptLimits,
  now: number,
): number {
  if (failures <= free || now - lastAt >= forgetMs) return 0
  const wait = Math.min(firstWaitMs * 2 ** (failures - free - 1), waitMsMax)
  return Math.max(0, lastAt + wait - now)
}

/** The attempts after one more. It is counted before its password is looked at, so that attempts at the
 * same time cannot be more than those one after the other. */
export function countAttempt(
  attempts: Attempts,
  { forgetMs }: AttemptLimits,
  now: number,
): Attempts {
  const isKnown = now - attempts.lastAt < forgetMs
  return { failures: (isKnown ? attempts.failures : 0) + 1, lastAt: now }
}
