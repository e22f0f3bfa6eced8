/** A stretch of words that both texts have, or only the earlier or the later one. */
export type DiffPart = { kind: 'same' | 'removed' | 'added'; text: string }

/** Pairs of words that are compared at most: two pages of text against two others. */
const PAIRS_MAX = 4_000_000

/**
 * What was changed from one text to another, word by word: the fewest words that were removed and added.
 * Of texts that differ in too much to compare, everything between their common beginning and end is.
 */
export function wordDiff(before: string, after: string): DiffPart[] {
  const [old, next] = [wordsOf(before), wordsOf(after)]
  let start = 0
  while (start < old.length && start < next.length && old[start] === next[start]) start++
  let end = 0
  while (
    end < old.length - start &&
    end < next.length - start &&
    old[old.length - 1 - end] === next[next.length - 1 - end]
  )
    end++
  const [oldMiddle, nextMiddle] = [
    old.slice(start, old.length - end),
    next.slice(start, next.length - end),
  ]
  return merged([
    { kind: 'same', text: old.slice(0, start).join('') },
    ...middleDiff(oldMiddle, nextMiddle),
    { kind: 'same', text: old.slice(old.length - end).join('') },
  ])
}

/** Words, and the white space between them, so that all of them together are the text. */
const wordsOf = (text: string): string[] => text.match(/\S+|\s+/g) ?? []

function middleDiff(old: readonly string[], next: readonly string[]): DiffPart[] {
  if (old.length * next.length > PAIRS_MAX || old.length === 0 || next.length === 0)
    return [
      { kind: 'removed', text: old.join('') },
      { kind: 'added', text: next.join('') },
    ]
  // How many words the rest of both have in common, from each place on.
  const width = next.length + 1
  const common = new Uint32Array((old.length + 1) * width)
  const at = (row: number, column: number) => common[row * width + column] ?? 0
  for (let row = old.length - 1; row >= 0; row--)
    for (let column = next.length - 1; column >= 0; column--)
      common[row * width + column] =
        old[row] === next[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1))
  const parts: DiffPart[] = []
  let [row, column] = [0, 0]
  while (row < old.length || column < next.length) {
    if (row < old.length && column < next.length && old[row] === next[column]) {
      parts.push({ kind: 'same', text: old[row] ?? '' })
      row++
      column++
    } else if (
      column >= next.length ||
      (row < old.length && at(row + 1, column) >= at(row, column + 1))
    )
      parts.push({ kind: 'removed', text: old[row++] ?? '' })
    else parts.push({ kind: 'added', text: next[column++] ?? '' })
  }
  return parts
}

/**
 * Neighbours of one kind as one, what was removed before what was added in its place. White space between
 * two changes is changed with them: a sentence that was written anew reads as one, not word by word.
 */
function merged(parts: readonly DiffPart[]): DiffPart[] {
  const told = parts.filter(({ text }) => text !== '')
  const result: DiffPart[] = []
  let [removed, added] = ['', '']
  const flush = () => {
    if (removed !== '') result.push({ kind: 'removed', text: removed })
    if (added !== '') result.push({ kind: 'added', text: added })
    ;[removed, added] = ['', '']
  }
  for (const [index, { kind, text }] of told.entries()) {
    const isBetween = removed + added !== '' && (told[index + 1]?.kind ?? 'same') !== 'same'
    if (kind === 'removed') removed += text
    else if (kind === 'added') added += text
    else if (isBetween && text.trim() === '') {
      removed += text
      added += text
    } else {
      flush()
      const last = result.at(-1)
      if (last?.kind === 'same') last.text += text
      else result.push({ kind, text })
    }
  }
  flush()
  return result
}
