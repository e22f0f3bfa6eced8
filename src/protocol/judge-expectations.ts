import {
  type Assertion,
  type Conditions,
  type Expectation,
  isDurationSubject,
  type Matcher,
  type Scalar,
} from './expectation.ts'

/** What a subject was observed to be; a list where it has several values. */
export type SubjectValue = Scalar | readonly Scalar[]

/** A pattern that backtracks for ever would otherwise stop every measurement of the probe. */
export const PATTERN_MS_MAX = 100

export type PatternAnswer = 'matches' | 'differs' | 'took_too_long'

/** Tries a pattern within {@link PATTERN_MS_MAX}; how is for the caller, who has the means. */
export type TryPattern = (pattern: string, text: string) => PatternAnswer

/** What a run observed, by {@link subjectName}. */
export type Observed = ReadonlyMap<string, SubjectValue>

/** For people and as key: `status`, `header content-type`. */
export const subjectName = (subject: string, key?: string): string =>
  key === undefined ? subject : `${subject} ${key}`

/** Longest part of an observed text that is shown. */
const SHOWN_LENGTH_MAX = 120
const NOTHING = '–'

/**
 * Compares what was observed with what was expected, one assertion for each expectation. A list holds
 * when one of its elements does, unless its matcher says how many must. What was not observed holds
 * nothing, except that it be absent.
 */
