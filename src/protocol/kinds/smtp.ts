import { z } from 'zod'
import { Addresses, checkBase, tlsOptions } from '../check-base.ts'
import { addresses, host, hostName, port, written, writtenTlsOptions } from '../written-base.ts'
import { writtenDuration, writtenNumber, writtenText, writtenValues } from '../written-matcher.ts'
import { certificateExpectations } from './tls.ts'

/** What an `smtp` check can expect. Without a word about it, the server must greet with 220. */
export const SmtpExpectations = z.strictObject({
  code: writtenNumber.optional().describe('Of the greeting.'),
  banner: writtenText.optional().describe('The greeting.'),
  capabilities: writtenValues.optional().describe('What EHLO lists: STARTTLS, SIZE 35882577 …'),
  ...certificateExpectations,
  dns: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  greeting: writtenDuration.optional(),
  exchange: writtenDuration.optional().describe('EHLO, and STARTTLS.'),
  total: writtenDuration.optional(),
})

export const SmtpSecurity = z.enum(['none', 'starttls', 'tls'])

export const WrittenSmtpCheck = z.strictObject({
  ...written,
  kind: z.literal('smtp'),
  host,
  port: port.optional().describe('25 when absent, 465 with tls.'),
  security: SmtpSecurity.optional().describe('none, starttls, or tls from the first byte.'),
  helloName: hostName.optional().describe('How the probe names itself in EHLO.'),
  addresses,
  ...writtenTlsOptions,
  expect: SmtpExpectations.optional(),
  should: SmtpExpectations.optional(),
})

export const SmtpCheck = z.object({
  ...checkBase,
  kind: z.literal('smtp'),
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  security: SmtpSecurity,
  helloName: z.string().optional(),
  addresses: Addresses.optional(),
  ...tlsOptions,
})
export type SmtpCheck = z.infer<typeof SmtpCheck>
