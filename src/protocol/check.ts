import { z } from 'zod'
import { ApiCheck } from './kinds/api.ts'
import { DnsCheck } from './kinds/dns.ts'
import { GrpcCheck } from './kinds/grpc.ts'
import { HeartbeatCheck } from './kinds/heartbeat.ts'
import { HttpCheck } from './kinds/http.ts'
import { IcmpCheck } from './kinds/icmp.ts'
import { JourneyCheck } from './kinds/journey.ts'
import { PostgresCheck } from './kinds/postgres.ts'
import { SmtpCheck } from './kinds/smtp.ts'
import { TcpCheck } from './kinds/tcp.ts'
import { TlsCheck } from './kinds/tls.ts'
import { WebSocketCheck } from './kinds/websocket.ts'

/**
 * A check as it travels from coordinator to probe and lies in the store: every default applied,
 * every duration in milliseconds. Each kind is a file below `kinds/`; what people write is put
 * together in `check-file.ts`.
 */
export const CheckDefinition = z.discriminatedUnion('kind', [
  HttpCheck,
  ApiCheck,
  DnsCheck,
  TlsCheck,
  TcpCheck,
  IcmpCheck,
  WebSocketCheck,
  GrpcCheck,
  SmtpCheck,
  PostgresCheck,
  HeartbeatCheck,
  JourneyCheck,
])
export type CheckDefinition = z.infer<typeof CheckDefinition>

export const CheckKind = z.enum([
  'http',
  'api',
  'dns',
  'tls',
  'tcp',
  'icmp',
  'websocket',
  'grpc',
  'smtp',
  'postgres',
  'heartbeat',
  'journey',
])
export type CheckKind = CheckDefinition['kind']

/** One variant by its kind; indexed, so that a generic call through a registry type-checks. */
export type CheckOf<K extends CheckKind> = {
  [T in CheckKind]: Extract<CheckDefinition, { kind: T }>
}[K]

/** The kinds that probes run; a heartbeat is the coordinator's. */
export type ProbedKind = Exclude<CheckKind, 'heartbeat'>
export type ProbedCheck = CheckOf<ProbedKind>

export const isHeartbeat = (check: CheckDefinition): check is CheckOf<'heartbeat'> =>
  check.kind === 'heartbeat'
