import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { AppError } from '../../base/app-error.ts'
import { createCoordinator } from '../../coordinator/coordinator.ts'
import { formatProblem } from '../../definitions/format-problem.ts'
import { loadFleet } from '../../definitions/load-fleet.ts'
import type { Fleet } from '../../protocol/config.ts'
import { type Environment, integerVariable, readEnvironment } from '../../runtime/environment.ts'
import { createLifecycle, untilSignalled } from '../../runtime/lifecycle.ts'
import { createLogger } from '../../runtime/logger.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { startTelemetry } from '../../runtime/telemetry.ts'
import { wrapText } from '../wrap-text.ts'

/** Some 100 MiB, if each brings a hundred alerts. */
const INBOX_DELIVERIES_MAX = 5_000
const DAY_MS = 86_400_000
const PORT = 8080

/** Where the set-up builds the dashboard. */
const DASHBOARD = join(import.meta.dirname, '../../../.build/dashboard')

const SETTINGS = {
  FIREWATCH_PROBE_TOKEN: z.string().min(16, 'expected at least 16 characters'),
  FIREWATCH_DIR: z.string().default('.'),
  FIREWATCH_DATA: z.string().default('.firewatch/coordinator'),
  FIREWATCH_HOST: z.string().default('127.0.0.1'),
  FIREWATCH_PORT: integerVariable(PORT, { max: 65_535 }),
  FIREWATCH_PUBLIC_URL: z
    .url({
      protocol: /^https?$/,
      error: 'expected an address such as https://firewatch.example.com',
    })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://…')
    .optional(),
  FIREWATCH_ARTIFACT_BYTES_MAX: integerVariable(2 * 1024 ** 3, { min: 1024 ** 2 }),
  FIREWATCH_ARTIFACT_DAYS: integerVariable(30, { min: 1, max: 3_650 }),
  FIREWATCH_HISTORY_DAYS: integerVariable(90, { min: 1, max: 3_650 }),
  FIREWATCH_LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
}

/** `firewatch coordinator`: decides; settings come from the environment. */
export function addCoordinatorCommand(program: Command): void {
  program
    .command('coordinator')
    .description('Run the coordinator: takes in runs, opens incidents, serves the dashboard.')
    .addHelpText('after', wrapText(HELP))
    .action(async () => {
      process.exitCode = await runCoordinator(process.env)
    })
}

const HELP = `
Environment:
  FIREWATCH_PROBE_TOKEN         what probes show to be let in (or FIREWATCH_PROBE_TOKEN_FILE)
  FIREWATCH_DIR                 folder that holds probes/ and config/ (.)
  FIREWATCH_DATA                folder for the database and artifacts (.firewatch/coordinator)
  DATABASE_URL                  postgres://… instead of the embedded database
  FIREWATCH_HOST, _PORT         where to listen (127.0.0.1, ${PORT}); 0 for any free port
  FIREWATCH_PUBLIC_URL          where people reach it, for links in pages (where it listens)
  FIREWATCH_ARTIFACT_BYTES_MAX  space for screenshots and the like (2 GiB)
  FIREWATCH_ARTIFACT_DAYS, FIREWATCH_HISTORY_DAYS   how long they are kept (30, 90)
  FIREWATCH_LOG_LEVEL           silent, error, warn, info, debug (info)
  OTEL_*                        OpenTelemetry's standard variables`

async function runCoordinator(environment: Environment): Promise<number> {
  const settings = readEnvironment(SETTINGS, environment)
  const logger = createLogger('coordinator', settings.FIREWATCH_LOG_LEVEL)
  const fleet = await requireFleet(settings.FIREWATCH_DIR, environment)
  const telemetry = startTelemetry({ 'service.name': 'firewatch-coordinator' }, environment)
  const lifecycle = createLifecycle(logger)
  lifecycle.onStop('telemetry', () => telemetry.shutdown())

  const dataFolder = resolve(settings.FIREWATCH_DATA)
  const coordinator = createCoordinator({
    fleet,
    location: settings.DATABASE_URL
      ? { postgresUrl: settings.DATABASE_URL }
      : { sqliteFile: join(dataFolder, 'firewatch.db') },
    dataFolder,
    dashboardFolder: DASHBOARD,
    host: settings.FIREWATCH_HOST,
    port: settings.FIREWATCH_PORT,
    publicUrl: settings.FIREWATCH_PUBLIC_URL,
    access: {
      signIn: 'off',
      probeToken: settings.FIREWATCH_PROBE_TOKEN,
      metricsToken: undefined,
    },
    limits: {
      artifactBytesMax: settings.FIREWATCH_ARTIFACT_BYTES_MAX,
      artifactsKeptMs: settings.FIREWATCH_ARTIFACT_DAYS * DAY_MS,
      historyKeptMs: settings.FIREWATCH_HISTORY_DAYS * DAY_MS,
      inboxDeliveriesMax: INBOX_DELIVERIES_MAX,
    },
    clock: systemClock,
    logger,
    telemetry,
    secret: (name) => readEnvironment({ [name]: z.string().optional() }, environment)[name],
  })
  lifecycle.onStop('coordinator', () => coordinator.stop())
  // Listening for signals comes first: one may come while the coordinator still starts.
  const signalled = untilSignalled(lifecycle)
  const address = await coordinator.start()
  // For whoever started us, such as the demo, with port 0.
  if (process.connected) process.send?.({ type: 'listening', address })
  return signalled
}

async function requireFleet(folder: string, environment: Environment): Promise<Fleet> {
  const loaded = await loadFleet(folder, environment)
  if (loaded.ok) return loaded.fleet
  throw new AppError(
    'definitions.invalid',
    ['the definitions are not valid:', ...loaded.problems.map(formatProblem)].join('\n'),
  )
}
