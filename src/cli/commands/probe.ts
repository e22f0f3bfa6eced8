import type { Command } from 'commander'
import { createProbe, readProbeSettings } from '../../probe/probe.ts'
import type { Environment } from '../../runtime/environment.ts'
import { createLifecycle, untilSignalled } from '../../runtime/lifecycle.ts'
import { createLogger } from '../../runtime/logger.ts'
import { systemClock } from '../../runtime/system-clock.ts'
import { startTelemetry } from '../../runtime/telemetry.ts'
import { wrapText } from '../wrap-text.ts'

/** `firewatch probe`: measures; settings come from the environment. */
export function addProbeCommand(program: Command): void {
  program
    .command('probe')
    .description('Run a probe: measures from one region and reports to the coordinator.')
    .addHelpText('after', wrapText(HELP))
    .action(async () => {
      process.exitCode = await runProbe(process.env)
    })
}

const HELP = `
Environment:
  FIREWATCH_COORDINATOR_URL   where the coordinator is, such as https://firewatch.example.com
  FIREWATCH_ENROLMENT_TOKEN   from firewatch token enrol: exchanged once for a credential of its own,
                              which stays in FIREWATCH_PROBE_DATA
  FIREWATCH_PROBE_TOKEN       instead: the one token that all probes share
  FIREWATCH_REGION            where this probe stands, as in config/regions.yaml
  FIREWATCH_PROBE_ID          its name, the same after each restart (<region>-<host name>)
  FIREWATCH_PROBE_DATA        its own folder, kept over restarts (.firewatch/probe-<id>)
  FIREWATCH_PROBES            folder of the journeys (probes)
  FIREWATCH_NETWORK_RUNS_MAX  http, dns and tls checks at once (50)
  FIREWATCH_BROWSERS          journeys at once, each in a browser of its own; 0 for none (1)
  FIREWATCH_CHROMIUM          the browser to use, when it is not found by itself
  FIREWATCH_CONNECT_TO        where connections really go: host:port=host:port,…
  FIREWATCH_MEMORY_BYTES_MAX  most memory of a browser and the journey in it (1.5 GiB)
  FIREWATCH_METRICS_HOST      where /metrics, /healthz and /readyz are (127.0.0.1)
  FIREWATCH_METRICS_PORT      their port (9464); 0 for any free one, off for none
  FIREWATCH_SPOOL_BYTES_MAX   most space for runs that wait for the coordinator (256 MiB)
  FIREWATCH_SECRETS_REFRESH   how old a secret that a command gave may be (5m)
  FIREWATCH_TEMP_BYTES_MAX    most temporary files of a browser and its run (1 GiB)
  FIREWATCH_LOG_LEVEL         silent, error, warn, info, debug (info)
  OTEL_*                      OpenTelemetry's standard variables

Secrets of checks are read from the variable of their name, from the file that NAME_FILE names, or from
what the command in NAME_COMMAND prints.`

async function runProbe(environment: Environment): Promise<number> {
  const settings = readProbeSettings(environment)
  const logger = createLogger('probe', settings.logLevel)
  const telemetry = startTelemetry(
    { 'service.name': 'firewatch-probe', 'service.instance.id': settings.probeId },
    environment,
  )
  const lifecycle = createLifecycle(logger)
  lifecycle.onStop('telemetry', () => telemetry.shutdown())
  const probe = createProbe({ settings, environment, clock: systemClock, logger, telemetry })
  lifecycle.onStop('probe', () => probe.stop())
  // Listening for signals comes first: one may come while the probe still starts.
  const signalled = untilSignalled(lifecycle)
  await probe.start()
  // For whoever started us, such as the demo.
  if (process.connected) process.send?.({ type: 'started', metricsAddress: probe.metricsAddress })
  return signalled
}
