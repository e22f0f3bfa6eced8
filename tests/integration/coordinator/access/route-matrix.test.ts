import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { guardRoutes, routesAreFor } from '../../../../src/coordinator/access/guard.ts'
import type { ServedRoute } from '../../../../src/coordinator/coordinator.ts'
import { openStore } from '../../../../src/coordinator/store/store.ts'
import type { Access } from '../../../../src/protocol/access.ts'
import {
  changeAccount,
  enrolRegion,
  revokeToken,
  signOut,
} from '../../../../src/protocol/people-api.ts'
import { REQUEST_HEADER } from '../../../../src/protocol/public-paths.ts'
import { createLogger } from '../../../../src/runtime/logger.ts'
import { ACCESS, PROBE_TOKEN, startCoordinator } from '../../../support/coordinator.ts'
import { DATABASES, type Database, freshDatabase } from '../../../support/databases.ts'
import { longOrShort } from '../../../support/long-or-short.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import {
  enrolledProbe,
  firstAdmin,
  member,
  signInAs,
  tokenOf,
  type Visitor,
} from '../../../support/people.ts'

const START = Date.parse('2026-03-02T09:00:00Z')
const METRICS_TOKEN = 'what-prometheus-shows'
const DAY_MS = 86_400_000

/** What a caller counts as; `nobody` is whatever shows nothing that counts. */
type Class = 'nobody' | 'viewer' | 'responder' | 'admin' | 'probe' | 'scraper'

/** Who may. Everybody who is not named may not. */
const MAY: Record<Access, readonly Class[]> = {
  public: ['nobody', 'viewer', 'responder', 'admin', 'probe', 'scraper'],
  signed: ['nobody', 'viewer', 'responder', 'admin', 'probe', 'scraper'],
  probe: ['probe'],
  metrics: ['viewer', 'responder', 'admin', 'scraper'],
  viewer: ['viewer', 'responder', 'admin'],
  responder: ['responder', 'admin'],
  admin: ['admin'],
}
const MEMBERS: readonly Class[] = ['viewer', 'responder', 'admin']
const OF_PEOPLE: readonly Access[] = ['viewer', 'responder', 'admin', 'metrics']

/** Known, and may not; everybody else is asked who they are. */
function expectedCode(access: Access, who: Class): string | undefined {
  if (MAY[access].includes(who)) return undefined
  return MEMBERS.includes(who) && OF_PEOPLE.includes(access)
    ? 'request.forbidden'
    : 'request.unauthorized'
}

type Caller = { why: string; is: Class; headers: Record<string, string> }

