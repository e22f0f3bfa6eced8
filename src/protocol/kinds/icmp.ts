import { z } from 'zod'
import { Addresses, checkBase } from '../check-base.ts'
import { addresses, host, written } from '../written-base.ts'
import { writtenDuration, writtenNumber } from '../written-matcher.ts'

/** What an `icmp` check can expect. Without a word about loss, one answer is enough. */
export const IcmpExpectations = z.strictObject({
  loss: writtenNumber.optional().describe('Percent of the requests that got no answer.'),
  received: writtenNumber.optional().describe('How many answers came.'),
  dns: writtenDuration.optional(),
  rttMin: writtenDuration.optional(),
  rttAvg: writtenDuration.optional(),
  rttMax: writtenDuration.optional(),
  rttStddev: writtenDuration.optional(),
  total: writtenDuration.optional(),
})

export const WrittenIcmpCheck = z.strictObject({
  ...written,
  kind: z.literal('icmp'),
  host,
  count: z.number().int().min(1).max(20).optional().describe('Requests to send; 3 when absent.'),
  size: z
    .number()
    .int()
    .min(0)
    .max(1_400)
    .optional()
    .describe('Bytes of data in each; 56 when absent.'),
  addresses,
  expect: IcmpExpectations.optional(),
  should: IcmpExpectations.optional(),
})

export const IcmpCheck = z.object({
  ...checkBase,
  kind: z.literal('icmp'),
  host: z.string(),
  count: z.number().int().positive(),
  size: z.number().int().nonnegative(),
  addresses: Addresses.optional(),
})
export type IcmpCheck = z.infer<typeof IcmpCheck>
