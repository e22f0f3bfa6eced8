import type { CheckKind } from '../../protocol/check.ts'
import type { CheckRunner } from './check-runner.ts'
import { runDnsCheck } from './dns.ts'
import { runHttpCheck } from './http.ts'
import { runJourneyCheck } from './journey.ts'
import { runTlsCheck } from './tls.ts'

/** Not compiling? A kind of check was added to the protocol, and has no runner yet. */
export const checkRunners: { readonly [K in CheckKind]: CheckRunner<K> } = {
  http: runHttpCheck,
  dns: runDnsCheck,
  tls: runTlsCheck,
  journey: runJourneyCheck,
}
