import type { z } from 'zod'
import { joinOr, quote } from '../printable.ts'

type RawIssue = Parameters<z.core.$ZodErrorMap>[0]

const TYPES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
}

/**
 * What the schema expects, in words that follow "expected". Given to zod as its error map, so it
 * speaks where the schema itself has no words.
 */
export function expectedWords(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected
    case 'invalid_value':
      return joinOr(issue.values.map((value) => quote(String(value))))
    case 'too_small':
      return `at least ${amount(issue.minimum, issue.origin)}`
    case 'too_big':
      return `at most ${amount(issue.maximum, issue.origin)}`
    case 'invalid_union':
      return unionWords(issue)
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'another key'
    default:
      return 'another form'
  }
}

function amount(limit: number | bigint, origin: string): string {
  const s = limit === 1 || limit === 1n ? '' : 's'
  if (origin === 'string') return `${limit} character${s}`
  if (origin === 'array') return limit === 1 ? '1 entry' : `${limit} entries`
  return String(limit)
}

function unionWords(issue: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const options = issue.options
  if (Array.isArray(options)) return joinOr(options.map((option) => quote(String(option))))
  const words = (issue.errors ?? []).flatMap((branch) => branch.map(({ message }) => message))
  return joinOr([...new Set(words.map(withoutExpected))])
}

/** Schemas that also speak to others may begin their message with the word. */
export function withoutExpected(words: string): string {
  return words.replace(/^expected /, '')
}
