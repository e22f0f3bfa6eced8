import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { NAME_LENGTH_MAX, RegionId } from '../protocol/ids.ts'
import {
  durationVariable,
  type Environment,
  integerVariable,
  readEnvironment,
} from '../runtime/environment.ts'
import type { Places } from './capacity.ts'
import { type ConnectTo, ConnectToVariable } from './connect-to.ts'
import {
  type HostLimits,
  MEMORY_BYTES_MAX_USUAL,
  TEMP_BYTES_MAX_USUAL,
} from './journey/host-limits.ts'
import { SECRETS_REFRESH_MS } from './secrets/secrets.ts'

/** Prometheus' list gives this port to OpenTelemetry's exporter. */
export const METRICS_PORT = 9464

export type ProbeSettings = {
  coordinatorUrl: string
  /** What all probes share, where they do. */
  sharedToken: string | undefined
  /** To be exchanged once for a credential of its own. */
  enrolmentToken: string | undefined
  regionId: string
  probeId: string
  dataFolder: string
  probesFolder: string
  places: Places
  /** What each browser, with the journey in it, may use up. */
  hostLimits: Pick<HostLimits, 'memoryBytesMax' | 'tempBytesMax'>
  connectTo: ConnectTo
  /** Undefined: no port is opened. */
  metrics: { host: string; port: number } | undefined
  spoolBytesMax: number
  /** How old a secret that a command gave may be when a run begins. */
  secretsRefreshMs: number
  logLevel: string
}

const VARIABLES = {
  FIREWATCH_COORDINATOR_URL: z.url({
    protocol: /^https?$/,
    error: 'expected http://… or https://…',
  }),
  FIREWATCH_PROBE_TOKEN: z.string().optional(),
  FIREWATCH_ENROLMENT_TOKEN: z.string().optional(),
  FIREWATCH_REGION: RegionId,
  FIREWATCH_PROBE_ID: z.string().max(NAME_LENGTH_MAX).optional(),
  FIREWATCH_PROBE_DATA: z.string().optional(),
  FIREWATCH_PROBES: z.string().default('probes'),
  FIREWATCH_NETWORK_RUNS_MAX: integerVariable(50, { min: 1, max: 1_000 }),
  FIREWATCH_BROWSERS: integerVariable(1, { max: 64 }),
  FIREWATCH_MEMORY_BYTES_MAX: integerVariable(MEMORY_BYTES_MAX_USUAL, {
    min: 256 * 1024 ** 2,
  }),
  FIREWATCH_TEMP_BYTES_MAX: integerVariable(TEMP_BYTES_MAX_USUAL, { min: 64 * 1024 ** 2 }),
  FIREWATCH_CONNECT_TO: ConnectToVariable,
  FIREWATCH_METRICS_PORT: z
    .union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)], {
      error: 'expected a port, 0 for any free one, or off',
    })
    .default(METRICS_PORT),
  FIREWATCH_METRICS_HOST: z.string().default('127.0.0.1'),
  FIREWATCH_SPOOL_BYTES_MAX: integerVariable(256 * 1024 ** 2, { min: 4 * 1024 ** 2 }),
  FIREWATCH_SECRETS_REFRESH: durationVariable(SECRETS_REFRESH_MS, {
    min: 10_000,
    max: 24 * 60 * 60_000,
  }),
  FIREWATCH_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
}

/** @throws {AppError} `environment.invalid`, naming every variable that is wrong. */
export function readProbeSettings(environment: Environment): ProbeSettings {
  const values = readEnvironment(VARIABLES, environment)
  const regionId = values.FIREWATCH_REGION
  const probeId = values.FIREWATCH_PROBE_ID ?? defaultProbeId(regionId)
  const port = values.FIREWATCH_METRICS_PORT
  return {
    coordinatorUrl: values.FIREWATCH_COORDINATOR_URL,
    sharedToken: values.FIREWATCH_PROBE_TOKEN,
    enrolmentToken: values.FIREWATCH_ENROLMENT_TOKEN,
    regionId,
    probeId,
    dataFolder: resolve(values.FIREWATCH_PROBE_DATA ?? join('.firewatch', `probe-${probeId}`)),
    probesFolder: resolve(values.FIREWATCH_PROBES),
    places: { network: values.FIREWATCH_NETWORK_RUNS_MAX, browsers: values.FIREWATCH_BROWSERS },
    hostLimits: {
      memoryBytesMax: values.FIREWATCH_MEMORY_BYTES_MAX,
      tempBytesMax: values.FIREWATCH_TEMP_BYTES_MAX,
    },
    connectTo: values.FIREWATCH_CONNECT_TO,
    metrics: port === 'off' ? undefined : { host: values.FIREWATCH_METRICS_HOST, port },
    spoolBytesMax: values.FIREWATCH_SPOOL_BYTES_MAX,
    secretsRefreshMs: values.FIREWATCH_SECRETS_REFRESH,
    logLevel: values.FIREWATCH_LOG_LEVEL,
  }
}

/** Stable across restarts of the same machine, and fit for a folder's name. */
function defaultProbeId(regionId: string): string {
  const machine = hostname()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `${regionId}-${machine || 'probe'}`.slice(0, NAME_LENGTH_MAX)
}