/** Everybody who could come: each kind of credential, good and not good any more. */
async function everybody(
  { address, invitation }: { address: string; invitation: string | undefined },
  clock: { advance(ms: number): void },
): Promise<Caller[]> {
  const admin = await firstAdmin({ address, invitation })
  const bearer = (why: string, is: Class, secret: string): Caller => ({
    why,
    is,
    headers: { authorization: `Bearer ${secret}` },
  })
  const byCookie = (why: string, is: Class, somebody: Visitor): Caller => ({
    why,
    is,
    headers: { cookie: somebody.cookie() ?? '' },
  })
  const idle = await member(address, admin, 'long-idle', 'admin')
  const tooOld = await tokenOf(admin, { name: 'too old', role: 'admin', forMs: DAY_MS })
  // What was good until now is too old from here on.
  clock.advance(2 * DAY_MS)
  await signInAs(admin, 'first-admin')

  const members = await Promise.all(
    (['viewer', 'responder', 'admin'] as const).map(async (role) => {
      const person = await member(address, admin, `the-${role}`, role)
      const own = await tokenOf(admin, { name: `of ${role}`, role: 'admin', login: `the-${role}` })
      const program = await tokenOf(admin, { name: `${role} program`, role })
      return [
        byCookie(`the session of a ${role}`, role, person),
        bearer(`an admin's token of a ${role}, who may no more than they may`, role, own.secret),
        bearer(`the token of a program that is ${role}`, role, program.secret),
      ]
    }),
  )
  const gone = await member(address, admin, 'signed-out', 'admin')
  const goneCookie = gone.cookie() ?? ''
  await gone.ask(signOut, { body: {} })
  const off = await member(address, admin, 'switched-off', 'admin')
  const offToken = await tokenOf(admin, { name: 'of off', role: 'admin', login: 'switched-off' })
  await admin.ask(changeAccount, { params: { login: 'switched-off' }, body: { isDisabled: true } })
  const revoked = await tokenOf(admin, { name: 'revoked', role: 'admin' })
  await admin.ask(revokeToken, { params: { tokenId: revoked.token.id } })
  const enrolment = await admin.ask(enrolRegion, { body: { regionId: 'eu-west', forMs: DAY_MS } })
  const probe = await enrolledProbe(address, admin, { regionId: 'eu-west', probeId: 'eu-west-1' })
  const goneProbe = await enrolledProbe(address, admin, {
    regionId: 'us-east',
    probeId: 'us-east-1',
  })
  await admin.ask(revokeToken, { params: { tokenId: goneProbe.id } })
  const session = (admin.cookie() ?? '').split('=')[1] ?? ''
  const good = await tokenOf(admin, { name: 'good', role: 'admin' })

  return [
    { why: 'nobody', is: 'nobody', headers: {} },
    ...members.flat(),
    byCookie('a session that was not used for long', 'nobody', idle),
    { why: 'a session that was signed out', is: 'nobody', headers: { cookie: goneCookie } },
    byCookie('the session of somebody switched off', 'nobody', off),
    bearer('the token of somebody switched off', 'nobody', offToken.secret),
    bearer('a token that is too old', 'nobody', tooOld.secret),
    bearer('a token that was revoked', 'nobody', revoked.secret),
    bearer('a token that never was', 'nobody', `fwt_${'a'.repeat(43)}`),
    bearer('a session as a token', 'nobody', session),
    {
      why: 'a token as a session',
      is: 'nobody',
      headers: { cookie: `firewatch-session=${good.secret}` },
    },
    {
      why: 'a wrong token beside a good session',
      is: 'nobody',
      headers: { authorization: 'Bearer fwt_wrong', cookie: admin.cookie() ?? '' },
    },
    {
      why: 'a good token as a password',
      is: 'nobody',
      headers: { authorization: `Basic ${btoa(`admin:${good.secret}`)}` },
    },
    bearer('the credential of a probe', 'probe', probe.secret),
    bearer('the token of all probes', 'probe', PROBE_TOKEN),
    bearer('the credential of a probe that was revoked', 'nobody', goneProbe.secret),
    bearer('an enrolment that was not used', 'nobody', enrolment.body.secret),
    bearer('the token of metrics', 'scraper', METRICS_TOKEN),
  ]
}

