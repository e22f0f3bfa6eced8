import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { Logger } from '../../runtime/logger.ts'
import type { Certificates } from '../certificates.ts'
import { createStorefront } from './storefront.ts'
import type { ShopParts } from './visit.ts'

/** The shop on HTTP and HTTPS, on the loopback interface. */
export type WebServer = {
  readonly httpPort: number
  readonly httpsPort: number
  /** Which certificate new connections get: the expired one, or the good one again. */
  presentExpired(isExpired: boolean): void
  stop(): Promise<void>
}

const CONNECTIONS_MAX = 1_000
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 5_000
const LIMITS = {
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
}

type Options = ShopParts & {
  ports: { httpPort: number; httpsPort: number }
  certificates: Certificates
  logger: Logger
}

export async function startWebServer(options: Options): Promise<WebServer> {
  const { ports, certificates, ...parts } = options
  const stopping = new AbortController()
  const storefront = await createStorefront({ ...parts, stopping: stopping.signal })
  const answer: RequestListener = (request, response) => storefront.routing(request, response)
  const http = createHttpServer(LIMITS, answer)
  const https = createHttpsServer({ ...LIMITS, ...certificates.valid }, answer)

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.all([close(http), close(https)])
    await storefront.close()
  }

  try {
    const httpPort = await listen(http, ports.httpPort)
    const httpsPort = await listen(https, ports.httpsPort)
    return {
      httpPort,
      httpsPort,
      presentExpired(isExpired) {
        // Session tickets end with their context, so nobody resumes past the other certificate.
        https.setSecureContext(isExpired ? certificates.expired : certificates.valid)
        https.closeIdleConnections()
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

type WebListener = Server | HttpsServer

async function listen(server: WebListener, port: number) {
  server.maxConnections = CONNECTIONS_MAX
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}

async function close(server: WebListener): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}
