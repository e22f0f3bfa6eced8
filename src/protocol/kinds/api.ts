import { z } from 'zod'
import { checkBase } from '../check-base.ts'
import { PATTERN_LENGTH_MAX } from '../expectation.ts'
import { NAME_LENGTH_MAX } from '../ids.ts'
import { written } from '../written-base.ts'
import { pattern, writtenDuration } from '../written-matcher.ts'
import {
  HttpExpectations,
  httpOptions,
  requestFields,
  writtenHttpOptions,
  writtenRequest,
} from './http.ts'

/** Requests of one check: longer ones are journeys. */
export const REQUESTS_MAX = 20
const CAPTURES_MAX = 20

const variableName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]*$/, 'a name such as orderId')
  .max(NAME_LENGTH_MAX)

/** Where a value comes from: exactly one of `json`, `header`, `select` and `body`. */
const WrittenCapture = z
  .strictObject({
    json: z.string().optional().describe('JSONPath; the first value that it finds.'),
    header: z.string().optional().describe("A header's name."),
    select: z.string().optional().describe("CSS selector; the first element's text."),
    body: pattern.optional().describe('Pattern; its first group, or all of it without one.'),
    matches: pattern
      .optional()
      .describe('Pattern that takes a part out of what was found: its first group.'),
    isSecret: z.boolean().optional().describe('Masked wherever the run is shown.'),
  })
  .refine(
    (capture) =>
      (['json', 'header', 'select', 'body'] as const).filter((key) => capture[key] !== undefined)
        .length === 1,
    { error: 'one of json, header, select and body' },
  )

const ApiExpectations = z.strictObject({ total: writtenDuration.optional() })

/** Several requests, one after the other, with values carried from one to the next. */
export const WrittenApiCheck = z.strictObject({
  ...written,
  kind: z.literal('api'),
  ...writtenHttpOptions,
  requests: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(NAME_LENGTH_MAX).describe('What a user would call it.'),
        ...writtenRequest,
        capture: z
          .record(variableName, WrittenCapture)
          .refine((captures) => Object.keys(captures).length <= CAPTURES_MAX, {
            error: `at most ${CAPTURES_MAX} values`,
          })
          .optional()
          .describe('Values for later requests, which use them as {{name}}.'),
        expect: HttpExpectations.optional(),
        should: HttpExpectations.optional(),
      }),
    )
    .min(1)
    .max(REQUESTS_MAX),
  expect: ApiExpectations.optional(),
  should: ApiExpectations.optional(),
})

export const Capture = z.object({
  from: z.enum(['json', 'header', 'select', 'body']),
  /** JSONPath, header name or selector; absent for `body`. */
  key: z.string().optional(),
  matches: z.string().max(PATTERN_LENGTH_MAX).optional(),
  isSecret: z.boolean().optional(),
})
export type Capture = z.infer<typeof Capture>

export const ApiRequest = z.object({
  name: z.string(),
  ...requestFields,
  capture: z.record(z.string(), Capture).optional(),
})
export type ApiRequest = z.infer<typeof ApiRequest>

export const ApiCheck = z.object({
  ...checkBase,
  kind: z.literal('api'),
  ...httpOptions,
  requests: z.array(ApiRequest).min(1),
})
export type ApiCheck = z.infer<typeof ApiCheck>
