import { z } from 'zod'
import { DURATION_EXPECTED, parseDuration } from '../base/duration.ts'

/**
 * The one grammar for what a check expects, whatever its kind.
 *
 * People write, under `expect` (must hold, else `failed`) or `should` (else `degraded`), a subject
 * and what it is compared with:
 *
 *     expect: { status: 200, body: { contains: Lamp }, total: { max: 800ms } }
 *
 * A bare value means `equals`, a list means `oneOf`. On the wire each becomes one `Expectation`.
 */

const Scalar = z.union([z.string(), z.number(), z.boolean()])
export type Scalar = z.infer<typeof Scalar>

/** Regular expressions that people write are bounded, and run in a bounded time by the probe. */
export const PATTERN_LENGTH_MAX = 500

/** On the wire: what one observed value is compared with; every key that is there must hold. */
export const Matcher = z.object({
  equals: Scalar.optional(),
  oneOf: z.array(Scalar).optional(),
  contains: z.string().optional(),
  matches: z.string().max(PATTERN_LENGTH_MAX).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  absent: z.boolean().optional(),
})
export type Matcher = z.infer<typeof Matcher>

export const Expectation = z.object({
  level: z.enum(['must', 'should']),
  /** What is looked at: `status`, `header`, `body`, `total`, `rcode`, `daysLeft` … */
  subject: z.string(),
  /** The part of it, where it has parts: a header's name. */
  key: z.string().optional(),
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
})
export type Assertion = z.infer<typeof Assertion>

// ── What people write ────────────────────────────────────────────────────────────────────────

const pattern = z
  .string()
  .max(PATTERN_LENGTH_MAX)
  .refine(isRegularExpression, { error: 'expected a valid regular expression' })

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source, 'u')
    return true
  } catch {
    return false // That is the answer: the text is no regular expression.
  }
}

/** An empty mapping would expect nothing, and look as if it did. */
const hasKeys = (written: object): boolean => Object.keys(written).length > 0

const writtenText = z.union(
  [
    Scalar,
    z.array(Scalar).min(1),
    z
      .strictObject({
        equals: Scalar.optional(),
        oneOf: z.array(Scalar).min(1).optional(),
        contains: z.string().optional(),
        matches: pattern.optional(),
        absent: z.boolean().optional(),
      })
      .refine(hasKeys, { error: 'at least one of equals, oneOf, contains, matches or absent' }),
  ],
  { error: 'a value, a list of values, or a mapping such as { contains: Lamp }' },
)

const writtenNumber = z.union(
  [
    z.number(),
    z.array(z.number()).min(1),
    z
      .strictObject({ min: z.number().optional(), max: z.number().optional() })
      .refine(hasKeys, { error: 'min, max or both' })
      .refine(({ min, max }) => (min ?? -Infinity) <= (max ?? Infinity), {
        error: 'min not above max',
      }),
  ],
  { error: 'a number, a list of numbers, or a mapping such as { min: 14 }' },
)

const limit = z
  .string(`expected ${DURATION_EXPECTED}`)
  .refine((text) => parseDuration(text) !== undefined, {
    error: `expected ${DURATION_EXPECTED}`,
  })

const writtenDuration = z
  .strictObject(
    { min: limit.optional(), max: limit.optional() },
    { error: 'a mapping such as { max: 800ms }' },
  )
  .refine(hasKeys, { error: 'min, max or both' })
  .refine(({ min, max }) => (msOf(min) ?? 0) <= (msOf(max) ?? Infinity), {
    error: 'min not above max',
  })

const msOf = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text))

const STATUS_EXPECTED = 'a status such as 200, or a class such as 2xx'
const status = z.union(
  [
    z.number().int(STATUS_EXPECTED).min(100, STATUS_EXPECTED).max(599, STATUS_EXPECTED),
    z.string().regex(/^[1-5]xx$/, STATUS_EXPECTED),
  ],
  { error: STATUS_EXPECTED },
)

const writtenStatus = z.union([status, z.array(status).min(1)], {
  error: `${STATUS_EXPECTED}, or a list of them`,
})

/** What an `http` check can expect. Durations are of the phases in `protocol/run.ts`. */
export const HttpExpectations = z.strictObject({
  status: writtenStatus.optional(),
  headers: z.record(z.string(), writtenText).optional(),
  body: writtenText.optional(),
  bodyBytes: writtenNumber.optional(),
  dns: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  firstByte: writtenDuration.optional(),
  download: writtenDuration.optional(),
  total: writtenDuration.optional(),
})

/** What a `dns` check can expect. Each answer is written as in a zone file's data column. */
export const DnsExpectations = z.strictObject({
  rcode: writtenText.optional(),
  /** Holds when at least one answer does. */
  answer: writtenText.optional(),
  answerCount: writtenNumber.optional(),
  ttl: writtenNumber.optional(),
  total: writtenDuration.optional(),
})

/** What a `tls` check can expect. Without a word about it, trust and host name must hold. */
export const TlsExpectations = z.strictObject({
  daysLeft: writtenNumber.optional(),
  trusted: z.boolean().optional(),
  hostNameMatches: z.boolean().optional(),
  protocol: writtenText.optional(),
  issuer: writtenText.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  total: writtenDuration.optional(),
})

/** What a `journey` check can expect besides that each step succeeds. */
export const JourneyExpectations = z.strictObject({ total: writtenDuration.optional() })

type Written = Record<string, unknown>

/** Turns one block of written expectations into its wire form. The block must be valid. */
export function resolveExpectations(
  level: 'must' | 'should',
  written: Written | undefined,
): Expectation[] {
  const resolved: Expectation[] = []
  for (const [subject, value] of Object.entries(written ?? {})) {
    if (value === undefined) continue
    if (subject === 'headers') {
      for (const [name, expected] of Object.entries(value as Written))
        resolved.push({
          level,
          subject: 'header',
          key: name.toLowerCase(),
          matcher: toMatcher(expected),
        })
    } else {
      resolved.push({ level, subject, matcher: toMatcher(value) })
    }
  }
  return resolved
}

function toMatcher(written: unknown): Matcher {
  if (Array.isArray(written)) return { oneOf: written }
  if (typeof written !== 'object' || written === null) return { equals: written as Scalar }
  const entries = Object.entries(written).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    entries.map(([key, value]) => {
      const isLimit = (key === 'min' || key === 'max') && typeof value === 'string'
      return [key, isLimit ? parseDuration(value) : value]
    }),
  )
}
