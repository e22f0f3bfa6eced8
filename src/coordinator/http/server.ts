import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyCookie from '@fastify/cookie'
import fastifyHelmet from '@fastify/helmet'
import fastifyRateLimit from '@fastify/rate-limit'
import fastifyStatic from '@fastify/static'
import fastifySwagger from '@fastify/swagger'
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import { AppError } from '../../base/app-error.ts'
import { API_PREFIX } from '../../protocol/public-api.ts'
import type { Lifecycle } from '../../runtime/lifecycle.ts'
import type { Telemetry } from '../../runtime/telemetry.ts'
import { type Guard, guardRoutes, routesAreFor } from '../access/guard.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { answerError } from './error-response.ts'
import { PUBLIC_ROUTES } from './public-routes.ts'
import { registerAcknowledge } from './routes/acknowledge.ts'
import { registerArtifacts } from './routes/artifacts.ts'
import { registerChanges } from './routes/changes.ts'
import { registerEvents } from './routes/events.ts'
import { registerHealth } from './routes/health.ts'
import { registerHeartbeats } from './routes/heartbeats.ts'
import { registerOrganisation } from './routes/organisation.ts'
import { registerPeople } from './routes/people.ts'
import { registerPhone } from './routes/phone.ts'
import { registerPostmortemExport } from './routes/postmortems.ts'
import { registerProbeApi } from './routes/probe-api.ts'
import { registerReports } from './routes/reports.ts'
import { registerSignals } from './routes/signals.ts'
import { registerSlack } from './routes/slack.ts'
import { registerStatusPage } from './routes/status-page.ts'
import { registerTraceViewer } from './routes/trace-viewer.ts'

/** Longest request that is not a batch of runs or an artifact. */
const BODY_BYTES_MAX = 256 * 1024

/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000

/** Requests of one address a minute to the public interface: many tabs, but no flood. */
const REQUESTS_PER_MINUTE_MAX = 3_000

export type ServerOptions = {
  parts: CoordinatorParts
  lifecycle: Lifecycle
  telemetry: Telemetry
  /** Folder of the built dashboard. */
  dashboardFolder: string
}

/** The coordinator's HTTP: public interface, probe interface, dashboard. Not yet listening. */
export async function createServer(
  options: ServerOptions,
): Promise<{ server: FastifyInstance; guard: Guard }> {
  const { parts, lifecycle, telemetry } = options
  const server = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    // Who called is what attempts to sign in are paced by, so nobody may just say it.
    trustProxy: parts.access.trustedProxies.length > 0 && [...parts.access.trustedProxies],
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Streams of live events stay open; stopping must not wait for their clients.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
  })
  server.setValidatorCompiler(validatorCompiler)
  server.setSerializerCompiler(serializerCompiler)
  server.setErrorHandler((error, request, reply) =>
    answerError(error as Error, request, reply, parts.logger),
  )

  await server.register(fastifyCookie)
  const guard = guardRoutes(server, parts)
  await server.register(fastifyHelmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'media-src': ["'self'"],
        'connect-src': ["'self'"],
        'manifest-src': ["'self'"],
        'base-uri': ["'none'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    // Whether there is TLS is for the proxy in front of us to say.
    strictTransportSecurity: false,
  })
  await server.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Firewatch',
        version: 'v1',
        description: 'Checks, runs, incidents and the fleet.',
      },
    },
    transform: jsonSchemaTransform,
  })

  await server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: 60_000 })
    for (const route of PUBLIC_ROUTES) route.register(scope, parts)
    registerArtifacts(scope, parts)
    registerPostmortemExport(scope, parts)
    registerEvents(scope, parts, lifecycle)
    const document = { config: { access: 'viewer' }, schema: { hide: true } } as const
    scope.get(`${API_PREFIX}/openapi.json`, document, async () => server.swagger())
  })
  registerPeople(server, parts)
  registerOrganisation(server, parts)
  registerProbeApi(server, parts, lifecycle.signal)
  registerHeartbeats(server, parts)
  registerSignals(server, parts)
  registerChanges(server, parts)
  registerReports(server, parts)
  registerAcknowledge(server, parts)
  registerSlack(server, parts)
  registerPhone(server, parts)
  registerHealth(server, parts, telemetry)
  await registerStatusPage(server, parts)
  await registerTraceViewer(server, parts)
  await registerDashboard(server, parts, options.dashboardFolder)
  return { server, guard }
}

/** Serves the dashboard's files, and its page for each address that is none of ours. */
async function registerDashboard(
  server: FastifyInstance,
  parts: CoordinatorParts,
  folder: string,
): Promise<void> {
  const isBuilt = existsSync(join(folder, 'index.html'))
  await server.register(async (scope) => {
    // The program says nothing of the fleet; everything that does, it asks for.
    routesAreFor(scope, 'public')
    if (isBuilt) await scope.register(fastifyStatic, { root: folder, wildcard: false, setHeaders })
    scope.setNotFoundHandler((request, reply) => {
      const isPage = request.method === 'GET' && !request.url.startsWith('/api/')
      if (isPage && isBuilt) return reply.header('cache-control', 'no-cache').sendFile('index.html')
      const hint = isPage
        ? 'the dashboard is not built; run: npm run set-up'
        : request.url.replace(/\?.*/s, '')
      return answerError(new AppError('request.not_found', hint), request, reply, parts.logger)
    })
  })
}

/** Files below assets/ carry a hash in their name; the page itself must always be fresh. */
function setHeaders(reply: FastifyReply, path: string): void {
  const isHashed = path.includes('/assets/')
  reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
}
