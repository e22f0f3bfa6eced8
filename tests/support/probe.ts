import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createProbe, type Probe, readProbeSettings } from '../../src/probe/probe.ts'
import type { Environment } from '../../src/runtime/environment.ts'
import { createLogger } from '../../src/runtime/logger.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { startTelemetry } from '../../src/runtime/telemetry.ts'
import { PROBE_TOKEN } from './coordinator-target.ts'

/** More often than usual: what follows from one would only be waited for. */
const HEARTBEAT_EVERY_MS = 500

export type TestProbe = { probe: Probe; metrics(): Promise<string>; stop(): Promise<void> }

/** A probe in this process, without browsers; stopped when the test ends. One at a time. */
export async function startProbe(
  coordinatorUrl: string,
  folder: string,
  environment: Environment = {},
): Promise<TestProbe> {
  const settings = readProbeSettings({
    FIREWATCH_COORDINATOR_URL: coordinatorUrl,
    FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
    FIREWATCH_REGION: 'eu-west',
    FIREWATCH_PROBE_ID: 'eu-west-1',
    FIREWATCH_PROBE_DATA: join(folder, 'probe'),
    FIREWATCH_BROWSERS: '0',
    FIREWATCH_METRICS_PORT: '0',
    ...environment,
  })
  const telemetry = startTelemetry({ 'service.name': 'firewatch-probe' }, environment)
  const logger = createLogger('probe', process.env.TEST_LOG_LEVEL ?? 'silent')
  const probe = createProbe({
    ...{ settings, environment, clock: systemClock, logger, telemetry },
    heartbeatEveryMs: HEARTBEAT_EVERY_MS,
  })
  const stop = async () => {
    await probe.stop()
    await telemetry.shutdown()
  }
  onTestFinished(stop)
  await probe.start()
  return {
    probe,
    stop,
    metrics: async () => (await fetch(`${probe.metricsAddress}/metrics`)).text(),
  }
}

/** A page that answers as the test says; holds answers back as long as it is held. */
export async function startPage() {
  const held: (() => void)[] = []
  const page = { url: '', status: 200, requests: [] as IncomingMessage[], isHeld: false }
  const server = createServer((request, response) => {
    page.requests.push(request)
    const answer = () => response.writeHead(page.status).end('a page')
    if (page.isHeld) held.push(answer)
    else answer()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the page has no address')
  page.url = `http://127.0.0.1:${address.port}/`
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  return page
}
