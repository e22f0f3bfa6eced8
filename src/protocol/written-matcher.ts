import { z } from 'zod'
import { DURATION_EXPECTED, parseDuration } from '../base/duration.ts'
import { MATCHER_ITEMS_MAX, PATTERN_LENGTH_MAX, Scalar } from './expectation.ts'

/** What people may write behind a subject; see the grammar in `expectation.ts`. */

export const pattern = z
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

const isOrdered = ({ min, max }: { min?: number | undefined; max?: number | undefined }) =>
  (min ?? -Infinity) <= (max ?? Infinity)

const scalars = z.array(Scalar).min(1).max(MATCHER_ITEMS_MAX)

const textConditions = {
  equals: Scalar.optional(),
  oneOf: scalars.optional(),
  contains: z
    .union([z.string(), z.array(z.string()).min(1).max(MATCHER_ITEMS_MAX)], {
      error: 'a text, or a list of texts that must all be there',
    })
    .optional(),
  matches: pattern.optional(),
}

const limits = { min: z.number().optional(), max: z.number().optional() }

const TEXT_KEYS = 'equals, oneOf, contains, matches, not or absent'
const valueConditions = z
  .strictObject({ ...textConditions, ...limits })
  .refine(hasKeys, { error: 'at least one condition, such as contains or matches' })
  .refine(isOrdered, { error: 'min not above max' })

/** A text: a bare value, a list of which it is one, or conditions. */
export const writtenText = z.union(
  [
    Scalar,
    scalars,
    z
      .strictObject({
        ...textConditions,
        not: z
          .strictObject(textConditions)
          .refine(hasKeys, { error: 'at least one of equals, oneOf, contains or matches' })
          .optional(),
        absent: z.boolean().optional(),
      })
      .refine(hasKeys, { error: `at least one of ${TEXT_KEYS}` }),
  ],
  { error: 'a value, a list of values, or a mapping such as { contains: Lamp }' },
)

export const writtenNumber = z.union(
  [
    z.number(),
    z.array(z.number()).min(1).max(MATCHER_ITEMS_MAX),
    z
      .strictObject(limits)
      .refine(hasKeys, { error: 'min, max or both' })
      .refine(isOrdered, { error: 'min not above max' }),
  ],
  { error: 'a number, a list of numbers, or a mapping such as { min: 14 }' },
)

const quantified = z.union([Scalar, scalars, valueConditions], {
  error: 'a value, a list of values, or a mapping such as { matches: ^192 }',
})

/**
 * Values of which there may be several: the answers of a name server, what a path into JSON finds. One
 * of them must meet the conditions, unless `all`, `none`, `exact` or `count` says otherwise.
 */
export const writtenValues = z.union(
  [
    Scalar,
    scalars,
    z
      .strictObject({
        ...textConditions,
        ...limits,
        not: valueConditions.optional(),
        absent: z.boolean().optional(),
        any: quantified.optional(),
        all: quantified.optional(),
        none: quantified.optional(),
        exact: z
          .array(z.union([Scalar, valueConditions]))
          .max(MATCHER_ITEMS_MAX)
          .optional()
          .describe('These values and no others, in any order.'),
        count: writtenNumber.optional().describe('How many values there are.'),
      })
      .refine(hasKeys, { error: `at least one of ${TEXT_KEYS}, any, all, none, exact or count` })
      .refine(isOrdered, { error: 'min not above max' })
      .refine(saysHowManyOnce, { error: 'conditions, or one of any, all and none around them' }),
  ],
  { error: 'a value, a list of values, or a mapping such as { all: { matches: ^192 } }' },
)

function saysHowManyOnce(written: Record<string, unknown>): boolean {
  const plain = ['equals', 'oneOf', 'contains', 'matches', 'min', 'max'].some(
    (key) => key in written,
  )
  const around = ['any', 'all', 'none'].filter((key) => key in written).length
  return around + Number(plain) <= 1
}

const limit = z
  .string(`expected ${DURATION_EXPECTED}`)
  .refine((text) => parseDuration(text) !== undefined, {
    error: `expected ${DURATION_EXPECTED}`,
  })

const msOf = (text: string | undefined) => (text === undefined ? undefined : parseDuration(text))

export const writtenDuration = z
  .strictObject(
    { min: limit.optional(), max: limit.optional() },
    { error: 'a mapping such as { max: 800ms }' },
  )
  .refine(hasKeys, { error: 'min, max or both' })
  .refine(({ min, max }) => (msOf(min) ?? 0) <= (msOf(max) ?? Infinity), {
    error: 'min not above max',
  })

const STATUS_EXPECTED = 'a status such as 200, a class such as 2xx, or a range such as 200-204'
const status = z.union(
  [
    z.number().int(STATUS_EXPECTED).min(100, STATUS_EXPECTED).max(599, STATUS_EXPECTED),
    z.string().regex(/^([1-5]xx|[1-5]\d\d-[1-5]\d\d)$/, STATUS_EXPECTED),
  ],
  { error: STATUS_EXPECTED },
)

export const writtenStatus = z.union([status, z.array(status).min(1).max(MATCHER_ITEMS_MAX)], {
  error: `${STATUS_EXPECTED}, or a list of them`,
})
