import type { ProbedKind } from '../../protocol/check.ts'
import { runApiCheck } from './api.ts'
import type { CheckRunner } from './check-runner.ts'
import { runDnsCheck } from './dns.ts'
import { runGrpcCheck } from './grpc.ts'
import { runHttpCheck } from './http.ts'
import { runIcmpCheck } from './icmp.ts'
import { runJourneyCheck } from './journey.ts'
import { runPostgresCheck } from './postgres.ts'
import { runSmtpCheck } from './smtp.ts'
import { runTcpCheck } from './tcp.ts'
import { runTlsCheck } from './tls.ts'
import { runWebSocketCheck } from './websocket.ts'

/** Not compiling? A kind of check was added to the protocol, and has no runner yet. */
export const checkRunners: { readonly [K in ProbedKind]: CheckRunner<K> } = {
  http: runHttpCheck,
  api: runApiCheck,
  dns: runDnsCheck,
  tls: runTlsCheck,
  tcp: runTcpCheck,
  icmp: runIcmpCheck,
  websocket: runWebSocketCheck,
  grpc: runGrpcCheck,
  smtp: runSmtpCheck,
  postgres: runPostgresCheck,
  journey: runJourneyCheck,
}
