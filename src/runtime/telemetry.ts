import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Attributes, context, diag, metrics, propagation, trace } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { type IMetricReader, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import type { Environment } from './environment.ts'

export type Telemetry = {
  /** Answers a request for `/metrics` with Prometheus text. */
  answerMetrics(request: IncomingMessage, response: ServerResponse): void
  shutdown(): Promise<void>
}

/**
 * Starts OpenTelemetry for this process, by the standard `OTEL_*` variables.
 *
 * Metrics can always be scraped as Prometheus text; they are also sent by OTLP when an endpoint is
 * set. Traces go out by OTLP only when an endpoint is set: without a receiver, batches of spans
 * would only be collected to be thrown away.
 */
export function startTelemetry(attributes: Attributes, environment: Environment): Telemetry {
  const prometheus = new PrometheusExporter({ preventServerStart: true })
  const metricReaders: IMetricReader[] = [prometheus]
  const hasReceiver = (signal: string) =>
    environment.OTEL_SDK_DISABLED !== 'true' &&
    environment[`OTEL_${signal}_EXPORTER`] !== 'none' &&
    Boolean(
      environment.OTEL_EXPORTER_OTLP_ENDPOINT ??
        environment[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`],
    )
  if (hasReceiver('METRICS'))
    metricReaders.push(
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(),
        exportIntervalMillis: Number(environment.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000),
      }),
    )

  const sdk = startNodeSdk({
    resourceAttributes: attributes,
    metricReaders,
    logRecordProcessors: [],
    ...(hasReceiver('TRACES') ? {} : { spanProcessors: [] }),
  })
  let stopped: Promise<void> | undefined
  async function stop(): Promise<void> {
    await sdk.shutdown()
    // The interface is global to the process; without this it could not be started again.
    for (const api of [metrics, trace, context, propagation, diag]) api.disable()
  }
  return {
    answerMetrics: (request, response) => prometheus.getMetricsRequestHandler(request, response),
    shutdown: () => (stopped ??= stop()),
  }
}
