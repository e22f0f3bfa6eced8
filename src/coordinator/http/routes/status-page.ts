import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { AppError } from '../../../base/app-error.ts'
import {
  type StatuspageFile,
  statuspageFiles,
} from '../../../domain/status-page/statuspage-json.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import { loadPublicPage } from '../../status-page/load-public-page.ts'
import { PUBLIC_POLICY, readStyle, renderPage } from '../../status-page/render-page.ts'

/** Everybody looks at the page at once when something fails; between them and us there is a cache. */
const CACHE = 'public, max-age=15'
const REQUESTS_PER_MINUTE_MAX = 600

/** The public status page and its JSON, for anybody, where there is one. */
export async function registerStatusPage(
  server: FastifyInstance,
  parts: CoordinatorParts,
): Promise<void> {
  if (!parts.fleet.statusPage) return
  const style = await readStyle()
  const anybody = { config: { access: 'public' }, schema: { hide: true } } as const
  await server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: 60_000 })
    const page = async (reply: FastifyReply, base: string) =>
      reply
        .header('content-security-policy', PUBLIC_POLICY)
        .header('cache-control', CACHE)
        .type('text/html; charset=utf-8')
        .send(renderPage(await loadPublicPage(parts), base))
    scope.get('/status', anybody, (_, reply) => page(reply, 'status/'))
    scope.get('/status/', anybody, (_, reply) => page(reply, ''))
    scope.get('/status/style.css', anybody, async (_, reply) =>
      reply.header('cache-control', CACHE).type('text/css; charset=utf-8').send(style),
    )
    scope.get<{ Params: { '*': string } }>('/status/api/v2/*', anybody, async (request, reply) => {
      const files = statuspageFiles(await loadPublicPage(parts))
      const name = request.params['*'].replace(/\.json$/, '')
      if (!Object.hasOwn(files, name)) throw new AppError('request.not_found', request.url)
      return reply
        .header('access-control-allow-origin', '*')
        .header('cache-control', CACHE)
        .send(files[name as StatuspageFile])
    })
  })
}
