import { z } from 'zod'
import { DURATION_EXPECTED, parseDuration } from '../base/duration.ts'
import { DnsRecordType, Tier } from './check.ts'
import {
  DnsExpectations,
  HttpExpectations,
  JourneyExpectations,
  TlsExpectations,
} from './expectation.ts'
import { CheckId, NAME_LENGTH_MAX, RegionId, ServiceId } from './ids.ts'

/**
 * A `*.checks.yaml` file below `probes/`, as people write it. Strict: a key that is not known is an error, so that
 * a typo cannot switch a check off. The editors' JSON Schema is made from this file.
 */

export const WrittenDuration = z
  .string(`expected ${DURATION_EXPECTED}`)
  .refine((text) => parseDuration(text) !== undefined, { error: `expected ${DURATION_EXPECTED}` })
  .meta({ pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$', examples: ['30s', '5m'] })

const AlertRule = z.strictObject({
  failuresToFire: z.number().int().min(1).max(100).optional(),
  regionsMin: z.number().int().min(1).max(100).optional(),
  passesToResolve: z.number().int().min(1).max(100).optional(),
})

const when = {
  every: WrittenDuration.optional().describe('Interval between slots in each region.'),
  cron: z.string().optional().describe('Five cron fields; the other way to say when.'),
  timeZone: z.string().optional().describe('IANA zone of the cron expression; UTC when absent.'),
  regions: z.array(RegionId).min(1).optional().describe('Where; every region when absent.'),
  timeout: WrittenDuration.optional().describe('Total time allowed for one run.'),
  alert: AlertRule.optional().describe('When failures become an alert.'),
  tier: Tier.optional().describe("How much a failure matters; the service's tier when absent."),
}

const common = {
  id: CheckId.describe('Unique in the fleet, such as checkout-stop.'),
  name: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('For people.'),
  ...when,
}

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/
// RFC 9110 §5.5. A line break in a value, such as one at the end of a secret's file, would end the
// header.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

const hostName = z
  .string()
  .regex(HOST_NAME, 'expected a host name or IP address, such as shop.example.com')
const host = z.union([hostName, z.ipv6()], {
  error: 'expected a host name or IP address, such as shop.example.com',
})

const webAddress = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as https://shop.example.com/',
})

export const WrittenHttpCheck = z.strictObject({
  ...common,
  kind: z.literal('http'),
  url: webAddress,
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).optional(),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name, such as accept-language'),
      z.string().regex(HEADER_VALUE, 'text on one line, without control characters'),
    )
    .optional(),
  body: z
    .string()
    .max(64 * 1024)
    .optional(),
  redirects: z
    .number()
    .int()
    .min(0)
    .max(20)
    .optional()
    .describe('How many to follow; 5 when absent.'),
  trustedRoots: z
    .string()
    .optional()
    .describe('PEM file of further authorities, beside this file.'),
  expect: HttpExpectations.optional(),
  should: HttpExpectations.optional(),
})

export const WrittenDnsCheck = z.strictObject({
  ...common,
  kind: z.literal('dns'),
  // `name` is the question here, as in every DNS tool; the check's own name is its id.
  name: hostName.describe('The name to ask for.'),
  recordType: DnsRecordType.optional().describe('A when absent.'),
  server: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$/, 'expected host or host:port')
    .optional()
    .describe("Name server to ask; the system's when absent."),
  expect: DnsExpectations.optional(),
  should: DnsExpectations.optional(),
})

export const WrittenTlsCheck = z.strictObject({
  ...common,
  kind: z.literal('tls'),
  host,
  port: z.number().int().min(1).max(65_535).optional().describe('443 when absent.'),
  serverName: hostName.optional(),
  trustedRoots: z
    .string()
    .optional()
    .describe('PEM file of further authorities, beside this file.'),
  expect: TlsExpectations.optional(),
  should: TlsExpectations.optional(),
})

export const WrittenJourneyCheck = z.strictObject({
  ...common,
  kind: z.literal('journey'),
  script: z
    .string()
    .regex(/^[A-Za-z0-9._/-]+\.journey\.ts$/, 'a path such as ./checkout.journey.ts')
    .describe('Path of the journey, from this file.'),
  url: webAddress.optional().describe('Where the journey starts; it gets it as `target`.'),
  secrets: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'expected a name such as SHOP_PASSWORD'))
    .optional(),
  ignoreHttpsErrors: z.boolean().optional(),
  expect: JourneyExpectations.optional(),
  should: JourneyExpectations.optional(),
})

export const WrittenCheck = z.discriminatedUnion('kind', [
  WrittenHttpCheck,
  WrittenDnsCheck,
  WrittenTlsCheck,
  WrittenJourneyCheck,
])
export type WrittenCheck = z.infer<typeof WrittenCheck>

/** One service's checks. The most that one file may hold is {@link CHECKS_PER_FILE_MAX}. */
export const CHECKS_PER_FILE_MAX = 1_000

export const CheckFile = z.strictObject({
  service: ServiceId.describe('The service in config/services.yaml that these checks watch.'),
  defaults: z
    .strictObject(when)
    .optional()
    .describe('Taken by each check that does not say otherwise.'),
  checks: z.array(WrittenCheck).min(1).max(CHECKS_PER_FILE_MAX),
})
export type CheckFile = z.infer<typeof CheckFile>
