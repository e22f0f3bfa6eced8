import { z } from 'zod'
import { ServiceId } from './ids.ts'
import { WrittenApiCheck } from './kinds/api.ts'
import { WrittenDnsCheck } from './kinds/dns.ts'
import { WrittenGrpcCheck } from './kinds/grpc.ts'
import { WrittenHeartbeatCheck } from './kinds/heartbeat.ts'
import { WrittenHttpCheck } from './kinds/http.ts'
import { WrittenIcmpCheck } from './kinds/icmp.ts'
import { WrittenJourneyCheck } from './kinds/journey.ts'
import { WrittenPostgresCheck } from './kinds/postgres.ts'
import { WrittenSmtpCheck } from './kinds/smtp.ts'
import { WrittenTcpCheck } from './kinds/tcp.ts'
import { WrittenTlsCheck } from './kinds/tls.ts'
import { WrittenWebSocketCheck } from './kinds/websocket.ts'
import { when } from './written-base.ts'

/**
 * A `*.checks.yaml` file below `probes/`, as people write it. Strict: a key that is not known is an error, so that
 * a typo cannot switch a check off. The editors' JSON Schema is made from this file.
 */

export const WrittenCheck = z.discriminatedUnion('kind', [
  WrittenHttpCheck,
  WrittenApiCheck,
  WrittenDnsCheck,
  WrittenTlsCheck,
  WrittenTcpCheck,
  WrittenIcmpCheck,
  WrittenWebSocketCheck,
  WrittenGrpcCheck,
  WrittenSmtpCheck,
  WrittenPostgresCheck,
  WrittenHeartbeatCheck,
  WrittenJourneyCheck,
])
export type WrittenCheck = z.infer<typeof WrittenCheck>

export type WrittenOf<K extends WrittenCheck['kind']> = {
  [T in WrittenCheck['kind']]: Extract<WrittenCheck, { kind: T }>
}[K]

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
