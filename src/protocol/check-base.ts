import { z } from 'zod'
import { AlertRule } from './alert-rule.ts'
import { Expectation, PATTERN_LENGTH_MAX } from './expectation.ts'
import { CheckId, RegionId, ServiceId } from './ids.ts'

/** What checks of every kind have, and forms that several kinds share, as they go over the wire. */

/** How much its failure matters; from the check, else from its service. */
export const Tier = z.enum(['core', 'standard', 'minor'])
export type Tier = z.infer<typeof Tier>

export const Schedule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('interval'), everyMs: z.number().int().positive() }),
  z.object({ kind: z.literal('cron'), expression: z.string(), timeZone: z.string() }),
])
export type Schedule = z.infer<typeof Schedule>

/** When a failed attempt is repeated at once, on a fresh connection, within the same run. */
export const Retry = z.object({
  /** `network`: errors of the network and time-outs; `any`: every failure. */
  on: z.enum(['network', 'any']),
  /** How often it is repeated at most. */
  times: z.number().int().positive(),
})
export type Retry = z.infer<typeof Retry>

export const checkBase = {
  id: CheckId,
  serviceId: ServiceId,
  /** For people; the id when nothing better was written. */
  name: z.string(),
  tier: Tier,
  schedule: Schedule,
  /** In the order of `config/regions.yaml`; the order fixes each region's phase on the grid. */
  regions: z.array(RegionId).min(1),
  /** Of one attempt, from its start to its verdict. */
  timeoutMs: z.number().int().positive(),
  expectations: z.array(Expectation),
  /** Nothing is repeated when absent. */
  retry: Retry.optional(),
  alert: AlertRule,
  /** SHA-256 of the definition as resolved, hex, first 16 digits. */
  hash: z.string(),
}

/**
 * Which of a host's addresses are connected to. `any`, when absent: the first that answers, as a
 * browser chooses (RFC 8305). `both`: one of each family. `every`: all; with these two the run has a
 * part for each address, and each must hold.
 */
export const Addresses = z.enum(['any', 'ipv4', 'ipv6', 'both', 'every'])
export type Addresses = z.infer<typeof Addresses>

/** The name of a secret, which the probe reads from its own environment. */
const SecretName = z.string()

export const Auth = z.object({
  basic: z.object({ username: z.string(), password: SecretName }).optional(),
  bearer: SecretName.optional(),
  /** OAuth 2 client credentials (RFC 6749 §4.4). */
  oauth2: z
    .object({
      tokenUrl: z.url(),
      clientId: z.string(),
      clientSecret: SecretName,
      scope: z.string().optional(),
      audience: z.string().optional(),
    })
    .optional(),
})
export type Auth = z.infer<typeof Auth>

export const ClientCertificate = z.object({
  /** PEM of the certificate, and of what belongs between it and its authority. */
  certificate: z.string(),
  /** Secret that holds the PEM of its private key. */
  key: SecretName,
})
export type ClientCertificate = z.infer<typeof ClientCertificate>

/** How kinds over TLS decide whom they trust, and who they are. */
export const tlsOptions = {
  /** PEM of authorities trusted besides the system's. */
  trustedRoots: z.string().optional(),
  /** Name sent as SNI and compared with the certificate; the host when absent. */
  serverName: z.string().optional(),
  clientCertificate: ClientCertificate.optional(),
}

/** One turn of a conversation: something sent, or something that must come. */
export const Turn = z.object({
  send: z.string().optional(),
  /** Bytes to send, as hexadecimal digits. */
  sendHex: z.string().optional(),
  /** Pattern that what comes must match before the conversation goes on. */
  expect: z.string().max(PATTERN_LENGTH_MAX).optional(),
})
export type Turn = z.infer<typeof Turn>
