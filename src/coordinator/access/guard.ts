import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { AppError, messageOf } from '../../base/app-error.ts'
import { assert } from '../../base/assert.ts'
import { decideAccess } from '../../domain/access/decide-access.ts'
import { isForeign, isLoopbackHost } from '../../domain/access/judge-origin.ts'
import { type Access, ROLES, type Role } from '../../protocol/access.ts'
import { REQUEST_HEADER } from '../../protocol/public-paths.ts'
import type { CoordinatorParts } from '../coordinator-parts.ts'
import { addDeed } from '../store/deeds.ts'
import { type Caller, classOf } from './caller.ts'
import { createIdentify } from './identify.ts'
import { provenanceOf } from './sessions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; one without it keeps the coordinator from starting. */
    access?: Access
    /** It is no `GET` only because it asks for much, and is not written down as a deed. */
    changesNothing?: boolean
  }
  interface FastifyRequest {
    caller: Caller
    /** What the audit log says, set by routes that know more; without a subject it is the parameters. */
    deed: { actor?: string; subject?: string } | undefined
    /** Code of the problem that it is answered with. */
    problemCode: string | undefined
    /** Whether it would be let in now, long after it was: for what stays open. */
    isStillAllowed: () => Promise<boolean>
  }
}

/** A route as it is served. */
export type ServedRoute = { method: string; url: string; access: Access }

export type Guard = {
  /** Every route of the server: what the matrix of roles and routes is made from. */
  routes(): readonly ServedRoute[]
}

/** What access is decided with. */
export type AccessParts = Pick<CoordinatorParts, 'store' | 'clock' | 'logger' | 'access'>

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS']
const SUBJECT_LENGTH_MAX = 300

/**
 * The one place where access is decided: before anything of a request but its head is read, for every
 * route of the server; and where deeds are written down. To be called before routes are registered.
 */
export function guardRoutes(server: FastifyInstance, parts: AccessParts): Guard {
  const declared: RouteOptions[] = []
  const identify = createIdentify(parts)
  for (const name of ['caller', 'deed', 'problemCode', 'isStillAllowed'])
    server.decorateRequest(name)
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
    refuseForeign(request, access, parts)
    request.caller = await identify(request, access)
    const decision = decideAccess(access, classOf(request.caller))
    if (decision.kind === 'refused')
      throw new AppError(
        decision.because === 'unknown' ? 'request.unauthorized' : 'request.forbidden',
        decision.reason,
      )
    requireHeader(request)
    request.isStillAllowed = async () =>
      decideAccess(access, classOf(await identify(request, access))).kind === 'allowed'
  })
  // Before the answer is given: what somebody was told is done, is written down.
  server.addHook('onSend', async (request, reply) => {
    await writeDown(parts, request, reply)
  })
  return { routes: served }
}

/** Says who may call the routes of a scope that do not say it themselves. */
export function routesAreFor(scope: FastifyInstance, access: Access): void {
  scope.addHook('onRoute', (route) => {
    route.config = { access, ...route.config }
  })
}

const isOfPeople = (access: Access): access is Role | 'public' =>
  access === 'public' || (ROLES as readonly string[]).includes(access)

/** Cross-site request forgery: browsers add cookies, and reach the loopback interface, by themselves. */
function refuseForeign(
  { method, headers }: FastifyRequest,
  access: Access,
  { access: settings }: AccessParts,
): void {
  if (!isOfPeople(access)) return
  const { origin, host } = headers
  if (settings.signIn === 'off' && access !== 'public' && !isLoopbackHost(host))
    throw new AppError('request.foreign', 'sign-in is off: call it 127.0.0.1 or localhost')
  if (SAFE_METHODS.includes(method)) return
  const site = headers['sec-fetch-site']
  const told = { site: typeof site === 'string' ? site : undefined, origin, host }
  if (isForeign(told, settings.publicUrl))
    throw new AppError('request.foreign', `it comes from ${origin ?? told.site}`)
}

/** A form of another page can send a cookie, but never a header. */
function requireHeader({ caller, method, headers }: FastifyRequest): void {
  const isByCookie = caller.kind === 'person' && caller.by === 'session'
  if (!isByCookie || SAFE_METHODS.includes(method)) return
  if (headers[REQUEST_HEADER] === undefined)
    throw new AppError('request.foreign', `a session needs the header ${REQUEST_HEADER} here`)
}

/** The audit log: whatever people and programs changed or tried to, and what routes told of. */
async function writeDown(
  { store, clock, logger }: AccessParts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { method, routeOptions, params, deed, problemCode } = request
  const { access, changesNothing } = routeOptions.config
  const isDeed = !SAFE_METHODS.includes(method) && access !== undefined && !changesNothing
  const actor = deed?.actor ?? nameOf(request.caller)
  if (actor === undefined || (deed === undefined && !(isDeed && isOfPeople(access)))) return
  const named = Object.values((params ?? {}) as object).map(String)
  const subject = (deed?.subject ?? named.join(', ')).slice(0, SUBJECT_LENGTH_MAX)
  const { from, program } = provenanceOf(request)
  try {
    await addDeed(store, {
      id: randomUUID(),
      at: clock.now(),
      actor,
      action: `${method} ${routeOptions.url}`,
      ...(subject !== '' && { subject }),
      status: reply.statusCode,
      ...(problemCode !== undefined && { code: problemCode }),
      from,
      ...(program !== undefined && { program }),
    })
  } catch (error) {
    // It is done, and must be answered; the log at least has it.
    logger.error({ actor, action: routeOptions.url, error: messageOf(error) }, 'a deed is not kept')
  }
}

function nameOf(caller: Caller): string | undefined {
  if (caller.kind === 'person') return caller.login
  return caller.kind === 'program' ? caller.name : undefined
}
