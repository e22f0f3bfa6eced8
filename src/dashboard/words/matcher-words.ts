import { describeDuration } from '../../base/duration.ts'
import type { Conditions, Expectation, Matcher, Scalar } from '../../protocol/expectation.ts'

/** Subjects that are milliseconds; the same as in the grammar, which carries a schema library along. */
const DURATIONS = new Set(
  'dns proxy connect tls upgrade greeting firstByte download query login write exchange rttMin rttAvg rttMax rttStddev step ttfb fcp lcp inp total'.split(
    ' ',
  ),
)

/** An expectation in words: `header content-type contains “html”`, `total at most 800 ms`. */
export function expectationWords({ subject, key, matcher }: Expectation): string {
  return `${key === undefined ? subject : `${subject} ${key}`} ${matcherWords(subject, matcher)}`
}

export function matcherWords(subject: string, matcher: Matcher): string {
  const { not, absent, quantifier, exact, count, ...conditions } = matcher
  const show = (value: Scalar) => scalarWords(subject, value)
  const own = conditionWords(conditions, show)
  const whose = { any: 'one', all: 'each', none: 'none' } as const
  const parts = [
    own === '' || quantifier === undefined ? own : `${whose[quantifier]} ${own}`,
    not === undefined ? '' : `not: ${conditionWords(not, show)}`,
    absent === undefined ? '' : absent ? 'is absent' : 'is there',
    exact === undefined
      ? ''
      : `are exactly, in any order: ${exact.map((one) => conditionWords(one, show)).join('; ')}`,
    count === undefined ? '' : `how many: ${conditionWords(count, String)}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function conditionWords(conditions: Conditions, show: (value: Scalar) => string): string {
  const { equals, oneOf, contains, matches, min, max } = conditions
  const texts = contains === undefined ? [] : [contains].flat()
  const parts = [
    equals === undefined ? '' : `is ${show(equals)}`,
    oneOf === undefined ? '' : `is one of ${oneOf.map(show).join(', ')}`,
    texts.length === 0 ? '' : `contains ${texts.map((text) => `“${text}”`).join(' and ')}`,
    matches === undefined ? '' : `matches /${matches}/`,
    min === undefined || max === undefined ? '' : `from ${show(min)} to ${show(max)}`,
    min === undefined || max !== undefined ? '' : `at least ${show(min)}`,
    max === undefined || min !== undefined ? '' : `at most ${show(max)}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function scalarWords(subject: string, value: Scalar): string {
  if (typeof value === 'number' && DURATIONS.has(subject)) return describeDuration(value)
  return typeof value === 'boolean' ? (value ? 'true' : 'false') : String(value)
}
