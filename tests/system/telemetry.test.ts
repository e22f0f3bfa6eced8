import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { getRun, listRuns, type RunSummary } from '../../src/protocol/public-api.ts'
import { systemClock } from '../../src/runtime/system-clock.ts'
import { aCheck } from '../support/builders.ts'
import { startFirewatch } from '../support/command.ts'
import { aFleet, PROBE_TOKEN, startCoordinator } from '../support/coordinator.ts'
import { listenOnLoopback } from '../support/listen.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

test('a run is one trace from the probe into the target, and its numbers are sent and can be scraped', async () => {
  const receiver = await startOtlpReceiver()
  const target = await startTarget()
  const regions = ['eu-west']
  // Often: a run that a busy machine could not measure has no numbers, and the next one may.
  const schedule = { kind: 'interval' as const, everyMs: 250 }
  const check = aCheck('http', { url: target.url, regions, schedule, timeoutMs: 240 })
  const fleet = aFleet({ checks: [check], regions: [{ id: 'eu-west', name: 'eu-west' }] })
  const coordinator = await startCoordinator({ database: 'sqlite', clock: systemClock, fleet })
  const folder = await tempFolder()
  const probe = startFirewatch(['probe'], {
    folder,
    environment: {
      FIREWATCH_COORDINATOR_URL: coordinator.address,
      FIREWATCH_PROBE_TOKEN: PROBE_TOKEN,
      FIREWATCH_REGION: 'eu-west',
      FIREWATCH_BROWSERS: '0',
      FIREWATCH_METRICS_PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  })

  const [summary] = await until(
    'a run has arrived',
    async () => {
      const { data } = await coordinator.get(listRuns)
      return data.length > 0 && (data as [RunSummary])
    },
    { withinMs: 20_000 },
  )
  const { run } = await coordinator.get(getRun, { runId: summary.runId })
  expect(target.traceparents.map((header) => header.split('-')[1])).toContain(run.traceId)

  const root = await until('its trace has arrived', () =>
    receiver.spans.find(
      (span) => span.name === `check ${check.id}` && span.traceId === run.traceId,
    ),
  )
  expect(root.parentSpanId ?? '').toBe('')
  await until('so have the spans of its phases', () =>
    ['phase connect', 'phase firstByte'].every((phase) =>
      receiver.spans.some((span) => span.traceId === run.traceId && span.name === phase),
    ),
  )
  await until(
    'its numbers have arrived',
    () =>
      [
        'synthetics.check.runs',
        'synthetics.check.duration',
        'synthetics.check.phase.duration',
      ].every((name) => receiver.metricNames.has(name)),
    { withinMs: 30_000 },
  )

  const address = await until(
    'the probe says where its metrics are',
    () => /"metrics":"(http:[^"]+)"/.exec(probe.stderr())?.[1],
  )
  const scraped = await (await fetch(`${address}/metrics`)).text()
  expect(scraped).toMatch(/^synthetics_check_runs_total\{[^}]*verdict="passed"[^}]*\} \d+/m)
  expect((await fetch(`${address}/readyz`)).status).toBe(200)
  probe.process.kill('SIGTERM')
  expect(await probe.exited).toBe(143)
})

async function startTarget(): Promise<{ url: string; traceparents: string[] }> {
  const traceparents: string[] = []
  const server = createServer((request, response) => {
    traceparents.push(String(request.headers.traceparent))
    response.end('well')
  })
  return { url: `${await listenOnLoopback(server)}/`, traceparents }
}
