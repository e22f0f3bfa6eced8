import { z } from 'zod'

export type CommandWords = { words: readonly [string, ...string[]] } | { problem: string }

const WORDS_MAX = 100
/** A shell would make something of these, and there is none. */
const FOR_A_SHELL = /["'`\\$|&;<>(){}*?~#]/

const JsonWords = z
  // A system call ends at a null character, and Node refuses it.
  .array(z.string().refine((word) => !word.includes('\0')))
  .min(1)
  .max(WORDS_MAX)
  .refine(([program]) => program !== '')

/**
 * A command as it stands in `NAME_COMMAND`: words between spaces, or a JSON list of texts where one has a
 * space or a sign in it that a shell would read.
 */
export function commandWords(text: string): CommandWords {
  if (text.trim().startsWith('[')) {
    try {
      const [program = '', ...rest] = JsonWords.parse(JSON.parse(text))
      return { words: [program, ...rest] }
    } catch {
      return { problem: 'expected a JSON list of texts, such as ["vault", "read", "-field=value"]' }
    }
  }
  if (FOR_A_SHELL.test(text))
    return {
      problem:
        'no shell reads it; expected words between spaces, or a JSON list of texts, such as ["sh", "-c", "…"]',
    }
  const [program = '', ...rest] = text.trim().split(/\s+/)
  if (program === '' || rest.length >= WORDS_MAX)
    return { problem: `expected a program and up to ${WORDS_MAX - 1} words after it` }
  return { words: [program, ...rest] }
}
