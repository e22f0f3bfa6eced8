import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { listenOnLoopback } from './listen.ts'

export type ReceivedSpan = { name: string; traceId: string; parentSpanId?: string }

/** A receiver of OpenTelemetry by OTLP over HTTP as JSON. */
export type OtlpReceiver = {
  endpoint: string
  spans: ReceivedSpan[]
  metricNames: Set<string>
}

type Payload = {
  resourceSpans?: { scopeSpans: { spans: ReceivedSpan[] }[] }[]
  resourceMetrics?: { scopeMetrics: { metrics: { name: string }[] }[] }[]
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const receiver: OtlpReceiver = { endpoint: '', spans: [], metricNames: new Set() }
  const server = createServer(async (request, response) => {
    const payload = (await json(request)) as Payload
    for (const { scopeSpans } of payload.resourceSpans ?? [])
      for (const { spans } of scopeSpans) receiver.spans.push(...spans)
    for (const { scopeMetrics } of payload.resourceMetrics ?? [])
      for (const { metrics } of scopeMetrics)
        for (const { name } of metrics) receiver.metricNames.add(name)
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  receiver.endpoint = await listenOnLoopback(server)
  return receiver
}
