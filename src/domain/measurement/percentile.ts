/**
 * A percentile by nearest rank: the smallest of the values that at least this share of them does not
 * exceed. It is always a value that was measured, never one between two; of one value it is that value.
 *
 * @param ascending sorted, not empty.
 * @param share above 0, at most 1.
 */
export function percentile(ascending: ArrayLike<number>, share: number): number {
  const rank = Math.ceil(ascending.length * share)
  return ascending[Math.max(0, rank - 1)] ?? Number.NaN
}
