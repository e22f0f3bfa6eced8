/** Longest piece of a file that a message quotes. */
const QUOTED_LENGTH_MAX = 60

// Control characters could steer the terminal, and the bidirectional ones show text in another
// order than it has.
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The text with everything that a terminal would act on replaced, one character for one. */
export function printable(text: string): string {
  return text.replaceAll('\t', ' ').replace(UNPRINTABLE, '\ufffd')
}

/** Quotes a piece of a file in a message. */
export function quote(text: string): string {
  const clipped = text.length > QUOTED_LENGTH_MAX ? `${text.slice(0, QUOTED_LENGTH_MAX)}…` : text
  return `"${printable(clipped)}"`
}

/** `a, b or c`. */
export function joinOr(words: readonly string[]): string {
  const last = words.at(-1)
  if (last === undefined || words.length === 1) return last ?? ''
  return `${words.slice(0, -1).join(', ')} or ${last}`
}
