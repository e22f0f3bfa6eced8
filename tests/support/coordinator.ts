import { onTestFinished } from 'vitest'
import type { z } from 'zod'
import type { Clock } from '../../src/base/clock.ts'
import {
  type AccessSettings,
  createCoordinator,
  type ServedRoute,
} from '../../src/coordinator/coordinator.ts'
import type { CoordinatorLimits } from '../../src/coordinator/coordinator-parts.ts'
import type { Fleet } from '../../src/protocol/config.ts'
import {
  type Assignment,
  type Heartbeat,
  HeartbeatAnswer,
  IngestReceipt,
  PROBE_API_PREFIX,
} from '../../src/protocol/probe-api.ts'
import {
  type CommandedIncident,
  type Problem,
  type RouteContract,
  urlFor,
} from '../../src/protocol/public-api.ts'
import type { Run } from '../../src/protocol/run.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { startTelemetry } from '../../src/runtime/telemetry.ts'
import { aCheck } from './builders.ts'
import { type Database, freshDatabase } from './databases.ts'
import { MOVED_LOOP_PACE } from './movable-clock.ts'
import { tempFolder } from './temp-folder.ts'

export const PROBE_TOKEN = 'a-token-for-tests-only'
const REGIONS = ['eu-west', 'us-east', 'ap-south']

/** A fleet's definitions, valid by default. */
export function aFleet(overrides: Partial<Fleet> = {}): Fleet {
  return {
    regions: REGIONS.map((id) => ({ id, name: id })),
    silentAfterMs: 30_000,
    services: [{ id: 'storefront', name: 'Storefront', tier: 'core', owner: undefined }],
    severityRules: [
      {
        when: { tier: 'core', scope: 'global' },
        severity: 'SEV-1',
        because: 'A core function fails everywhere.',
      },
      { when: { tier: 'core' }, severity: 'SEV-2', because: 'A core function fails in part.' },
      { when: {}, severity: 'SEV-3', because: 'Something fails.' },
    ],
    verifyForMs: 30 * 60_000,
    channels: [],
    checks: [aCheck('http')],
    objectives: [],
    signalSources: [],
    hash: 'fleet',
    ...overrides,
  }
}

/** Most tests are not about who may come in. */
export const ACCESS: AccessSettings = {
  signIn: 'off',
  publicUrl: undefined,
  probeToken: PROBE_TOKEN,
  metricsToken: undefined,
  sessionIdleMs: 86_400_000,
  sessionMs: 14 * 86_400_000,
  trustedProxies: [],
  firstAdmin: undefined,
  organisation: undefined,
}

export type TestCoordinator = {
  address: string
  /** The one-time link for the first admin, where sign-in is required and there is none yet. */
  invitation: string | undefined
  /** Every route, with who may call it. */
  routes: readonly ServedRoute[]
  get<C extends RouteContract>(
    contract: C,
    params?: Record<string, string>,
    query?: Record<string, string | number>,
  ): Promise<z.output<C['response']>>
  /** Sends a command as people do; an answer that is no success is given as it is. */
  post(
    contract: RouteContract,
    params: Record<string, string>,
    body: unknown,
  ): Promise<{ status: number; answer: CommandedIncident & Problem }>
  /** A request as a probe makes it; the token can be left out. */
  probeRequest(path: string, init?: RequestInit & { token?: string }): Promise<Response>
  ingest(runs: unknown[], regionId?: string): Promise<IngestReceipt>
  heartbeat(regionId: string): Promise<HeartbeatAnswer>
  assignment(regionId: string): Promise<Assignment>
  stop(): Promise<void>
}

export type TestCoordinatorOptions = {
  database: Database | Awaited<ReturnType<typeof freshDatabase>>
  clock: Clock
  fleet?: Fleet
  secrets?: Record<string, string>
  limits?: Partial<CoordinatorLimits>
  access?: Partial<AccessSettings>
  /** Of the built dashboard; without it there is none. */
  dashboardFolder?: string
  /** Where the public page is kept as files; nowhere when absent. */
  statusPageFolder?: string
  /** Any free one when absent. */
  port?: number
}

/** A coordinator in this process, on a real database and a real port; stopped when the test ends. */
export async function startCoordinator(options: TestCoordinatorOptions): Promise<TestCoordinator> {
  const { database, clock, fleet = aFleet(), secrets = {}, port = 0 } = options
  const dataFolder = await tempFolder()
  const telemetry = startTelemetry({ 'service.name': 'firewatch-coordinator' }, {})
  const coordinator = createCoordinator({
    fleet,
    location: typeof database === 'string' ? await freshDatabase(database) : database,
    dataFolder,
    dashboardFolder: options.dashboardFolder ?? 'no-dashboard-here',
    statusPageFolder: options.statusPageFolder,
    host: '127.0.0.1',
    port,
    access: { ...ACCESS, ...options.access },
    limits: {
      artifactBytesMax: 10_000_000,
      artifactsKeptMs: 86_400_000,
      historyKeptMs: 86_400_000,
      inboxDeliveriesMax: 1_000,
      ...options.limits,
    },
    clock,
    logger: createLogger('coordinator', process.env.TEST_LOG_LEVEL ?? 'silent'),
    telemetry,
    secret: (name) => secrets[name],
    ...(clock !== systemClock && { loopPace: MOVED_LOOP_PACE }),
  })
  const address = await coordinator.start()
  const stop = async () => {
    await coordinator.stop()
    await telemetry.shutdown()
  }
  onTestFinished(stop)
  return {
    ...clientOf(address, clock),
    invitation: coordinator.firstInvitation?.link,
    routes: coordinator.routes,
    stop,
  }
}

export function clientOf(
  address: string,
  clock: Clock,
): Omit<TestCoordinator, 'stop' | 'invitation' | 'routes'> {
  const probeRequest: TestCoordinator['probeRequest'] = (
    path,
    { token = PROBE_TOKEN, ...init } = {},
  ) =>
    fetch(`${address}${PROBE_API_PREFIX}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...init.headers },
    })
  const post = async (path: string, body: unknown) => {
    const response = await probeRequest(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  return {
    address,
    probeRequest,
    async get(contract, params, query) {
      const response = await fetch(address + urlFor(contract, params, query))
      if (!response.ok)
        throw new Error(`${contract.path}: ${response.status} ${await response.text()}`)
      return contract.response.parse(await response.json()) as never
    },
    async post(contract, params, body) {
      const response = await fetch(address + urlFor(contract, params), {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      })
      return { status: response.status, answer: (await response.json()) as never }
    },
    async ingest(runs, regionId = (runs[0] as Run).regionId) {
      return IngestReceipt.parse(await post('/runs', { probeId: `${regionId}-1`, regionId, runs }))
    },
    async heartbeat(regionId) {
      return HeartbeatAnswer.parse(await post('/heartbeat', aHeartbeat(regionId, clock.now())))
    },
    async assignment(regionId) {
      const response = await probeRequest(`/assignment?region=${regionId}`)
      return (await response.json()) as Assignment
    },
  }
}

export function aHeartbeat(regionId: string, sentAt: number): Heartbeat {
  return {
    probeId: `${regionId}-1`,
    regionId,
    startedAt: sentAt - 60_000,
    sentAt,
    version: '0.1.0',
    capacity: { network: 50, browsers: 1 },
    running: { network: 0, browsers: 0 },
    spool: { runs: 0, bytes: 0, droppedRuns: 0, droppedArtifacts: 0, damagedRecords: 0 },
    shedSlots: 0,
  }
}
