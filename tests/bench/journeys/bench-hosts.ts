import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { RunCheckContext } from '../../../src/probe/checks/run-check.ts'
import { connectTo } from '../../../src/probe/connect-to.ts'
import { createJourneyHosts } from '../../../src/probe/journey/journey-hosts.ts'
import { anyAddress } from '../../../src/probe/network/address-policy.ts'
import { createDomainRegistry } from '../../../src/probe/network/domain-registration.ts'
import { createTokenCache } from '../../../src/probe/network/token-cache.ts'
import { watchQuality } from '../../../src/probe/quality.ts'
import { createLogger } from '../../../src/runtime/logger.ts'
import { systemClock } from '../../../src/runtime/system-clock.ts'
import { TRACEPARENT } from '../../support/check-context.ts'

/** Journeys as a probe runs them. */
export type BenchHosts = {
  /** What one run needs. */
  context(): RunCheckContext
  stop(): Promise<void>
}

type Parts = { chromium: string; folder: string; probesFolder: string }

export function createBenchHosts({ chromium, folder, probesFolder }: Parts): BenchHosts {
  const tempFolder = join(folder, 'temp')
  const journeyHosts = createJourneyHosts({
    count: 1,
    probesFolder,
    environment: process.env,
    chromium: { path: chromium, version: '' },
    connectTo: connectTo([]),
    logger: createLogger('bench', 'error'),
    clock: systemClock,
    tempFolder,
  })
  const quality = watchQuality(systemClock)
  const tokens = createTokenCache()
  const domains = createDomainRegistry()
  return {
    context: () => ({
      clock: systemClock,
      stopSignal: new AbortController().signal,
      runId: randomUUID(),
      regionId: 'here',
      traceparent: TRACEPARENT,
      connectTo: connectTo([]),
      policy: anyAddress,
      tokens,
      domains,
      secret: () => undefined,
      journeyHosts,
      quality,
      tempFolder,
    }),
    async stop() {
      quality.stop()
      await journeyHosts.stop()
    },
  }
}
