import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { AppError } from '../../base/app-error.ts'
import { assert } from '../../base/assert.ts'
import { decideAccess } from '../../domain/access/decide-access.ts'
import type { Access } from '../../protocol/access.ts'
import { type Caller, classOf } from './caller.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; one without it keeps the coordinator from starting. */
    access?: Access
  }
  interface FastifyRequest {
    caller: Caller
  }
}

/** A route as it is served. */
export type ServedRoute = { method: string; url: string; access: Access }

export type Guard = {
  /** Every route of the server, once it is ready: what the matrix of roles and routes is made from. */
  routes(): readonly ServedRoute[]
}

/**
 * The one place where access is decided: before anything of a request but its head is read, for every
 * route of the server. To be called before routes are registered.
 *
 * @param identify who a request is from; it never throws for what a stranger sends.
 */
export function guardRoutes(
  server: FastifyInstance,
  identify: (request: FastifyRequest, access: Access) => Promise<Caller>,
): Guard {
  const declared: RouteOptions[] = []
  server.decorateRequest('caller')
  server.addHook('onRoute', (route) => {
    declared.push(route)
  })
  const served = () =>
    declared.flatMap(({ method, url, config }) =>
      [method].flat().map((one) => {
        assert(config?.access !== undefined, `${one} ${url} does not say who may call it`)
        return { method: one, url, access: config.access }
      }),
    )
  server.addHook('onReady', async () => {
    served()
  })
  server.addHook('onRequest', async (request) => {
    request.caller = { kind: 'unknown' }
    // What is nowhere is nobody's; the answer says no more than that.
    if (request.is404) return
    const { access } = request.routeOptions.config
    assert(access !== undefined, 'the server does not start with a route that says nothing')
    request.caller = await identify(request, access)
    const decision = decideAccess(access, classOf(request.caller))
    if (decision.kind === 'allowed') return
    throw new AppError(
      decision.because === 'unknown' ? 'request.unauthorized' : 'request.forbidden',
      decision.reason,
    )
  })
  return { routes: served }
}

/** Says who may call the routes of a scope that do not say it themselves. */
export function routesAreFor(scope: FastifyInstance, access: Access): void {
  scope.addHook('onRoute', (route) => {
    route.config = { access, ...route.config }
  })
}