/** An address of the route: of nothing that there is, and with nothing in the body that could be done. */
function requestOf({ method, url }: ServedRoute, address: string, caller: Caller) {
  const path = url
    .replace('*', 'index.html')
    .replaceAll(/:(\w+)\(?[^/]*/g, (_, name: string) => SAMPLES[name] ?? 'nothing')
  const hasBody = ['POST', 'PUT', 'PATCH'].includes(method)
  return fetch(address + path, {
    method,
    headers: {
      origin: address,
      [REQUEST_HEADER]: '1',
      ...(hasBody && { 'content-type': 'application/json' }),
      ...caller.headers,
    },
    ...(hasBody && { body: '[]' }),
    redirect: 'manual',
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  })
}

/** Every route answers at once, or says that it will not. */
const ANSWER_MS_MAX = 30_000

const SAMPLES: Record<string, string> = {
  runId: '00000000-0000-4000-8000-000000000000',
  incidentId: 'INC-999',
  silenceId: '00000000-0000-4000-8000-000000000000',
  tokenId: '00000000-0000-4000-8000-000000000000',
  name: 'screenshot.png',
}

/** What the guard said of it; undefined when it let it pass, whatever the route then said. */
async function guardCode(response: Response, method: string): Promise<string | undefined> {
  if (method === 'HEAD')
    return { 401: 'request.unauthorized', 403: 'request.forbidden' }[response.status]
  const isProblem = response.headers.get('content-type')?.includes('problem+json')
  const code = isProblem ? ((await response.json()) as { code: string }).code : undefined
  await response.body?.cancel().catch(() => undefined)
  return code?.startsWith('request.') && [401, 403].includes(response.status) ? code : undefined
}

/** Thousands of requests, and a password hashed for each account. */
const MATRIX_MS = 180_000

// Access is decided before the store is asked for anything but a credential, by the same queries.
const ON = longOrShort<readonly Database[]>({ long: DATABASES, short: ['sqlite'] })

test.each(ON)(
  'on %s, each route lets in whom it says, and nobody else',
  { timeout: MATRIX_MS },
  async (database) => {
    const clock = movableClock(START)
    const coordinator = await startCoordinator({
      database,
      clock,
      access: { signIn: 'required', metricsToken: METRICS_TOKEN },
    })
    const callers = await everybody(coordinator, clock)
    const wrong: string[] = []
    let cells = 0
    for (const route of coordinator.routes) {
      // A route of another kind than it says would be tested as what it is not.
      const codes = await Promise.all(
        callers.map(async (caller) =>
          guardCode(await requestOf(route, coordinator.address, caller), route.method),
        ),
      )
      for (const [index, caller] of callers.entries()) {
        cells++
        const expected = expectedCode(route.access, caller.is)
        // A `HEAD` of a route that looks at proof itself is refused by it alone.
        if (route.access === 'signed' && route.method === 'HEAD') continue
        if (codes[index] !== expected)
          wrong.push(
            `${caller.why}: ${route.method} ${route.url} (${route.access}): ${codes[index]} instead of ${expected}`,
          )
      }
    }
    console.log(`${coordinator.routes.length} routes, ${callers.length} callers, ${cells} cells`)
    expect(wrong).toEqual([])
    expect(coordinator.routes.length).toBeGreaterThan(50)
  },
)

test('a route that does not say who may call it keeps the server from starting', async () => {
  const logger = createLogger('coordinator', 'silent')
  const store = await openStore(await freshDatabase('sqlite'), logger)
  const parts = { store, logger, clock: movableClock(START), access: ACCESS }
  const forgetful = Fastify()
  guardRoutes(forgetful, parts)
  forgetful.get('/forgotten', async () => 'everything')
  await expect(forgetful.ready()).rejects.toThrow('GET /forgotten does not say who may call it')
  const careful = Fastify()
  await careful.register((await import('@fastify/cookie')).default)
  guardRoutes(careful, parts)
  careful.register(async (scope) => {
    routesAreFor(scope, 'admin')
    scope.get('/said', async () => 'everything')
  })
  await expect(careful.ready()).resolves.toBeDefined()
  await careful.close()
  await forgetful.close()
  await store.close()
})

test('what only looks is for viewers, what changes something is not', async () => {
  const { routes } = await startCoordinator({ database: 'sqlite', clock: movableClock(START) })
  const changing = routes.filter(({ method, access }) => method === 'POST' && access === 'viewer')
  // These change nothing of the fleet, or nothing but the caller's own; that data is at risk whoever sees it says.
  expect(changing.map(({ url }) => url).toSorted()).toEqual([
    '/api/v1/checks/:checkId/backtest',
    '/api/v1/incidents/:incidentId/data-at-risk',
    '/api/v1/me/password',
    '/api/v1/reports',
    '/api/v1/session/end',
  ])
  const open = routes.filter(({ access, url }) => access === 'public' && url.startsWith('/api/'))
  expect(new Set(open.map(({ url }) => url))).toEqual(
    new Set(['/api/v1/me', '/api/v1/session', '/api/v1/session/invitation']),
  )
})
