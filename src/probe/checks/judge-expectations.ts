import type { Assertion, Expectation, Matcher, Scalar } from '../../protocol/expectation.ts'
import type { SubjectValue } from './check-runner.ts'
import { PATTERN_MS_MAX, type TryPattern } from './try-pattern.ts'

/** What a run observed, by {@link subjectName}. */
export type Observed = ReadonlyMap<string, SubjectValue>

/** For people and as key: `status`, `header content-type`. */
export const subjectName = (subject: string, key?: string): string =>
  key === undefined ? subject : `${subject} ${key}`

const DURATIONS = new Set(['dns', 'connect', 'tls', 'firstByte', 'download', 'query', 'total'])
/** Longest part of an observed text that is shown. */
const SHOWN_LENGTH_MAX = 120
const NOTHING = '–'

/**
 * Compares what was observed with what was expected, one assertion for each expectation. A list holds
 * when one of its elements does. What was not observed holds nothing, except that it be absent.
 */
export function judgeExpectations(
  expectations: readonly Expectation[],
  observed: Observed,
  tryPattern: TryPattern,
): Assertion[] {
  return expectations.map(({ level, subject, key, matcher }) => {
    const name = subjectName(subject, key)
    const value = observed.get(name)
    const { held, actual } = judge(subject, value, matcher, tryPattern)
    return { level, subject: name, expected: describeMatcher(subject, matcher), actual, held }
  })
}

function judge(
  subject: string,
  value: SubjectValue | undefined,
  matcher: Matcher,
  tryPattern: TryPattern,
): { held: boolean; actual: string } {
  const elements = value === undefined ? [] : typeof value === 'object' ? value : [value]
  const actual = describeValue(subject, value)
  if (matcher.absent === true) return { held: elements.length === 0, actual }
  let tookTooLong = false
  const boundedTry = (pattern: string, text: string): boolean => {
    const answer = tryPattern(pattern, text)
    tookTooLong ||= answer === 'took_too_long'
    return answer === 'matches'
  }
  const held = elements.some((element) => holds(subject, element, matcher, boundedTry))
  if (held || !tookTooLong) return { held, actual }
  return { held, actual: `pattern took longer than ${PATTERN_MS_MAX} ms` }
}

function holds(
  subject: string,
  value: Scalar,
  matcher: Matcher,
  matches: (pattern: string, text: string) => boolean,
): boolean {
  const { equals, oneOf, contains, min, max } = matcher
  if (equals !== undefined && !isSame(subject, value, equals)) return false
  if (oneOf && !oneOf.some((expected) => isSame(subject, value, expected))) return false
  if (contains !== undefined && !String(value).includes(contains)) return false
  if (min !== undefined && !(toNumber(value) >= min)) return false
  if (max !== undefined && !(toNumber(value) <= max)) return false
  // Last: the one comparison that can be slow.
  return matcher.matches === undefined || matches(matcher.matches, String(value))
}

function isSame(subject: string, value: Scalar, expected: Scalar): boolean {
  if (subject === 'status' && typeof expected === 'string' && /^\dxx$/.test(expected))
    return String(value).length === 3 && String(value).startsWith(expected.slice(0, 1))
  if (typeof expected === 'number') return toNumber(value) === expected
  return String(value) === String(expected)
}

/** NaN for what is no number, which compares as false with everything. */
function toNumber(value: Scalar): number {
  if (typeof value === 'string') return value.trim() === '' ? Number.NaN : Number(value)
  return typeof value === 'number' ? value : Number.NaN
}

/** Reads well after "expected": `2xx`, `containing "Lamp"`, `at most 800 ms`. */
function describeMatcher(subject: string, matcher: Matcher): string {
  const { equals, oneOf, contains, matches, min, max, absent } = matcher
  const parts: string[] = []
  if (equals !== undefined) parts.push(String(equals))
  if (oneOf) parts.push(oneOf.map(String).join(' or '))
  if (contains !== undefined) parts.push(`containing "${contains}"`)
  if (matches !== undefined) parts.push(`matching /${matches}/`)
  if (min !== undefined) parts.push(`at least ${describeNumber(subject, min)}`)
  if (max !== undefined) parts.push(`at most ${describeNumber(subject, max)}`)
  if (absent === true) parts.push('none')
  if (absent === false && parts.length === 0) parts.push('any')
  return parts.join(' and ')
}

function describeValue(subject: string, value: SubjectValue | undefined): string {
  if (value === undefined) return NOTHING
  if (typeof value === 'number') return describeNumber(subject, value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return describeText(subject, value)
  return value.length === 0 ? NOTHING : shorten(value.join(', '))
}

function describeText(subject: string, text: string): string {
  const shown = shorten(text)
  if (subject !== 'body') return shown
  return text === '' ? 'an empty body' : `"${shown}" (${text.length} characters)`
}

function describeNumber(subject: string, value: number): string {
  if (!DURATIONS.has(subject)) return String(value)
  // So precise that 800.4 ms does not look like the 800 ms that were allowed.
  return `${Number(value.toFixed(value < 10 ? 2 : 1))} ms`
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= SHOWN_LENGTH_MAX ? line : `${line.slice(0, SHOWN_LENGTH_MAX)}…`
}
