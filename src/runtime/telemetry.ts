import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { type Attributes, context, diag, metrics, propagation, trace } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import {
  type IMetricReader,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics'
import { startNodeSdk } from '@opentelemetry/sdk-node'
import { AppError } from '../base/app-error.ts'
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
        exporter: createMetricExporter(environment),
        exportIntervalMillis: Number(environment.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000),
      }),
    )

  const { 'service.name': serviceName, ...others } = attributes
  const sdk = startNodeSdk({
    // What is given here would win over the standard variable.
    resourceAttributes: environment.OTEL_SERVICE_NAME
      ? others
      : { 'service.name': serviceName, ...others },
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

/** By the values of `OTEL_EXPORTER_OTLP_PROTOCOL`. */
const METRIC_EXPORTERS: Record<string, string> = {
  'http/protobuf': '@opentelemetry/exporter-metrics-otlp-proto',
  'http/json': '@opentelemetry/exporter-metrics-otlp-http',
  grpc: '@opentelemetry/exporter-metrics-otlp-grpc',
}

/** Traces find their exporter by themselves; metrics do not once there are readers of ours. */
function createMetricExporter(environment: Environment): PushMetricExporter {
  const protocol =
    environment.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL ??
    environment.OTEL_EXPORTER_OTLP_PROTOCOL ??
    'http/protobuf'
  const name = METRIC_EXPORTERS[protocol]
  if (!name)
    throw new AppError(
      'environment.invalid',
      `OTEL_EXPORTER_OTLP_PROTOCOL: expected one of ${Object.keys(METRIC_EXPORTERS).join(', ')}`,
    )
  // Only the one that is used is loaded: that of gRPC alone takes longer than all the rest.
  const { OTLPMetricExporter } = createRequire(import.meta.url)(name)
  return new OTLPMetricExporter()
}
