import { request } from 'node:http'
import { expect, test } from 'vitest'
import {
  acceptInvitation,
  addAccount,
  changeAccount,
  getMe,
  inviteAgain,
  signOut,
} from '../../../../src/protocol/people-api.ts'
import { getNow } from '../../../../src/protocol/public-api.ts'
import { EVENTS_HEARTBEAT_MS, REQUEST_HEADER } from '../../../../src/protocol/public-paths.ts'
import { startCoordinator, type TestCoordinatorOptions } from '../../../support/coordinator.ts'
import { DATABASES } from '../../../support/databases.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import { firstAdmin, member, PASSWORD, signInAs, visitor, whoIs } from '../../../support/people.ts'

const START = Date.parse('2026-03-02T09:00:00Z')

async function start(options: Partial<TestCoordinatorOptions> = {}) {
  const clock = movableClock(START)
  const coordinator = await startCoordinator({
    database: 'sqlite',
    clock,
    ...options,
    access: { signIn: 'required', ...options.access },
  })
  return { clock, coordinator, address: coordinator.address }
}

/** What pages of other sites can make a browser send; it adds the cookie by itself. */
const FOREIGN: { why: string; headers: Record<string, string | undefined> }[] = [
  { why: 'a page of another site', headers: { origin: 'https://evil.example' } },
  { why: 'a sandboxed page', headers: { origin: 'null' } },
  { why: 'another port of this machine', headers: { origin: 'http://127.0.0.1:1' } },
  { why: 'a name that begins as ours', headers: { origin: 'http://127.0.0.1.evil.example' } },
  { why: 'another site, as the browser says', headers: { 'sec-fetch-site': 'cross-site' } },
  { why: 'a neighbour of the same domain', headers: { 'sec-fetch-site': 'same-site' } },
  {
    why: 'a form, which has no headers of its own',
    headers: { origin: undefined, [REQUEST_HEADER]: undefined, 'content-type': 'text/plain' },
  },
  {
    why: 'our own page without its header',
    headers: { 'sec-fetch-site': 'same-origin', [REQUEST_HEADER]: undefined },
  },
]

test('whatever a page of another site sends with the cookie, nothing is changed by it', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  const changing = coordinator.routes.filter(
    ({ method, access }) =>
      !['GET', 'HEAD', 'OPTIONS'].includes(method) &&
      ['viewer', 'responder', 'admin'].includes(access),
  )
  const accepted: string[] = []
  for (const { method, url } of changing)
    for (const { why, headers } of FOREIGN) {
      const all = {
        origin: address,
        [REQUEST_HEADER]: '1',
        'content-type': 'application/json',
        cookie: admin.cookie(),
        'x-http-method-override': 'GET',
        ...headers,
      }
      const response = await fetch(address + url.replaceAll(/:\w+/g, 'INC-1'), {
        method,
        headers: Object.fromEntries(
          Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
        ),
        body: '{}',
      })
      const { code } = (await response.json()) as { code: string }
      if (response.status !== 403 || code !== 'request.foreign')
        accepted.push(`${why}: ${method} ${url}: ${response.status} ${code}`)
    }
  console.log(`${changing.length} routes × ${FOREIGN.length} forgeries`)
  expect(accepted).toEqual([])
  expect(changing.length).toBeGreaterThan(15)
})

