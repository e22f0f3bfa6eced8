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

/**
 * The same for a page. Nobody waits longer for one channel while a person does not know: the next contact
 * is tried at the first failure already, and the next step comes at once when all have failed.
 */
const PAGE_WAITS_MS = [2 * SECOND, 5 * SECOND, 15 * SECOND]

/** What is for a person, tried soon or never; a test is tried once, so that its result is plain. */
export type Urgency = 'notification' | 'page' | 'test'
const WAITS: Record<Urgency, readonly number[]> = {
  notification: WAITS_MS,
  page: PAGE_WAITS_MS,
  test: [],
}

/** A receiver may ask for patience, but not for so much that news turns into history. */
const RETRY_AFTER_MAX_MS = HOUR
const RETRY_AFTER_OF_PAGE_MAX_MS = MINUTE

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
  {
    now,
    random,
    urgency = 'notification',
  }: { now: number; random: number; urgency?: Urgency | undefined },
): RetryDecision {
  if (!failure.retryable) return { kind: 'give_up', reason: failure.reason }
  const wait = WAITS[urgency][attempts - 1]
  if (wait === undefined)
    return {
      kind: 'give_up',
      reason:
        attempts === 1 ? failure.reason : `${failure.reason}; gave up after ${attempts} attempts`,
    }
  const patience = urgency === 'notification' ? RETRY_AFTER_MAX_MS : RETRY_AFTER_OF_PAGE_MAX_MS
  const asked = Math.min(failure.retryAfterMs ?? 0, patience)
  return { kind: 'retry', at: Math.round(now + Math.max(asked, wait * (0.9 + random * 0.2))) }
}
