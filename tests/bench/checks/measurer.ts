import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { runCheck } from '../../../src/probe/checks/run-check.ts'
import { connectTo } from '../../../src/probe/connect-to.ts'
import { anyAddress } from '../../../src/probe/network/address-policy.ts'
import { createDomainRegistry } from '../../../src/probe/network/domain-registration.ts'
import { createTokenCache } from '../../../src/probe/network/token-cache.ts'
import { noJourneyHosts } from '../../../src/probe/no-journey-hosts.ts'
import { watchQuality } from '../../../src/probe/quality.ts'
import type { ProbedCheck } from '../../../src/protocol/check.ts'
import type { Phase, Quality, Run } from '../../../src/protocol/run.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'

/** Runs checks one after the other, as they are told, with the probe's own code, in a process of its own. */

export type Measurement = {
  verdict: Run['verdict']
  error: string | undefined
  phases: Phase[]
  quality: Quality | undefined
}

const quality = watchQuality(systemClock)
const tokens = createTokenCache()
const domains = createDomainRegistry()

process.on('message', async (check: ProbedCheck) => {
  const outcome = await runCheck(check, {
    clock: systemClock,
    stopSignal: new AbortController().signal,
    runId: randomUUID(),
    regionId: 'here',
    traceparent: '',
    connectTo: connectTo([]),
    policy: anyAddress,
    tokens,
    domains,
    secret: () => undefined,
    journeyHosts: noJourneyHosts,
    quality,
    tempFolder: tmpdir(),
  })
  const measurement: Measurement = {
    verdict: outcome.verdict,
    error: outcome.error?.message,
    phases: outcome.phases,
    quality: outcome.quality,
  }
  process.send?.(measurement)
})
process.on('disconnect', () => process.exit(0))
process.send?.('ready')
