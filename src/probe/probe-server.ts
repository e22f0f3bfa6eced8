import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { codeOf } from '../base/app-error.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Telemetry } from '../runtime/telemetry.ts'

/** A client that is slower than this is cut off. */
const REQUEST_MS_MAX = 10_000

export type ProbeServerOptions = {
  host: string
  /** Where it is taken, any free one is used instead: measuring is worth more than being scraped. */
  port: number
  telemetry: Telemetry
  /** Whether the probe knows what to measure. */
  isReady(): boolean
  logger: Logger
}

export type ProbeServer = { address: string; close(): Promise<void> }

/** For whoever runs the probe: `/metrics`, `/healthz` (the process lives), `/readyz` (it measures). */
export async function startProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer({ requestTimeout: REQUEST_MS_MAX }, (request, response) =>
    answer(request, response, options),
  )
  const { host, port, logger } = options
  try {
    await listen(server, host, port)
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    await listen(server, host, 0)
    logger.warn({ taken: port, address: addressOf(server) }, 'the metrics port is taken')
  }
  return {
    address: addressOf(server),
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { telemetry, isReady }: ProbeServerOptions,
): void {
  const path = request.url?.split('?')[0]
  const json = (code: number, body: unknown) =>
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  if (request.method !== 'GET' && request.method !== 'HEAD') json(405, { status: 'only GET' })
  else if (path === '/metrics') telemetry.answerMetrics(request, response)
  else if (path === '/healthz') json(200, { status: 'ok' })
  else if (path === '/readyz' && isReady()) json(200, { status: 'ok' })
  else if (path === '/readyz') json(503, { status: 'waits for its first assignment' })
  else json(404, { status: 'there are /metrics, /healthz and /readyz' })
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

function addressOf(server: Server): string {
  const address = server.address()
  if (typeof address !== 'object' || !address) return ''
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}`
}
