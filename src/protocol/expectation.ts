import { z } from 'zod'
import { parseDuration } from '../base/duration.ts'

/**
 * The one grammar for what a check expects, whatever its kind.
 *
 * People write, under `expect` (must hold, else `failed`) or `should` (else `degraded`), a subject
 * and what it is compared with:
 *
 *     expect: { status: 200, body: { contains: Lamp }, total: { max: 800ms } }
 *
 * A bare value means `equals`, a list means `oneOf`. What people may write is in `written-matcher.ts`;
 * on the wire each subject becomes one `Expectation`.
 */

export const Scalar = z.union([z.string(), z.number(), z.boolean()])
export type Scalar = z.infer<typeof Scalar>

/** Regular expressions that people write are bounded, and run in a bounded time by the probe. */
export const PATTERN_LENGTH_MAX = 500

/** Elements of lists in one matcher. */
export const MATCHER_ITEMS_MAX = 100

/** Conditions on one value; every one that is there must hold. */
const conditions = {
  equals: Scalar.optional(),
  oneOf: z.array(Scalar).optional(),
  /** Of a list, every text must be in it. */
  contains: z.union([z.string(), z.array(z.string())]).optional(),
  matches: z.string().max(PATTERN_LENGTH_MAX).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
}

export const Conditions = z.object(conditions)
export type Conditions = z.infer<typeof Conditions>

/**
 * On the wire: what an observed value is compared with; every key that is there must hold. Of a list of
 * values, such as the answers of a name server, one must (`any`, when nothing is said).
 */
export const Matcher = z.object({
  ...conditions,
  /** None of these may hold. */
  not: Conditions.optional(),
  absent: z.boolean().optional(),
  /** How many values of a list must meet the conditions. */
  quantifier: z.enum(['any', 'all', 'none']).optional(),
  /** The list has exactly these values, in any order. */
  exact: z.array(Conditions).optional(),
  /** How many values there are. */
  count: Conditions.optional(),
})
export type Matcher = z.infer<typeof Matcher>

export const Expectation = z.object({
  level: z.enum(['must', 'should']),
  /** What is looked at: `status`, `header`, `body`, `total`, `rcode`, `daysLeft` … */
  subject: z.string(),
  /** The part of it, where it has parts: a header's name, a path into JSON. */
  key: z.string().optional(),
  /** The request that it is about, by its name; of the run's every part when absent. */
  part: z.string().optional(),
  matcher: Matcher,
})
export type Expectation = z.infer<typeof Expectation>

/** What came of one expectation; kept with the run. */
export const Assertion = z.object({
  level: z.enum(['must', 'should']),
  /** For people: `status`, `header content-type`, `total`. */
  subject: z.string(),
  expected: z.string(),
  actual: z.string(),
  held: z.boolean(),
  /** The request or address that it is about, where the run has several. */
  part: z.string().optional(),
  /** Why it does not count towards the verdict: the probe was too busy, or nobody could tell. */
  excluded: z.string().optional(),
})
export type Assertion = z.infer<typeof Assertion>

/** Subjects that are times of the target, in milliseconds: phases, and what is made of them. */
export const DURATION_SUBJECTS: ReadonlySet<string> = new Set([
  'dns',
  'proxy',
  'connect',
  'tls',
  'upgrade',
  'greeting',
  'firstByte',
  'download',
  'query',
  'login',
  'write',
  'exchange',
  'rttMin',
  'rttAvg',
  'rttMax',
  'rttStddev',
  'step',
  'ttfb',
  'fcp',
  'lcp',
  'inp',
  'total',
])

/** Whether a subject, with or without its key, is a time of the target: `total`, `step go to checkout`. */
export const isDurationSubject = (name: string): boolean =>
  DURATION_SUBJECTS.has(name.split(' ', 1)[0] ?? '')

/** Versions of TLS, oldest first, as OpenSSL names them; `min` of a protocol counts along this list. */
export const TLS_PROTOCOLS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

type Written = Record<string, unknown>

/** Subjects with parts: what people write, and what each part is called on the wire. */
const KEYED: Readonly<Record<string, string>> = {
  headers: 'header',
  json: 'json',
  select: 'select',
  steps: 'step',
}

/** Turns one block of written expectations into its wire form. The block must be valid. */
export function resolveExpectations(
  level: 'must' | 'should',
  written: Written | undefined,
  part?: string,
): Expectation[] {
  const resolved: Expectation[] = []
  const about = part === undefined ? {} : { part }
  for (const [subject, value] of Object.entries(written ?? {})) {
    if (value === undefined) continue
    const keyed = Object.hasOwn(KEYED, subject) ? KEYED[subject] : undefined
    if (keyed === undefined) {
      resolved.push({ level, subject, ...about, matcher: toMatcher(value) })
      continue
    }
    for (const [name, expected] of Object.entries(value as Written)) {
      const key = keyed === 'header' ? name.toLowerCase() : name
      resolved.push({ level, subject: keyed, key, ...about, matcher: toMatcher(expected) })
    }
  }
  return resolved
}

const QUANTIFIERS = ['any', 'all', 'none'] as const

function toMatcher(written: unknown): Matcher {
  if (!isMapping(written)) return toConditions(written)
  const { not, absent, exact, count, any, all, none, ...rest } = written
  const quantifier = QUANTIFIERS.find((name) => written[name] !== undefined)
  const quantified = any ?? all ?? none
  return {
    ...toConditions(quantified ?? rest),
    ...(quantifier && { quantifier }),
    ...(not !== undefined && { not: toConditions(not) }),
    ...(typeof absent === 'boolean' && { absent }),
    ...(Array.isArray(exact) && { exact: exact.map(toConditions) }),
    ...(count !== undefined && { count: toConditions(count) }),
  }
}

/** A list is `oneOf`, a bare value `equals`; limits that are written as durations become milliseconds. */
function toConditions(written: unknown): Conditions {
  if (Array.isArray(written)) return { oneOf: written }
  if (!isMapping(written)) return { equals: written as Scalar }
  const entries = Object.entries(written).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const isLimit = (key === 'min' || key === 'max') && typeof value === 'string'
      if (!isLimit) return [key, value]
      const version = TLS_PROTOCOLS.indexOf(value as (typeof TLS_PROTOCOLS)[number])
      return version < 0 ? [key, parseDuration(value)] : ['oneOf', TLS_PROTOCOLS.slice(version)]
    }),
  )
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
