import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import type { Logger } from '../../runtime/logger.ts'
import { addPageFaults } from './page-faults.ts'
import { CONTENT_SECURITY_POLICY } from './page-frame.ts'
import { brokenPage, notFoundPage, refusedPage } from './pages/error-pages.ts'
import { addCartRoutes } from './routes/cart-routes.ts'
import { addOrderRoutes } from './routes/order-routes.ts'
import { addProductRoutes } from './routes/product-routes.ts'
import { type ShopParts, sendPage } from './visit.ts'

/** A form of the shop is a name and an address. */
const BODY_BYTES_MAX = 16 * 1024
const FORM_FIELDS_MAX = 50

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
}

type Options = ShopParts & { logger: Logger; stopping: AbortSignal }

/** The shop's pages and API, ready to answer; the servers in front of it are `web-server.ts`. */
export async function createStorefront(options: Options): Promise<FastifyInstance> {
  const { logger, stopping, ...parts } = options
  const app = Fastify({ bodyLimit: BODY_BYTES_MAX, logger: false })

  app.addHook('onRequest', async (_request, reply) => void reply.headers(HEADERS))
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, parseForm(String(body))),
  )
  addErrorAnswers(app, parts, logger)
  // No fault spoils this: whoever asks means the program, not the shop.
  app.get('/healthz', () => ({ status: 'ok' }))
  addPageFaults(app, parts.faults, stopping)
  addProductRoutes(app, parts)
  addCartRoutes(app, parts)
  addOrderRoutes(app, parts)
  await app.ready()
  return app
}

function addErrorAnswers(app: FastifyInstance, parts: ShopParts, logger: Logger): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode !== undefined && error.statusCode < 500 ? error.statusCode : 500
    if (status === 500) logger.warn({ path: request.url, error: error.message }, 'page failed')
    reply.status(status)
    if (request.url.startsWith('/api/')) return reply.send({ error: 'failed' })
    const content = status === 500 ? brokenPage : refusedPage('The request makes no sense to us.')
    return sendPage(request, reply, { title: 'Something went wrong', content }, parts)
  })
  app.setNotFoundHandler((request, reply) => {
    reply.status(404)
    if (request.url.startsWith('/api/')) return reply.send({ error: 'not_found' })
    return sendPage(request, reply, { title: 'Not found', content: notFoundPage }, parts)
  })
}

function parseForm(body: string): Record<string, string> {
  const fields = [...new URLSearchParams(body)].slice(0, FORM_FIELDS_MAX)
  return Object.fromEntries(fields)
}
