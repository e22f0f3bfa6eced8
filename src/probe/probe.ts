import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { HEARTBEAT_EVERY_MS } from '../protocol/probe-api.ts'
import type { Environment } from '../runtime/environment.ts'
import { createLifecycle, type Lifecycle } from '../runtime/lifecycle.ts'
import type { Logger } from '../runtime/logger.ts'
import { systemRandom } from '../runtime/randomness.ts'
import type { Telemetry } from '../runtime/telemetry.ts'
import { createJourneyHosts, type JourneyHosts } from './journey/journey-hosts.ts'
import { startMeasuring } from './measuring.ts'
import { createDomainRegistry } from './network/domain-registration.ts'
import { createTokenCache } from './network/token-cache.ts'
import { ownVersion } from './network/user-agent.ts'
import { noJourneyHosts } from './no-journey-hosts.ts'
import { createProbeMetrics } from './probe-metrics.ts'
import { startProbeServer } from './probe-server.ts'
import type { ProbeSettings } from './probe-settings.ts'
import { watchQuality } from './quality.ts'
import { Scheduler } from './scheduler.ts'
import { createSecrets } from './secrets/secrets.ts'
import { Spool } from './spool/spool.ts'
import { createAssignmentFile } from './uplink/assignment-file.ts'
import { createCoordinatorClient } from './uplink/coordinator-client.ts'
import type { DrainLoop } from './uplink/drain-loop.ts'
import { startHeartbeat } from './uplink/heartbeat.ts'
import { keepOnCallPlan } from './uplink/keep-on-call-plan.ts'
import { listenForCommands } from './uplink/listen-for-commands.ts'
import { openProbeCredential, startEnrolling } from './uplink/probe-credential.ts'
import { startSendingRuns } from './uplink/send-runs.ts'
import { startUploadingArtifacts } from './uplink/upload-artifacts.ts'

export { readProbeSettings } from './probe-settings.ts'

const BROWSER_TEXT_MAX = 500

export type ProbeOptions = {
  settings: ProbeSettings
  /** For the secrets of checks, and to find a browser. */
  environment: Environment
  clock: Clock
  logger: Logger
  telemetry: Telemetry
  /** As often as the coordinator expects it, when absent; more often is never wrong. */
  heartbeatEveryMs?: number
}

export type Probe = {
  /** Resolves when the probe measures, or waits for its first assignment. */
  start(): Promise<void>
  /** Stops everything, last started first, within 5 s. May be called at any time, and twice. */
  stop(): Promise<void>
  /** Where `/metrics`, `/healthz` and `/readyz` are, once started. */
  readonly metricsAddress: string | undefined
}

/**
 * Makes a probe: built, not yet running.
 *
 * States: built → started → stopped. Once started it measures by the last assignment that it got,
 * whether the coordinator is there or not; what it recorded is on its disk. Dying at any moment loses
 * at most the runs under way, and those are accounted for at the next start.
 */
export function createProbe(options: ProbeOptions): Probe {
  const lifecycle = createLifecycle(options.logger)
  let metricsAddress: string | undefined
  let starting: Promise<void> | undefined

  async function start(): Promise<void> {
    try {
      metricsAddress = await startProbe(options, lifecycle)
    } catch (error) {
      await lifecycle.stop()
      throw error
    }
  }

  return {
    start: () => (starting ??= start()),
    async stop() {
      // A start that was cut short would leave parts that nobody stops. Its failure is the starter's.
      await starting?.catch(() => undefined)
      await lifecycle.stop()
    },
    get metricsAddress() {
      return metricsAddress
    },
  }
}

