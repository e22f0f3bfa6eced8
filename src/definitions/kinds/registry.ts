import type { CheckKind } from '../../protocol/check.ts'
import { apiResolver } from './api.ts'
import { dnsResolver } from './dns.ts'
import { grpcResolver } from './grpc.ts'
import { heartbeatResolver } from './heartbeat.ts'
import { httpResolver } from './http.ts'
import { icmpResolver } from './icmp.ts'
import { journeyResolver } from './journey.ts'
import type { KindResolver } from './kind-resolver.ts'
import { postgresResolver } from './postgres.ts'
import { smtpResolver } from './smtp.ts'
import { tcpResolver } from './tcp.ts'
import { tlsResolver } from './tls.ts'
import { webSocketResolver } from './websocket.ts'

/** Not compiling? A kind of check was added to the protocol, and nothing resolves it yet. */
export const kindResolvers: { readonly [K in CheckKind]: KindResolver<K> } = {
  http: httpResolver,
  api: apiResolver,
  dns: dnsResolver,
  tls: tlsResolver,
  tcp: tcpResolver,
  icmp: icmpResolver,
  websocket: webSocketResolver,
  grpc: grpcResolver,
  smtp: smtpResolver,
  postgres: postgresResolver,
  heartbeat: heartbeatResolver,
  journey: journeyResolver,
}