test('nobody is signed in by a page of another site', async () => {
  const { coordinator, address } = await start()
  await firstAdmin(coordinator)
  for (const { headers } of FOREIGN.slice(0, 6)) {
    const victim = visitor(address)
    const response = await fetch(`${address}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: JSON.stringify({ login: 'first-admin', password: PASSWORD }),
    })
    expect(response.status).toBe(403)
    expect(response.headers.getSetCookie()).toEqual([])
    expect(await whoIs(victim)).toBeUndefined()
  }
})

test('a session that somebody else put into a browser is not taken over', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  const person = await member(address, admin, 'first-responder', 'responder')
  const planted = person.cookie() ?? ''
  const victim = visitor(address, { cookie: planted })
  expect((await signInAs(victim, 'first-admin')).status).toBe(200)
  expect(victim.cookie()).not.toBe(planted)
  expect(await whoIs(victim)).toMatchObject({ login: 'first-admin' })
  expect(await whoIs(visitor(address, { cookie: planted }))).toMatchObject({
    login: 'first-responder',
  })
})

test.each([
  { publicUrl: undefined, name: 'firewatch-session', isSecure: false },
  { publicUrl: 'https://firewatch.example.com', name: '__Host-firewatch-session', isSecure: true },
])('the cookie at $publicUrl cannot be read by scripts or sent from elsewhere', async (row) => {
  const { coordinator, address } = await start({ access: { publicUrl: row.publicUrl } })
  await firstAdmin({ address, invitation: coordinator.invitation })
  const { headers } = await signInAs(visitor(address), 'first-admin')
  const [cookie = ''] = headers.getSetCookie()
  const parts = cookie.split('; ').map((part) => part.toLowerCase())
  expect(cookie.startsWith(`${row.name}=fws_`)).toBe(true)
  expect(parts).toContain('httponly')
  expect(parts).toContain('samesite=lax')
  expect(parts).toContain('path=/')
  expect(parts.includes('secure')).toBe(row.isSecure)
  expect(cookie).not.toMatch(/domain=/i)
})

test('wrong passwords make the next one wait, whoever they are for', async () => {
  const { clock, coordinator, address } = await start()
  await firstAdmin(coordinator)
  const attempt = (login: string, password = 'a wrong password') =>
    signInAs(visitor(address), login, password)
  for (const login of ['nobody-of-this-name', 'first-admin']) {
    for (let i = 0; i < 5; i++) expect((await attempt(login)).status).toBe(401)
    for (const waitS of [2, 4, 8]) {
      const { status, headers, body } = await attempt(login)
      expect({ status, code: body.code }).toEqual({ status: 429, code: 'sign_in.wait' })
      expect(Number(headers.get('retry-after'))).toBe(waitS)
      clock.advance(waitS * 1_000)
      if (waitS < 8) expect((await attempt(login)).status).toBe(401)
    }
  }
  // The right one had to wait like any other, and then everything begins anew.
  expect((await attempt('first-admin', PASSWORD)).status).toBe(200)
  expect((await attempt('first-admin')).status).toBe(401)
  expect((await attempt('first-admin', PASSWORD)).status).toBe(200)
})

test.each(DATABASES)(
  'on %s, attempts at once are no more than one after the other',
  async (database) => {
    const { coordinator, address } = await start({ database })
    await firstAdmin(coordinator)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        signInAs(visitor(address), 'first-admin', 'a wrong password'),
      ),
    )
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(25)
  },
)

test('an address that tries many accounts waits as well, and one account of its own is no help', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  await member(address, admin, 'the-attacker', 'viewer')
  const statuses: number[] = []
  for (let i = 0; i < 24; i++) {
    if (i === 12) expect((await signInAs(visitor(address), 'the-attacker')).status).toBe(200)
    statuses.push((await signInAs(visitor(address), `person-${i}`, 'Summer2026!!')).status)
  }
  expect(statuses.filter((status) => status === 401)).toHaveLength(21)
  expect(statuses.slice(-3)).toEqual([429, 429, 429])
})

test('which accounts there are shows neither in the answer nor in its time', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  await member(address, admin, 'switched-off', 'viewer')
  const params = { login: 'switched-off' }
  await admin.ask(changeAccount, { params, body: { isDisabled: true } })
  await admin.ask(addAccount, { body: { login: 'only-invited', name: 'I', role: 'viewer' } })
  const times = new Map<string, number[]>()
  const answers = new Set<string>()
  const logins = ['first-admin', 'nobody-here', 'switched-off', 'only-invited']
  for (let round = 0; round < 4; round++)
    for (const login of logins) {
      const before = performance.now()
      const password = login === 'switched-off' ? PASSWORD : 'a wrong password'
      const { status, headers, body } = await signInAs(visitor(address), login, password)
      times.set(login, [...(times.get(login) ?? []), performance.now() - before])
      const said = [...headers].filter(
        ([name]) => !['date', 'x-ratelimit-remaining'].includes(name),
      )
      answers.add(JSON.stringify([status, said.map(([name]) => name), body]))
    }
  expect([...answers]).toHaveLength(1)
  const fastest = [...times].map(([login, all]) => [login, Math.min(...all)] as const)
  const floor = Math.min(...fastest.map(([, ms]) => ms))
  const ceiling = Math.max(...fastest.map(([, ms]) => ms))
  console.log(
    `refusals: ${fastest.map(([login, ms]) => `${login} ${ms.toFixed(0)} ms`).join(', ')}`,
  )
  // A hash takes tens of milliseconds; who skipped it would be many times as fast.
  expect(ceiling / floor).toBeLessThan(2)
})

test('no way of writing an address leads past the door', async () => {
  const { coordinator } = await start()
  const { port } = new URL(coordinator.address)
  const ask = (path: string, method = 'GET') =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      // `fetch` would tidy the path up before it is sent.
      const asked = request({ host: '127.0.0.1', port, path, method }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
      })
      asked.on('error', reject).end()
    })
  const paths = [
    '/api/v1/now',
    '/api/v1/now?x=/healthz',
    '/api/v1//now',
    '//api/v1/now',
    '/api/v1/%6eow',
    '/API/v1/NOW',
    '/api/v1/now/',
    '/api/v1/now;public',
    '/api/v1/now%00',
    '/api/v1/now%2f',
    '/healthz/../api/v1/now',
    '/healthz/%2e%2e/api/v1/now',
    '/api/v1/me/../now',
    '/trace-viewer/..%2f..%2fpackage.json',
    '/trace-viewer/%2e%2e/%2e%2e/package.json',
    'http://127.0.0.1/api/v1/now',
    '/api/v1/runs/00000000-0000-4000-8000-000000000000/artifacts/..%2f..%2ffirewatch.db',
  ]
  for (const path of paths)
    for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS']) {
      const { status, text } = await ask(path, method)
      expect([400, 401, 404, 405, 500], `${method} ${path}`).toContain(status)
      expect(status, `${method} ${path}`).not.toBe(500)
      expect(text).not.toMatch(/storefront|"regions"|SQLite/)
    }
})

test('what is too large, too deep or no object is refused before it costs anything', async () => {
  const { address } = await start()
  const post = async (body: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${address}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    return response.status
  }
  expect(await post(JSON.stringify({ login: 'x', password: 'y'.repeat(100_000) }))).toBe(413)
  expect(await post('['.repeat(4_000))).toBe(400)
  expect(await post('{"__proto__":{"role":"admin"},"login":"x","password":"y"}')).toBe(400)
  expect(await post('{"login":{"$ne":""},"password":{"$ne":""}}')).toBe(400)
  expect(await post('{"login":"x","password":"y","role":"admin"}')).toBe(400)
  expect(await post('login=x&password=y', { 'content-type': 'text/plain' })).toBe(400)
  expect(await post('{}', { 'content-type': 'application/json\t;x' })).toBe(400)
  // A token as long as a header may be is no token.
  const long = await fetch(`${address}/api/v1/now`, {
    headers: { authorization: `Bearer fwt_${'a'.repeat(8_000)}` },
  })
  expect(long.status).toBe(401)
})

test('without sign-in only names of this machine are answered, and no page of another site', async () => {
  const { coordinator } = await start({ access: { signIn: 'off' } })
  const { port } = new URL(coordinator.address)
  const ask = (host: string, path = '/api/v1/now') =>
    new Promise<number>((resolve, reject) =>
      request({ host: '127.0.0.1', port, path, headers: { host } }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
        .on('error', reject)
        .end(),
    )
  // A name that a stranger makes lead here would make their page one of ours.
  expect(await ask(`rebound.example:${port}`)).toBe(403)
  expect(await ask(`127.0.0.1.evil.example:${port}`)).toBe(403)
  expect(await ask(`127.0.0.1:${port}`)).toBe(200)
  expect(await ask(`localhost:${port}`)).toBe(200)
  const forged = await fetch(`${coordinator.address}/api/v1/incidents`, {
    method: 'POST',
    headers: { origin: 'https://evil.example', 'content-type': 'application/json' },
    body: '{}',
  })
  expect(forged.status).toBe(403)
})

test('a link leads to where the coordinator is, whatever a request calls it', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  const body = { login: 'first-responder', name: 'R', role: 'responder' }
  const headers = { host: 'evil.example', origin: 'http://evil.example' }
  const made = await new Promise<string>((resolve, reject) => {
    const asked = request(
      `${address}/api/v1/accounts`,
      {
        method: 'POST',
        headers: {
          ...headers,
          [REQUEST_HEADER]: '1',
          'content-type': 'application/json',
          cookie: admin.cookie() ?? '',
        },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      },
    )
    asked.on('error', reject).end(JSON.stringify(body))
  })
  expect(made).not.toContain('evil.example/join')
  expect(made).toContain('FIREWATCH_PUBLIC_URL')
})

test('a one-time link is used once, also by two at the same moment', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  await member(address, admin, 'first-responder', 'responder')
  const { body } = await admin.ask(inviteAgain, { params: { login: 'first-responder' } })
  const token = body.link.split('#')[1]
  const answers = await Promise.all(
    ['one lamp by the door', 'two lamps by the door'].map((password) =>
      visitor(address).ask(acceptInvitation, { body: { token, password } }),
    ),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404])
})

test('a stream of events ends with the session that it was opened with', async () => {
  const { coordinator, address } = await start()
  const admin = await firstAdmin(coordinator)
  const stream = await fetch(`${address}/api/v1/events`, {
    headers: { cookie: admin.cookie() ?? '' },
    signal: AbortSignal.timeout(3 * EVENTS_HEARTBEAT_MS),
  })
  expect(stream.status).toBe(200)
  await admin.ask(signOut, { body: {} })
  expect((await admin.ask(getMe)).body.caller).toBeUndefined()
  expect((await admin.ask(getNow)).status).toBe(401)
  // Read to its end, which comes with the next sign of life.
  const text = await stream.text()
  expect(text).toContain('event: hello')
  expect(text).not.toContain('event: alive')
})
