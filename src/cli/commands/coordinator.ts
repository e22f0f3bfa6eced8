import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { z } from 'zod'
import { AppError } from '../../base/app-error.ts'
import { createCoordinator } from '../../coordinator/coordinator.ts'
import { formatProblem } from '../../definitions/format-problem.ts'
import { loadFleet } from '../../definitions/load-fleet.ts'
import type { Fleet } from '../../protocol/config.ts'
import type { Invitation } from '../../protocol/people-api.ts'
import { type Environment, integerVariable, readEnvironment } from '../../runtime/environment.ts'
import { createLifecycle, untilSignalled } from '../../runtime/lifecycle.ts'
import { createLogger } from '../../runtime/logger.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { startTelemetry } from '../../runtime/telemetry.ts'
import { readAccessSettings } from '../read-access-settings.ts'
import { wrapText } from '../wrap-text.ts'

/** Some 100 MiB, if each brings a hundred alerts. */
const INBOX_DELIVERIES_MAX = 5_000
const DAY_MS = 86_400_000
const PORT = 8080

/** Where the set-up builds the dashboard. */
const DASHBOARD = join(import.meta.dirname, '../../../.build/dashboard')

const SETTINGS = {
  FIREWATCH_DIR: z.string().default('.'),
  FIREWATCH_DATA: z.string().default('.firewatch/coordinator'),
  FIREWATCH_HOST: z.string().default('127.0.0.1'),
  FIREWATCH_PORT: integerVariable(PORT, { max: 65_535 }),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected postgres://…')
    .optional(),
  FIREWATCH_ARTIFACT_BYTES_MAX: integerVariable(2 * 1024 ** 3, { min: 1024 ** 2 }),
  FIREWATCH_ARTIFACT_DAYS: integerVariable(30, { min: 1, max: 3_650 }),
  FIREWATCH_HISTORY_DAYS: integerVariable(90, { min: 1, max: 3_650 }),
  FIREWATCH_STATUS_PAGE_FOLDER: z.string().min(1).optional(),
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
  FIREWATCH_DIR                 folder that holds probes/ and config/ (.)
  FIREWATCH_DATA                folder for the database and artifacts (.firewatch/coordinator)
  DATABASE_URL                  postgres://… instead of the embedded database
  FIREWATCH_HOST, _PORT         where to listen (127.0.0.1, ${PORT}); 0 for any free port
  FIREWATCH_ARTIFACT_BYTES_MAX  space for screenshots and the like (2 GiB)
  FIREWATCH_ARTIFACT_DAYS, FIREWATCH_HISTORY_DAYS   how long they are kept (30, 90)
  FIREWATCH_STATUS_PAGE_FOLDER  where the public status page is kept as files too (nowhere)
  FIREWATCH_LOG_LEVEL           silent, error, warn, info, debug (info)
  OTEL_*                        OpenTelemetry's standard variables

Who may come in:
  FIREWATCH_PUBLIC_URL          where people find it, such as https://firewatch.example.com, for links and
                                cookies (where it listens)
  FIREWATCH_SIGN_IN             required, or off for one person on this machine (required)
  FIREWATCH_ADMIN_LOGIN, _PASSWORD   an admin to make at the start, where there is none of this login;
                                without them a one-time link is printed while there is no admin
  FIREWATCH_PROBE_TOKEN         one token for all probes; without it each is enrolled (firewatch token enrol)
  FIREWATCH_METRICS_TOKEN       what Prometheus shows at /metrics
  FIREWATCH_SESSION_IDLE, FIREWATCH_SESSION_MAX   how long a session lasts (24h unused, 14d)
  FIREWATCH_TRUSTED_PROXIES     proxies that say who called them, such as 10.0.0.0/8,127.0.0.1
  FIREWATCH_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET   sign-in by OpenID Connect
  FIREWATCH_OIDC_NAME, _SCOPES  what people call it, and what is asked for (openid email profile)
  FIREWATCH_OIDC_ROLE_CLAIM     the claim that gives roles (groups)
  FIREWATCH_OIDC_ADMINS, _RESPONDERS, _VIEWERS   its values that do, with commas
  FIREWATCH_OIDC_ROLE_FOR_ALL   the role of all others; without it they stay outside

Each is also read from the file that NAME_FILE names.`

async function runCoordinator(environment: Environment): Promise<number> {
  const settings = readEnvironment(SETTINGS, environment)
  const access = readAccessSettings(environment, settings.FIREWATCH_HOST)
  const logger = createLogger('coordinator', settings.FIREWATCH_LOG_LEVEL)
  if (access.signIn === 'off')
    logger.warn('sign-in is off: whoever reaches this machine may do everything')
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
    ...(settings.FIREWATCH_STATUS_PAGE_FOLDER && {
      statusPageFolder: resolve(settings.FIREWATCH_STATUS_PAGE_FOLDER),
    }),
    host: settings.FIREWATCH_HOST,
    port: settings.FIREWATCH_PORT,
    access,
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
  if (coordinator.firstInvitation) printInvitation(coordinator.firstInvitation)
  // For whoever started us, such as the demo, with port 0.
  if (process.connected) process.send?.({ type: 'listening', address })
  return signalled
}

/** To whoever sits in front of it, and not into the log, which others read. */
function printInvitation({ link, expiresAt }: Invitation): void {
  const until = new Date(expiresAt).toISOString()
  process.stderr.write(
    `There is no admin yet. This link makes the first one, once, until ${until}:\n\n  ${link}\n\n`,
  )
}

async function requireFleet(folder: string, environment: Environment): Promise<Fleet> {
  const loaded = await loadFleet(folder, environment)
  if (loaded.ok) return loaded.fleet
  throw new AppError(
    'definitions.invalid',
    ['the definitions are not valid:', ...loaded.problems.map(formatProblem)].join('\n'),
  )
}
