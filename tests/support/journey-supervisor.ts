import { connectTo } from '../../src/probe/connect-to.ts'
import { createJourneyHosts } from '../../src/probe/journey/journey-hosts.ts'
import { anyAddress } from '../../src/probe/network/address-policy.ts'
import { createDomainRegistry } from '../../src/probe/network/domain-registration.ts'
import { createTokenCache } from '../../src/probe/network/token-cache.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aCheck } from './builders.ts'
import { noFindings } from './no-findings.ts'

/**
 * A process with journey hosts, to be killed: `node journey-supervisor.ts <folder> <script>`. Runs
 * the journey and prints each of its log lines.
 */
const [folder = '', script = ''] = process.argv.slice(2)
const nothing = () => undefined

const hosts = createJourneyHosts({
  count: 2,
  probesFolder: folder,
  environment: process.env,
  connectTo: connectTo([]),
  logger: createLogger('supervisor', 'silent'),
  clock: systemClock,
  tempFolder: folder,
})
await hosts.run(aCheck('journey', { script, timeoutMs: 60_000 }), {
  clock: systemClock,
  signal: new AbortController().signal,
  runId: 'run',
  regionId: 'eu-west',
  traceparent: '',
  connectTo: connectTo([]),
  secret: nothing,
  journeyHosts: hosts,
  policy: anyAddress,
  tokens: createTokenCache(),
  domains: createDomainRegistry(),
  findings: { ...noFindings, log: (line) => void process.stdout.write(`${line}\n`) },
})
