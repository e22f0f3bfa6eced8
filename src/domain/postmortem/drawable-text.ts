/** Signs that say the same in letters, where a font lacks them. */
const WRITTEN_OUT: Readonly<Record<string, string>> = {
  '→': '->',
  '←': '<-',
  '↔': '<->',
  '⇒': '=>',
  '✓': 'yes',
  '✔': 'yes',
  '✅': 'yes',
  '✗': 'no',
  '✘': 'no',
  '❌': 'no',
  '≤': '<=',
  '≥': '>=',
  '≠': '!=',
  '≈': '~',
  '⚠': '(warning)',
  '🚨': '(alarm)',
  '🔥': '(fire)',
  '🎉': '(party)',
  '👍': '(thumbs up)',
  '👎': '(thumbs down)',
}

/** They shape what stands beside them, and show nothing by themselves: from, until. */
const UNSEEN: readonly (readonly [number, number])[] = [
  [0x200b, 0x200d], // joiners
  [0x2060, 0x2060],
  [0xfe00, 0xfe0f], // which of several forms a sign has
  [0xfeff, 0xfeff],
  [0xe0100, 0xe01ef],
]

const isUnseen = (code: number) => UNSEEN.some(([from, until]) => code >= from && code <= until)

/**
 * Text that a font can draw: what it lacks is written out, taken apart into letters that it has (`ﬁ`,
 * `Ｔ`, `①`), or given as its number in Unicode: `[U+6CE8 U+610F]`. So nothing is an empty box, and nothing
 * is left out that somebody could not look up.
 *
 * @param has whether the font has a glyph for a character.
 */
export function drawableText(
  text: string,
  has: (code: number) => boolean,
): { text: string; hasNumbers: boolean } {
  let drawn = ''
  let numbers: string[] = []
  let hasNumbers = false
  const flush = () => {
    if (numbers.length > 0) drawn += `[${numbers.join(' ')}]`
    numbers = []
  }
  for (const sign of text.normalize('NFC')) {
    const code = sign.codePointAt(0) ?? 0
    if (isUnseen(code)) continue
    const written = isPlain(code) || has(code) ? sign : inLetters(sign, has)
    if (written === undefined) {
      numbers.push(`U+${code.toString(16).toUpperCase().padStart(4, '0')}`)
      hasNumbers = true
      continue
    }
    flush()
    drawn += written
  }
  flush()
  return { text: drawn, hasNumbers }
}

/** Line breaks and tabs are no glyphs. */
const isPlain = (code: number) => code === 0x09 || code === 0x0a || code === 0x0d

function inLetters(sign: string, has: (code: number) => boolean): string | undefined {
  const known = WRITTEN_OUT[sign]
  if (known !== undefined) return known
  const apart = sign.normalize('NFKD')
  const isDrawable = [...apart].every((part) => has(part.codePointAt(0) ?? 0))
  return apart !== sign && isDrawable ? apart : undefined
}
