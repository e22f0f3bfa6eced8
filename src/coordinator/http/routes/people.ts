import fastifyRateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  acceptInvitation,
  addAccount,
  addToken,
  changeAccount,
  changePassword,
  enrolRegion,
  getMe,
  inviteAgain,
  listAccounts,
  listDeeds,
  listTokens,
  type Me,
  type PEOPLE_CONTRACTS,
  revokeToken,
  signIn,
  signOut,
} from '../../../protocol/people-api.ts'
import {
  accountsOf,
  addInvitedAccount,
  changeAccountOf,
  inviteAgainTo,
  takeInvitation,
} from '../../access/account-desk.ts'
import { actorOf, type Caller, requirePerson } from '../../access/caller.ts'
import { ownUrl } from '../../access/own-url.ts'
import { sessionCookie } from '../../access/session-cookie.ts'
import { type OpenedSession, provenanceOf } from '../../access/sessions.ts'
import { changePasswordOf, signInByPassword, signOutOf } from '../../access/sign-in-desk.ts'
import { endToken, makeEnrolment, makeToken, tokensOf } from '../../access/token-desk.ts'
import type { CoordinatorParts } from '../../coordinator-parts.ts'
import * as deeds from '../../store/deeds.ts'
import { defineRoute, type Route } from '../define-route.ts'
import { fromCursor, toPage } from '../page-cursor.ts'

/** Requests of one address a minute; attempts to sign in are paced besides, far slower. */
const REQUESTS_PER_MINUTE_MAX = 600
const MINUTE_MS = 60_000
const BODY_BYTES_MAX = 8 * 1024

type Exchange = { request: FastifyRequest; reply: FastifyReply }

/** Who people are, and who may come in: `protocol/people-api.ts`. */
export function registerPeople(server: FastifyInstance, parts: CoordinatorParts): void {
  server.register(async (scope) => {
    await scope.register(fastifyRateLimit, { max: REQUESTS_PER_MINUTE_MAX, timeWindow: MINUTE_MS })
    scope.addHook('onRoute', (route) => {
      route.bodyLimit = BODY_BYTES_MAX
    })
    for (const route of Object.values(routes)) route.register(scope, parts)
  })
}

/** Not compiling? A contract was added to `protocol/people-api.ts`, and nothing answers it yet. */
const routes: { [Name in keyof typeof PEOPLE_CONTRACTS]: Route } = {
  getMe: defineRoute(getMe, async (_, parts, caller) => meOf(parts, caller)),

  signIn: defineRoute(signIn, async ({ body }, parts, _, exchange) => {
    // What was typed may be a password; it is written down once it turned out to be a login.
    exchange.request.deed = { actor: 'unknown' }
    const provenance = provenanceOf(exchange.request)
    const opened = await signInByPassword(parts, { ...body, provenance })
    return beginSession(parts, opened, exchange)
  }),

  signOut: defineRoute(signOut, async ({ body }, parts, caller, { reply }) => {
    const ended = await signOutOf(parts, requirePerson(caller), body.everywhere)
    sessionCookie(parts.access).clear(reply)
    return { ended }
  }),

  changePassword: defineRoute(changePassword, async ({ body }, parts, caller, exchange) => {
    const provenance = provenanceOf(exchange.request)
    const opened = await changePasswordOf(parts, requirePerson(caller), { ...body, provenance })
    return beginSession(parts, opened, exchange)
  }),

  acceptInvitation: defineRoute(acceptInvitation, async ({ body }, parts, _, exchange) => {
    exchange.request.deed = { actor: 'unknown' }
    const provenance = provenanceOf(exchange.request)
    return beginSession(parts, await takeInvitation(parts, { ...body, provenance }), exchange)
  }),

  listAccounts: defineRoute(listAccounts, async (_, parts) => ({ data: await accountsOf(parts) })),

  addAccount: defineRoute(addAccount, async ({ body }, parts, _, { request }) => {
    request.deed = { subject: `${body.login}, ${body.role}` }
    return addInvitedAccount(parts, body, ownUrl(parts.access, request))
  }),

  changeAccount: defineRoute(changeAccount, async ({ params, body }, parts, _, { request }) => {
    const { role, isDisabled } = body
    const state = isDisabled === undefined ? undefined : isDisabled ? 'switched off' : 'switched on'
    const words = [params.login, role, state].filter((text) => text !== undefined)
    request.deed = { subject: words.join(', ') }
    return changeAccountOf(parts, params.login, body)
  }),

  inviteAgain: defineRoute(inviteAgain, async ({ params }, parts, _, { request }) =>
    inviteAgainTo(parts, params.login, ownUrl(parts.access, request)),
  ),

  listTokens: defineRoute(listTokens, async ({ query }, parts) => ({
    data: await tokensOf(parts, query),
  })),

  addToken: defineRoute(addToken, async ({ body }, parts, caller, { request }) => {
    request.deed = { subject: `${body.name}, ${body.role}` }
    return makeToken(parts, { ...body, createdBy: actorOf(caller, 'anybody') })
  }),

  enrolRegion: defineRoute(enrolRegion, async ({ body }, parts, caller, { request }) => {
    request.deed = { subject: body.regionId }
    return makeEnrolment(parts, { ...body, createdBy: actorOf(caller, 'anybody') })
  }),

  revokeToken: defineRoute(revokeToken, async ({ params }, parts, _, { request }) => {
    const token = await endToken(parts, params.tokenId)
    request.deed = { subject: `${token.kind} ${token.name}` }
    return token
  }),

  listDeeds: defineRoute(listDeeds, async ({ query }, { store }) => {
    const { cursor, limit, actor } = query
    const [at, id] = cursor === undefined ? [] : fromCursor(cursor)
    const before = at === undefined ? undefined : { at: Number(at), id: String(id) }
    const found = await deeds.listDeeds(store, { actor, before, limit: limit + 1 })
    return toPage(found, limit, (deed) => [deed.at, deed.id])
  }),
}

/** Gives the browser its session, and says who it is now. */
export function beginSession(
  parts: CoordinatorParts,
  { account, credential, secret }: OpenedSession,
  { request, reply }: Exchange,
): Me {
  const { login, name, role, password } = account
  sessionCookie(parts.access).set(reply, secret, credential.expiresAt ?? 0)
  request.deed = { actor: login }
  return meOf(parts, {
    kind: 'person',
    by: 'session',
    login,
    name,
    role,
    credentialId: credential.id,
    until: credential.expiresAt,
    hasPassword: password !== undefined,
  })
}

function meOf({ access }: CoordinatorParts, caller: Caller): Me {
  const { organisation, signIn: how } = access
  return {
    signIn: how,
    ...(organisation && { organisation: { name: organisation.name } }),
    ...callerOf(caller),
  }
}

function callerOf(caller: Caller): Pick<Me, 'caller'> {
  switch (caller.kind) {
    case 'anybody':
      return { caller: { kind: 'anybody', role: 'admin' } }
    case 'program':
      return {
        caller: { kind: 'program', name: caller.name, login: caller.name, role: caller.role },
      }
    case 'person': {
      const { login, name, role, until, hasPassword } = caller
      return {
        caller: {
          kind: 'person',
          login,
          name,
          role,
          hasPassword,
          ...(until !== undefined && { until }),
        },
      }
    }
    case 'unknown':
    case 'probe':
    case 'scraper':
      return {}
  }
}
