/**
 * The name that somebody most likely meant, for "did you mean …?"; undefined when none is close.
 *
 * Close means at most a third of the letters differ (Damerau–Levenshtein, adjacent swaps count one);
 * one may always differ, but never all.
 */
export function nearestName(written: string, known: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined
  for (const name of known) {
    const distance = editDistance(written.toLowerCase(), name.toLowerCase())
    if (
      distance <= Math.max(1, Math.floor(name.length / 3)) &&
      distance < name.length &&
      distance < (best?.distance ?? Infinity)
    )
      best = { name, distance }
  }
  return best?.name
}

function editDistance(a: string, b: string): number {
  let previous: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let distance = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        distance = Math.min(distance, (previous[j - 2] ?? 0) + 1)
      next.push(distance)
    }
    previous = row
    row = next
  }
  return row[b.length] ?? 0
}
