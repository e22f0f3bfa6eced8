export type BackoffLimits = { firstMs: number; maxMs: number }

/**
 * How long to wait before attempt `attempt + 1`: exponential, with full jitter, so that a fleet that
 * lost its coordinator does not come back in step.
 *
 * @param attempt failed attempts so far, from 1.
 * @param random a number in [0, 1).
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: number): number {
  const ceiling = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt - 1, 30))
  // Never below half of the ceiling's first step: a wait of nothing is a busy loop.
  return Math.round(limits.firstMs / 2 + random * Math.max(0, ceiling - limits.firstMs / 2))
}
