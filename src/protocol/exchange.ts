import { z } from 'zod'
import { NAME_LENGTH_MAX } from './ids.ts'

export { EXCHANGE_ARTIFACT } from './public-paths.ts'

/** Of a body; what comes after it is not kept. */
export const EXCHANGE_BODY_BYTES_MAX = 64 * 1024
/** Exchanges of one run that are kept: the last ones. */
export const EXCHANGES_KEPT_MAX = 5
export const EXCHANGE_HEADERS_MAX = 200

const Headers = z.array(z.tuple([z.string(), z.string()])).max(EXCHANGE_HEADERS_MAX)

const Body = z.object({
  /** Text, or base64 of other bytes. */
  text: z.string().optional(),
  base64: z.string().optional(),
  /** Of the whole body, as unpacked, as far as it was read. */
  bytes: z.number().int().nonnegative(),
  isTruncated: z.boolean(),
})
export type ExchangeBody = z.infer<typeof Body>

export const RecordedExchange = z.object({
  part: z.string().max(NAME_LENGTH_MAX).optional(),
  request: z.object({
    method: z.string(),
    url: z.string(),
    headers: Headers,
    body: Body.optional(),
  }),
  /** Absent when there was no answer, or no complete head of one. */
  response: z
    .object({
      status: z.number().int(),
      httpVersion: z.string(),
      headers: Headers,
      body: Body.optional(),
    })
    .optional(),
})
export type RecordedExchange = z.infer<typeof RecordedExchange>

export const ExchangeFile = z.object({
  exchanges: z.array(RecordedExchange).max(EXCHANGES_KEPT_MAX),
})
export type ExchangeFile = z.infer<typeof ExchangeFile>
