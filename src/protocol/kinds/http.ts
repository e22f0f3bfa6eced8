import { z } from 'zod'
import { Addresses, Auth, checkBase, tlsOptions } from '../check-base.ts'
import {
  addresses,
  secretName,
  WrittenAuth,
  webAddress,
  written,
  writtenHeaders,
  writtenTlsOptions,
} from '../written-base.ts'
import {
  writtenDuration,
  writtenNumber,
  writtenStatus,
  writtenText,
  writtenValues,
} from '../written-matcher.ts'

export const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
] as const

export const HttpVersion = z.enum(['auto', '1.1', '2'])

/** Redirects that one request follows at most. */
export const REDIRECTS_MAX = 20
/** Of a request's body. */
export const REQUEST_BODY_BYTES_MAX = 64 * 1024

/** What an `http` check can expect. Durations are of the phases in `protocol/run.ts`. */
export const HttpExpectations = z.strictObject({
  status: writtenStatus.optional(),
  headers: z.record(z.string(), writtenText).optional(),
  body: writtenText.optional(),
  bodyBytes: writtenNumber.optional().describe('Of the body as unpacked.'),
  json: z
    .record(z.string(), writtenValues)
    .optional()
    .describe('Values of the JSON body, by JSONPath (RFC 9535): $.items[0].price'),
  select: z
    .record(z.string(), writtenValues)
    .optional()
    .describe('Texts of elements of the HTML or XML body, by CSS selector: h1, item > title'),
  title: writtenText.optional().describe("The page's title."),
  httpVersion: writtenText.optional().describe("'1.0', '1.1' or '2'."),
  redirects: writtenNumber.optional().describe('How many were followed.'),
  finalUrl: writtenText.optional().describe('Where the last redirect led, without its query.'),
  certificateDaysLeft: writtenNumber.optional(),
  dns: writtenDuration.optional(),
  proxy: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  firstByte: writtenDuration.optional(),
  download: writtenDuration.optional(),
  total: writtenDuration.optional(),
})

const exactlyOneContent = (body: Record<string, unknown>) =>
  ['text', 'json', 'form', 'graphql', 'file'].filter((key) => body[key] !== undefined).length === 1

const bodyText = z.string().max(REQUEST_BODY_BYTES_MAX)

const WrittenBody = z.union(
  [
    bodyText,
    z
      .strictObject({
        text: bodyText.optional(),
        json: z.unknown().optional(),
        form: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
        graphql: z
          .strictObject({
            query: bodyText.min(1),
            variables: z.record(z.string(), z.unknown()).optional(),
            operationName: z.string().optional(),
          })
          .optional(),
        file: z.string().optional().describe('Path of a file, from this file.'),
        type: z.string().max(200).optional().describe('Content type, where another is meant.'),
      })
      .refine(exactlyOneContent, { error: 'one of text, json, form, graphql and file' }),
  ],
  { error: 'text, or a mapping such as { json: { sku: lamp-7 } }' },
)
export type WrittenBody = z.infer<typeof WrittenBody>

/** One request, as `http` and each request of `api` has it. */
export const writtenRequest = {
  url: webAddress,
  method: z.enum(METHODS).optional(),
  headers: writtenHeaders.optional(),
  body: WrittenBody.optional(),
  auth: WrittenAuth.optional(),
}

/** How requests are made, as `http` and `api` have it. */
export const writtenHttpOptions = {
  ...writtenTlsOptions,
  redirects: z
    .union([z.boolean(), z.number().int().min(0).max(REDIRECTS_MAX)])
    .optional()
    .describe('How many to follow; 5 when absent or true, none when false.'),
  httpVersion: HttpVersion.optional().describe('auto (what the server offers), 1.1 or 2.'),
  compression: z.boolean().optional().describe('Whether packed answers are asked for.'),
  addresses,
  proxy: z
    .union([
      webAddress,
      z.strictObject({
        url: webAddress,
        username: z.string().optional(),
        password: secretName.optional(),
      }),
    ])
    .optional()
    .describe('Proxy to go through, such as http://proxy.example.com:3128'),
  secrets: z
    .array(secretName)
    .optional()
    .describe('Secrets that url, headers and body may use, as {{NAME}}.'),
}

export const WrittenHttpCheck = z.strictObject({
  ...written,
  kind: z.literal('http'),
  ...writtenRequest,
  ...writtenHttpOptions,
  expect: HttpExpectations.optional(),
  should: HttpExpectations.optional(),
})

/** One request on the wire. `{{NAME}}` in url, headers and body stands for a secret or a captured value. */
export const requestFields = {
  url: z.url(),
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  /** Instead of `body`, when it is no text. */
  bodyBase64: z.string().optional(),
  auth: Auth.optional(),
}

/** How requests are made, on the wire. */
export const httpOptions = {
  ...tlsOptions,
  redirectsMax: z.number().int().nonnegative(),
  /** `auto` when absent. */
  httpVersion: HttpVersion.optional(),
  /** True when absent. */
  compression: z.boolean().optional(),
  addresses: Addresses.optional(),
  proxy: z
    .object({ url: z.url(), username: z.string().optional(), password: z.string().optional() })
    .optional(),
  /** Names of the secrets that url, headers and body may use. */
  secrets: z.array(z.string()).optional(),
}

export const HttpCheck = z.object({
  ...checkBase,
  kind: z.literal('http'),
  ...requestFields,
  ...httpOptions,
})
export type HttpCheck = z.infer<typeof HttpCheck>