export function judgeExpectations(
  expectations: readonly Expectation[],
  observed: Observed,
  tryPattern: TryPattern,
): Assertion[] {
  return expectations.map(({ level, subject, key, part, matcher }) => {
    const name = subjectName(subject, key)
    const value = observed.get(name)
    const { held, actual } = judge(subject, value, matcher, tryPattern)
    return {
      level,
      subject: name,
      expected: describeMatcher(subject, matcher),
      actual,
      held,
      ...(part !== undefined && { part }),
    }
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
  if (value === undefined) return { held: false, actual }
  let tookTooLong = false
  const holds = (element: Scalar, conditions: Conditions) =>
    meets(subject, element, conditions, (pattern, text) => {
      const answer = tryPattern(pattern, text)
      tookTooLong ||= answer === 'took_too_long'
      return answer === 'matches'
    })
  const held = holdsAll(elements, matcher, holds)
  // Nothing that had to be cut off may count, neither for nor against what must not match.
  if (tookTooLong) return { held: false, actual: `pattern took longer than ${PATTERN_MS_MAX} ms` }
  return { held, actual }
}

type Holds = (element: Scalar, conditions: Conditions) => boolean

function holdsAll(elements: readonly Scalar[], matcher: Matcher, holds: Holds): boolean {
  const { not, count, exact, quantifier } = matcher
  if (count && !holds(elements.length, count)) return false
  if (exact && !isExactly(elements, exact, holds)) return false
  if (not && elements.some((element) => meetsOne(element, not, holds))) return false
  // A list that need only be counted, or lack something, may be empty.
  if (!hasConditions(matcher)) return elements.length > 0 || !needsElement(matcher)
  switch (quantifier) {
    case 'none':
      return !elements.some((element) => holds(element, matcher))
    case 'all':
      return elements.length > 0 && elements.every((element) => holds(element, matcher))
    default:
      return elements.some((element) => holds(element, matcher))
  }
}

const CONDITIONS = ['equals', 'oneOf', 'contains', 'matches', 'min', 'max'] as const

const hasConditions = (matcher: Matcher) => CONDITIONS.some((key) => matcher[key] !== undefined)

const needsElement = ({ not, count, exact }: Matcher) => !not && !count && !exact

/** Of what must not be, each condition counts by itself: `not` is a list of things that must not hold. */
const meetsOne = (element: Scalar, not: Conditions, holds: Holds): boolean =>
  CONDITIONS.some((key) => {
    const { [key]: wanted } = not
    if (wanted === undefined) return false
    if (key === 'contains')
      return [wanted].flat().some((contains) => holds(element, { contains: String(contains) }))
    return holds(element, { [key]: wanted })
  })

/** A one-to-one assignment of values to what is expected: augmenting paths, since patterns overlap. */
function isExactly(
  elements: readonly Scalar[],
  exact: readonly Conditions[],
  holds: Holds,
): boolean {
  if (elements.length !== exact.length) return false
  const takenBy = new Map<number, number>()
  const place = (expected: number, tried: Set<number>): boolean =>
    elements.some((element, index) => {
      const conditions = exact[expected]
      if (!conditions || tried.has(index) || !holds(element, conditions)) return false
      tried.add(index)
      const other = takenBy.get(index)
      if (other !== undefined && !place(other, tried)) return false
      takenBy.set(index, expected)
      return true
    })
  return exact.every((_, expected) => place(expected, new Set()))
}

function meets(
  subject: string,
  value: Scalar,
  conditions: Conditions,
  matches: (pattern: string, text: string) => boolean,
): boolean {
  const { equals, oneOf, contains, min, max } = conditions
  if (equals !== undefined && !isSame(subject, value, equals)) return false
  if (oneOf && !oneOf.some((expected) => isSame(subject, value, expected))) return false
  if (contains !== undefined && ![contains].flat().every((part) => String(value).includes(part)))
    return false
  if (min !== undefined && !(toNumber(value) >= min)) return false
  if (max !== undefined && !(toNumber(value) <= max)) return false
  // Last: the one comparison that can be slow.
  return conditions.matches === undefined || matches(conditions.matches, String(value))
}

const STATUS_RANGE = /^(\d{3})-(\d{3})$/

function isSame(subject: string, value: Scalar, expected: Scalar): boolean {
  if (subject === 'status' && typeof expected === 'string') {
    if (/^\dxx$/.test(expected))
      return String(value).length === 3 && String(value).startsWith(expected.slice(0, 1))
    const range = STATUS_RANGE.exec(expected)
    if (range) return toNumber(value) >= Number(range[1]) && toNumber(value) <= Number(range[2])
  }
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
  const { not, absent, quantifier, exact, count } = matcher
  const conditions = describeConditions(subject, matcher)
  const parts: string[] = []
  if (conditions !== '') parts.push(quantifier ? `${quantifier} ${conditions}` : conditions)
  if (exact)
    parts.push(
      exact.length === 0
        ? 'no value'
        : `exactly ${exact.map((one) => describeConditions(subject, one)).join(', ')}`,
    )
  if (count) parts.push(`${describeConditions('count', count)} of them`)
  if (not) parts.push(`not ${describeConditions(subject, not, ' or ')}`)
  if (absent === true) parts.push('none')
  if (absent === false && parts.length === 0) parts.push('any')
  return parts.join(' and ')
}

function describeConditions(subject: string, conditions: Conditions, joint = ' and '): string {
  const { equals, oneOf, contains, matches, min, max } = conditions
  const parts: string[] = []
  if (equals !== undefined) parts.push(String(equals))
  if (oneOf) parts.push(oneOf.map(String).join(' or '))
  if (contains !== undefined)
    parts.push(
      `containing ${[contains]
        .flat()
        .map((text) => `"${text}"`)
        .join(joint)}`,
    )
  if (matches !== undefined) parts.push(`matching /${matches}/`)
  if (min !== undefined) parts.push(`at least ${describeNumber(subject, min)}`)
  if (max !== undefined) parts.push(`at most ${describeNumber(subject, max)}`)
  return parts.join(joint)
}

function describeValue(subject: string, value: SubjectValue | undefined): string {
  if (value === undefined) return NOTHING
  if (typeof value === 'number') return describeNumber(subject, value)
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return describeText(subject, value)
  return value.length === 0 ? NOTHING : shorten(value.map(String).join(', '))
}

function describeText(subject: string, text: string): string {
  const shown = shorten(text)
  if (subject !== 'body') return shown
  return text === '' ? 'an empty body' : `"${shown}" (${text.length} characters)`
}

function describeNumber(subject: string, value: number): string {
  if (!isDurationSubject(subject)) return String(value)
  // So precise that 800.4 ms does not look like the 800 ms that were allowed.
  return `${Number(value.toFixed(value < 10 ? 2 : 1))} ms`
}

/** So much of a text is looked at for what is shown of it; a body has megabytes. */
const LOOKED_AT_LENGTH_MAX = 10 * SHOWN_LENGTH_MAX

function shorten(text: string): string {
  const start = text.trimStart().slice(0, LOOKED_AT_LENGTH_MAX)
  const line = start.replace(/\s+/g, ' ').trim()
  const isWhole = start.length < LOOKED_AT_LENGTH_MAX && line.length <= SHOWN_LENGTH_MAX
  return isWhole ? line : `${line.slice(0, SHOWN_LENGTH_MAX)}…`
}
