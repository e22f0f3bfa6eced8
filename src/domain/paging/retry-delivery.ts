const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * Waits after each failed attempt: dense while the incident is young, then sparse for a receiver
 * that is down for the night. About a day in all.
 */
const WAITS_MS = [
  2 * SECOND,
  5 * SECOND,
  15 * SECOND,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  5 * HOUR,
  15 * HOUR,
]

/** A receiver may ask for patience, but not for so much that news turns into history. */
const RETRY_AFTER_MAX_MS = HOUR

export type RetryDecision = { kind: 'retry'; at: number } | { kind: 'give_up'; reason: string }

/**
 * Whether a failed delivery is tried again, and when.
 *
 * @param attempts how often it was tried, from 1.
 * @param random a number in [0, 1): spreads the retries of many deliveries by ±10 %.
 */
export function retryDelivery(
  failure: { retryable: boolean; reason: string; retryAfterMs?: number | undefined },
  attempts: number,
  { now, random }: { now: number; random: number },
): RetryDecision {
  if (!failure.retryable) return { kind: 'give_up', reason: failure.reason }
  const wait = WAITS_MS[attempts - 1]
  if (wait === undefined)
    return { kind: 'give_up', reason: `${failure.reason}; gave up after ${attempts} attempts` }
  const asked = Math.min(failure.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS)
  return { kind: 'retry', at: Math.round(now + Math.max(asked, wait * (0.9 + random * 0.2))) }
}
