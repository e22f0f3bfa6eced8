import { z } from 'zod'
import { Addresses, checkBase, tlsOptions } from '../check-base.ts'
import {
  addresses,
  host,
  port,
  secretName,
  written,
  writtenHeaders,
  writtenTlsOptions,
} from '../written-base.ts'
import { writtenDuration, writtenNumber, writtenText } from '../written-matcher.ts'

/** What a `grpc` check can expect. Without a word about it, the service must be serving. */
export const GrpcExpectations = z.strictObject({
  servingStatus: writtenText
    .optional()
    .describe('SERVING, NOT_SERVING, UNKNOWN or SERVICE_UNKNOWN.'),
  grpcStatus: writtenText.optional().describe('OK, UNAVAILABLE, UNIMPLEMENTED …'),
  certificateDaysLeft: writtenNumber.optional(),
  dns: writtenDuration.optional(),
  connect: writtenDuration.optional(),
  tls: writtenDuration.optional(),
  firstByte: writtenDuration.optional(),
  total: writtenDuration.optional(),
})

/** The health protocol: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
export const WrittenGrpcCheck = z.strictObject({
  ...written,
  kind: z.literal('grpc'),
  host,
  port,
  tls: z.boolean().optional().describe('true when absent.'),
  service: z
    .string()
    .max(200)
    .optional()
    .describe('The service asked about; the whole server when absent.'),
  metadata: writtenHeaders.optional().describe('Headers to send along.'),
  secrets: z.array(secretName).optional().describe('Secrets that metadata may use, as {{NAME}}.'),
  addresses,
  ...writtenTlsOptions,
  expect: GrpcExpectations.optional(),
  should: GrpcExpectations.optional(),
})

export const GrpcCheck = z.object({
  ...checkBase,
  kind: z.literal('grpc'),
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  tls: z.boolean(),
  /** Empty: the whole server. */
  service: z.string(),
  metadata: z.record(z.string(), z.string()),
  secrets: z.array(z.string()).optional(),
  addresses: Addresses.optional(),
  ...tlsOptions,
})
export type GrpcCheck = z.infer<typeof GrpcCheck>
