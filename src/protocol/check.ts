import { z } from 'zod'
import { Expectation } from './expectation.ts'
import { CheckId, RegionId, ServiceId } from './ids.ts'

/**
 * A check as it travels from coordinator to probe and lies in the store: every default applied,
 * every duration in milliseconds. What people write is in `check-file.ts`.
 */

/** How much its failure matters; from the check, else from its service. */
export const Tier = z.enum(['core', 'standard', 'minor'])
export type Tier = z.infer<typeof Tier>

export const Schedule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('interval'), everyMs: z.number().int().positive() }),
  z.object({ kind: z.literal('cron'), expression: z.string(), timeZone: z.string() }),
])
export type Schedule = z.infer<typeof Schedule>

export const AlertRule = z.object({
  /** Failures in a row in one region that fire by themselves, as a regional alert. */
  failuresToFire: z.number().int().positive(),
  /** Regions whose latest fresh run failed that fire together: each confirms the other. */
  regionsMin: z.number().int().positive(),
  /** Passes in a row that prove a region healthy again. */
  passesToResolve: z.number().int().positive(),
})
export type AlertRule = z.infer<typeof AlertRule>

const base = {
  id: CheckId,
  serviceId: ServiceId,
  /** For people; the id when nothing better was written. */
  name: z.string(),
  tier: Tier,
  schedule: Schedule,
  /** In the order of `config/regions.yaml`; the order fixes each region's phase on the grid. */
  regions: z.array(RegionId).min(1),
  timeoutMs: z.number().int().positive(),
  expectations: z.array(Expectation),
  alert: AlertRule,
  /** SHA-256 of the definition as resolved, hex, first 16 digits. */
  hash: z.string(),
}

export const HttpCheck = z.object({
  ...base,
  kind: z.literal('http'),
  url: z.url(),
  method: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  redirectsMax: z.number().int().nonnegative(),
  /** PEM of authorities trusted besides the system's. */
  trustedRoots: z.string().optional(),
})
export type HttpCheck = z.infer<typeof HttpCheck>

export const DnsRecordType = z.enum([
  'A',
  'AAAA',
  'CAA',
  'CNAME',
  'MX',
  'NS',
  'PTR',
  'SOA',
  'SRV',
  'TXT',
])
export type DnsRecordType = z.infer<typeof DnsRecordType>

export const DnsCheck = z.object({
  ...base,
  kind: z.literal('dns'),
  /** The name asked for. */
  questionName: z.string(),
  recordType: DnsRecordType,
  /** `host` or `host:port` of the name server; the system's first resolver when absent. */
  server: z.string().optional(),
})
export type DnsCheck = z.infer<typeof DnsCheck>

export const TlsCheck = z.object({
  ...base,
  kind: z.literal('tls'),
  host: z.string(),
  port: z.number().int().min(1).max(65_535),
  /** Name sent as SNI and compared with the certificate; the host when absent. */
  serverName: z.string().optional(),
  trustedRoots: z.string().optional(),
})
export type TlsCheck = z.infer<typeof TlsCheck>

export const JourneyCheck = z.object({
  ...base,
  kind: z.literal('journey'),
  /** Path of the journey below the folder `probes/`, with forward slashes. */
  script: z.string(),
  /** What the journey gets as `target`: the address that it starts from. */
  url: z.url().optional(),
  /** Names of the secrets that the journey may read. */
  secrets: z.array(z.string()),
  ignoreHttpsErrors: z.boolean(),
})
export type JourneyCheck = z.infer<typeof JourneyCheck>

export const CheckDefinition = z.discriminatedUnion('kind', [
  HttpCheck,
  DnsCheck,
  TlsCheck,
  JourneyCheck,
])
export type CheckDefinition = z.infer<typeof CheckDefinition>
export const CheckKind = z.enum(['http', 'dns', 'tls', 'journey'])
export type CheckKind = CheckDefinition['kind']
/** One variant by its kind; indexed, so that a generic call through a registry type-checks. */
export type CheckOf<K extends CheckKind> = {
  [T in CheckKind]: Extract<CheckDefinition, { kind: T }>
}[K]
