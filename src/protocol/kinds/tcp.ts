import { z } from 'zod'
import { Addresses, checkBase, Turn, tlsOptions } from '../check-base.ts'
import {
  addresses,
  host,
  port,
  written,
  writtenDialogue,
  writtenTlsOptions,
} from '../written-base.ts'
import { writtenDuration, writtenNumber, writtenText } from '../written-matcher.ts'

/** What a `tcp` check can expect besides that it connects and that each turn of its dialogue holds. */
export const TcpExpectations = z.strictObject({
  received: writtenText.optional().describe('Everything that came.'),
  certificateDaysLeft: writtenNumber.optional(),
  dns: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  exchange: writtenDuration.optional().describe('The dialogue.'),
  total: writtenDuration.optional(),
})

export const WrittenTcpCheck = z.strictObject({
  ...written,
  kind: z.literal('tcp'),
  host,
  port,
  tls: z
    .boolean()
    .optional()
    .describe('Whether the connection is secured before anything is said.'),
  dialogue: writtenDialogue.optional(),
  addresses,
  ...writtenTlsOptions,
  expect: TcpExpectations.optional(),
  should: TcpExpectations.optional(),
})

export const TcpCheck = z.object({
  ...checkBase,
  kind: z.literal('tcp'),
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  tls: z.boolean(),
  dialogue: z.array(Turn).optional(),
  addresses: Addresses.optional(),
  ...tlsOptions,
})
export type TcpCheck = z.infer<typeof TcpCheck>