async function startProbe(
  options: ProbeOptions,
  lifecycle: Lifecycle,
): Promise<string | undefined> {
  const { settings, environment, clock, logger } = options
  const { regionId, probeId, places, connectTo, dataFolder } = settings
  const uplink: { runs?: DrainLoop; artifacts?: DrainLoop } = {}

  const spool = await Spool.open({
    folder: join(dataFolder, 'spool'),
    bytesMax: settings.spoolBytesMax,
    logger,
    onWork(how) {
      uplink.runs?.wake(how)
      uplink.artifacts?.wake()
    },
  })
  lifecycle.onStop('spool', () => spool.close())
  const quality = watchQuality(clock)
  lifecycle.onStop('quality monitor', () => quality.stop())
  const tempFolder = await emptyTempFolder(settings)
  const journeyHosts = await startJourneyHosts(options, lifecycle, tempFolder)

  const secrets = createSecrets({
    environment,
    clock,
    logger,
    refreshMs: settings.secretsRefreshMs,
  })
  lifecycle.onStop('secrets', () => secrets.stop())

  const credential = await openProbeCredential(dataFolder, settings)
  const client = createCoordinatorClient({
    url: settings.coordinatorUrl,
    token: credential.token,
    probeId,
    regionId,
    clock,
  })
  lifecycle.onStop('connections to the coordinator', () => client.close())
  startEnrolling({ credential, client, probeId, lifecycle, logger, random: systemRandom })

  const scheduler = new Scheduler({ regionId, places, lastSlots: spool.lastSlots })
  const metrics = createProbeMetrics({
    clock,
    regionId,
    spool: () => spool.counts,
    capacity: () => ({
      limit: scheduler.limits.network,
      isUnderProvisioned: scheduler.isUnderProvisioned(clock.now()),
    }),
  })
  const parts = { clock, logger, lifecycle, metrics, spool, quality, journeyHosts, client }
  const measuring = await startMeasuring({
    ...parts,
    scheduler,
    regionId,
    probeId,
    connectTo,
    tokens: createTokenCache(),
    domains: createDomainRegistry(),
    tempFolder,
    secret: secrets.get,
    prepareSecrets: secrets.prepare,
    assignmentFile: createAssignmentFile(dataFolder, logger),
  })
  const address = await startServer(options, lifecycle, () => measuring.assignment !== undefined)

  const startedAt = clock.now()
  startHeartbeat({
    ...parts,
    regionId,
    status() {
      const { runs, bytes, droppedRuns, droppedArtifacts, damagedRecords } = spool.counts
      const { assignment } = measuring
      return {
        probeId,
        regionId,
        startedAt,
        version: ownVersion(),
        ...(assignment && { assignmentHash: assignment.hash }),
        capacity: places,
        running: scheduler.running,
        spool: { runs, bytes, droppedRuns, droppedArtifacts, damagedRecords },
        shedSlots: scheduler.counts.shedSlots,
        browser: journeyHosts.browser().slice(0, BROWSER_TEXT_MAX),
      }
    },
    onClockOffset: quality.setClockOffset,
    onAssignment: measuring.adopt,
    everyMs: options.heartbeatEveryMs ?? HEARTBEAT_EVERY_MS,
  })
  listenForCommands({ ...parts, regionId, random: systemRandom, onCommand: measuring.runNow })
  keepOnCallPlan({ ...parts, folder: dataFolder })
  uplink.runs = startSendingRuns({ ...parts, random: systemRandom })
  uplink.artifacts = startUploadingArtifacts({ ...parts, random: systemRandom })
  logger.info({ probeId, regionId, metrics: address }, 'probe started')
  return address
}

/** Where files of runs under way are; what an earlier process left belongs to runs never recorded. */
async function emptyTempFolder({ dataFolder }: ProbeSettings): Promise<string> {
  const folder = join(dataFolder, 'temp')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  return folder
}

async function startJourneyHosts(
  { settings, environment, clock, logger }: ProbeOptions,
  lifecycle: Lifecycle,
  tempFolder: string,
): Promise<JourneyHosts> {
  if (settings.places.browsers === 0) return noJourneyHosts
  // Loaded when the first browser is looked for, it would hold up the runs that are measured by then.
  await import('playwright')
  const journeyHosts = createJourneyHosts({
    count: settings.places.browsers,
    probesFolder: settings.probesFolder,
    environment,
    connectTo: settings.connectTo,
    limits: settings.hostLimits,
    logger,
    clock,
    tempFolder,
  })
  lifecycle.onStop('journey hosts', () => journeyHosts.stop())
  return journeyHosts
}

async function startServer(
  { settings, telemetry, logger }: ProbeOptions,
  lifecycle: Lifecycle,
  isReady: () => boolean,
): Promise<string | undefined> {
  if (!settings.metrics) return undefined
  const server = await startProbeServer({ ...settings.metrics, telemetry, logger, isReady })
  lifecycle.onStop('metrics server', () => server.close())
  return server.address
}
