/** As many as fit, at least one; from the end when those at the end matter most. Keeps the order. */
export function chooseWithin<T extends { bytes: number }>(
  items: readonly T[],
  from: 'oldest' | 'newest',
  bytesMax: number,
): T[] {
  const chosen: T[] = []
  let bytes = 0
  for (const item of from === 'oldest' ? items : items.toReversed()) {
    bytes += item.bytes + 1
    if (bytes > bytesMax && chosen.length > 0) break
    chosen.push(item)
  }
  return from === 'oldest' ? chosen : chosen.reverse()
}
