import { randomUUID } from 'node:crypto'
import {
  type RunCheckContext,
  type RunOutcome,
  runCheck,
} from '../../src/probe/checks/run-check.ts'
import { TOO_LITTLE_PROCESSOR } from '../../src/probe/checks/time-box.ts'
import { connectTo } from '../../src/probe/connect-to.ts'
import type { JourneyHosts } from '../../src/probe/journey/journey-hosts.ts'
import { anyAddress } from '../../src/probe/network/address-policy.ts'
import { createDomainRegistry } from '../../src/probe/network/domain-registration.ts'
import { createTokenCache } from '../../src/probe/network/token-cache.ts'
import type { QualityMonitor } from '../../src/probe/quality.ts'
import type { ProbedCheck } from '../../src/protocol/check.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { tempFolder } from './temp-folder.ts'
import { until } from './until.ts'

export const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

type Parts = Partial<RunCheckContext>

const noBrowsers: Pick<JourneyHosts, 'run'> = {
  run: () => Promise.reject(new Error('a network check needs no browser')),
}

/**
 * Runs a network check once, as a probe would that has nothing else to do: again where it got too little of
 * a processor to look into what came, which is right on a busy machine, and not what is tested.
 *
 * @param begin called before it, each time.
 */
export function runOnce(
  check: ProbedCheck,
  parts: Parts = {},
  begin: () => void = () => undefined,
): Promise<RunOutcome> {
  return until('the check gets a processor', async () => {
    begin()
    const run = await attemptOnce(check, parts)
    return !run.error?.message.includes(TOO_LITTLE_PROCESSOR) && run
  })
}

async function attemptOnce(check: ProbedCheck, parts: Parts): Promise<RunOutcome> {
  return runCheck(check, {
    clock: systemClock,
    stopSignal: new AbortController().signal,
    runId: randomUUID(),
    regionId: 'eu-west',
    traceparent: TRACEPARENT,
    connectTo: connectTo([]),
    policy: anyAddress,
    tokens: createTokenCache(),
    domains: createDomainRegistry({ bootstrapUrl: 'http://127.0.0.1:9/' }),
    secret: () => undefined,
    journeyHosts: noBrowsers,
    quality: idleProbe,
    ...parts,
    tempFolder: parts.tempFolder ?? (await tempFolder()),
  })
}

/** A probe that has nothing else to do; what it measures is fit to be published. */
export const idleProbe: QualityMonitor = {
  begin: () => () => ({ eventLoopUtilization: 0, eventLoopLagMs: 0, concurrentRuns: 0 }),
  setClockOffset: () => undefined,
  watchLoad: () => () => ({ utilization: 0, lagMs: 0, spanMs: 1_000 }),
  stop: () => undefined,
}

/** Milliseconds spent in a phase; undefined when the run never came to it. */
export const phaseMs = ({ phases }: Pick<RunOutcome, 'phases'>, name: string) =>
  phases.find((phase) => phase.name === name)?.ms
