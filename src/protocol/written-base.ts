import { z } from 'zod'
import { Addresses, Tier } from './check-base.ts'
import { CheckId, NAME_LENGTH_MAX, RegionId } from './ids.ts'
import { WrittenAlertRule } from './written-alert.ts'
import { WrittenDuration } from './written-duration.ts'
import { pattern } from './written-matcher.ts'

/** What checks of every kind may say, and forms that several kinds share, as people write them. */

export const RETRIES_MAX = 3

const WrittenRetry = z.union(
  [
    z.enum(['never', 'network', 'any']),
    z.strictObject({
      on: z.enum(['network', 'any']),
      times: z.number().int().min(1).max(RETRIES_MAX).optional(),
    }),
  ],
  { error: 'never, network, any, or a mapping such as { on: any, times: 2 }' },
)

export const when = {
  every: WrittenDuration.optional().describe('Interval between slots in each region.'),
  cron: z.string().optional().describe('Five cron fields; the other way to say when.'),
  timeZone: z.string().optional().describe('IANA zone of the cron expression; UTC when absent.'),
  regions: z.array(RegionId).min(1).optional().describe('Where; every region when absent.'),
  timeout: WrittenDuration.optional().describe('Total time allowed for one attempt.'),
  retry: WrittenRetry.optional().describe(
    'Which failures are repeated at once, within the run; network when absent, journeys never.',
  ),
  alert: WrittenAlertRule.optional().describe('When failures become an alert.'),
  tier: Tier.optional().describe("How much a failure matters; the service's tier when absent."),
}

export const written = {
  id: CheckId.describe('Unique in the fleet, such as checkout-stop.'),
  name: z.string().min(1).max(NAME_LENGTH_MAX).optional().describe('For people.'),
  ...when,
}

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/

export const hostName = z
  .string()
  .regex(HOST_NAME, 'expected a host name or IP address, such as shop.example.com')

export const host = z.union([hostName, z.ipv6()], {
  error: 'expected a host name or IP address, such as shop.example.com',
})

export const port = z.number().int().min(1).max(65_535)

export const webAddress = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as https://shop.example.com/',
})

export const secretName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of a secret, such as SHOP_PASSWORD')

// RFC 9110 §5.5. A line break in a value, such as one at the end of a secret's file, would end the
// header.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

export const writtenHeaders = z.record(
  z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 'a header name, such as accept-language'),
  z.string().regex(HEADER_VALUE, 'text on one line, without control characters'),
)

const exactlyOneOf = (written: object) =>
  Object.values(written).filter((value) => value !== undefined).length === 1

export const WrittenAuth = z
  .strictObject({
    basic: z.strictObject({ username: z.string().min(1), password: secretName }).optional(),
    bearer: secretName.optional(),
    oauth2: z
      .strictObject({
        tokenUrl: webAddress,
        clientId: z.string().min(1),
        clientSecret: secretName,
        scope: z.string().optional(),
        audience: z.string().optional(),
      })
      .optional(),
  })
  .refine(exactlyOneOf, { error: 'one of basic, bearer and oauth2' })
export type WrittenAuth = z.infer<typeof WrittenAuth>

export const addresses = Addresses.optional().describe(
  "Which of the host's addresses: any (as a browser chooses), ipv4, ipv6, both, or every.",
)

const pemFile = (what: string) => z.string().describe(`PEM file of ${what}, beside this file.`)

/** For kinds over TLS. */
export const writtenTlsOptions = {
  trustedRoots: pemFile('further authorities').optional(),
  serverName: hostName
    .optional()
    .describe('Name for SNI and for the certificate; the host when absent.'),
  clientCertificate: z
    .strictObject({
      certificate: pemFile('the certificate and its chain'),
      key: secretName.describe('Secret that holds the PEM of its private key.'),
    })
    .optional(),
}

const TURNS_MAX = 50

export const writtenDialogue = z
  .array(
    z
      .strictObject({
        send: z
          .string()
          .max(64 * 1024)
          .optional(),
        sendHex: z
          .string()
          .regex(/^([0-9a-fA-F]{2}\s*)+$/, 'pairs of hexadecimal digits')
          .max(128 * 1024)
          .optional(),
        expect: pattern.optional(),
      })
      .refine(exactlyOneOf, { error: 'one of send, sendHex and expect' }),
  )
  .min(1)
  .max(TURNS_MAX)
  .describe('What is said, in turns: send something, or expect a pattern in what comes.')
