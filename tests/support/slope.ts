/**
 * How fast a series rises, by Theil and Sen: the middle of the slopes between all pairs of points, so
 * that no single outlier counts. The points are `[x, y]`; the answer is in y for each x.
 */
export function robustSlope(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes: number[] = []
  points.forEach(([x1, y1], index) => {
    for (const [x2, y2] of points.slice(index + 1))
      if (x2 !== x1) slopes.push((y2 - y1) / (x2 - x1))
  })
  const sorted = slopes.sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
