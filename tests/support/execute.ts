import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { connectTo } from '../../src/probe/connect-to.ts'
import { createDiagnoser } from '../../src/probe/diagnose/diagnose.ts'
import {
  type ExecutedRun,
  type ExecuteParts,
  executeRun,
  type RunOrder,
} from '../../src/probe/execute-run.ts'
import { createUplinkJudge } from '../../src/probe/judge-uplink.ts'
import { type AddressPolicy, policyNamed } from '../../src/probe/network/address-policy.ts'
import { createDomainRegistry } from '../../src/probe/network/domain-registration.ts'
import { createTokenCache } from '../../src/probe/network/token-cache.ts'
import { createUplinkReferences } from '../../src/probe/network/uplink-references.ts'
import { noJourneyHosts } from '../../src/probe/no-journey-hosts.ts'
import { type QualityMonitor, watchQuality } from '../../src/probe/quality.ts'
import type { ProbedCheck } from '../../src/protocol/check.ts'
import type { RegionNetwork } from '../../src/protocol/config.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { idleProbe } from './check-context.ts'
import { tempFolder } from './temp-folder.ts'

export type TestRegion = {
  execute(check: ProbedCheck, order?: Partial<RunOrder>): Promise<ExecutedRun>
  /** Runs that failed while the references failed too, and failures that were not looked at. */
  counts: { networkDown: number; diagnosesSkipped: number }
}

type RegionOptions = {
  policy?: RegionNetwork['policy'] | AddressPolicy
  references?: Partial<RegionNetwork['references']>
  nameServers?: readonly string[]
  connectToRules?: Parameters<typeof connectTo>[0]
  quality?: QualityMonitor
}

/** Executes runs as a probe of a region does: attempts, own network, diagnosis. */
export function aRegion(options: RegionOptions = {}): TestRegion {
  const { nameServers, quality = idleProbe } = options
  const references = { names: [], addresses: [], resolvers: [], ...options.references }
  const counts = { networkDown: 0, diagnosesSkipped: 0 }
  const common = {
    clock: systemClock,
    connectTo: connectTo(options.connectToRules ?? []),
    policy: typeof options.policy === 'object' ? options.policy : policyNamed(options.policy),
    stopSignal: new AbortController().signal,
    nameServers,
  }
  const looked = createUplinkReferences({ ...common, references: () => references })
  const parts: Omit<ExecuteParts, 'tempFolder'> = {
    ...common,
    regionId: 'eu-west',
    probeId: 'eu-west-1',
    tokens: createTokenCache(),
    domains: createDomainRegistry({ bootstrapUrl: 'http://127.0.0.1:9/' }),
    secret: () => undefined,
    journeyHosts: noJourneyHosts,
    quality,
    uplink: createUplinkJudge(looked, () => void counts.networkDown++),
    diagnoser: createDiagnoser({
      ...common,
      resolvers: () => references.resolvers,
      onSkipped: () => void counts.diagnosesSkipped++,
    }),
  }
  return {
    counts,
    async execute(check, order = {}) {
      const now = systemClock.now()
      return executeRun(
        check,
        { runId: randomUUID(), slotAt: now, startedAt: now, ...order },
        { ...parts, tempFolder: await tempFolder() },
      )
    },
  }
}

/** A monitor that really watches this process, until the test ends. */
export function realQuality(): QualityMonitor {
  const quality = watchQuality(systemClock)
  onTestFinished(() => quality.stop())
  return quality
}
