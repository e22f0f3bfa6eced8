import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { isRetried } from '../../../../src/probe/is-retried.ts'
import { createTokenCache } from '../../../../src/probe/network/token-cache.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { dnsTarget, reply } from '../../../support/dns-target.ts'
import { freePort, httpTarget, rawTarget } from '../../../support/http-target.ts'
import { readRequest } from '../../../support/read-request.ts'
import { until } from '../../../support/until.ts'
import { upgradeTarget } from '../../../support/websocket-target.ts'

const SECRETS: Record<string, string> = {
  SHOP_PASSWORD: 'pass:w\u00f6rd',
  API_TOKEN: 'tok-123456',
  CLIENT_SECRET: 's3cret/+ value',
}
const secret = (name: string) => SECRETS[name]

const expectations = resolveExpectations('must', { status: 200 })

/** A target that says what login it was given. */
const protectedBy = (isGood: (authorization: string) => boolean) =>
  httpTarget((request, response) => {
    const isIn = isGood(request.headers.authorization ?? '')
    response.writeHead(isIn ? 200 : 401).end(isIn ? 'welcome' : 'who are you?')
  })

describe('basic and bearer', () => {
  test('a user with a password', async () => {
    const target = await protectedBy(() => true)
    const auth = { basic: { username: 'ada', password: 'SHOP_PASSWORD' } }
    const run = await runOnce(aCheck('http', { url: target.url, auth, expectations }), { secret })
    expect(run.error).toBeUndefined()
    const sent = target.requests[0]?.headers.authorization?.replace('Basic ', '') ?? ''
    expect(Buffer.from(sent, 'base64').toString()).toBe('ada:pass:w\u00f6rd')
  })

  test('a token', async () => {
    const target = await protectedBy((sent) => sent === 'Bearer tok-123456')
    const check = aCheck('http', { url: target.url, auth: { bearer: 'API_TOKEN' }, expectations })
    expect((await runOnce(check, { secret })).error).toBeUndefined()
  })

  test.each([{ bearer: 'NONE' }, { basic: { username: 'ada', password: 'NONE' } }])(
    '%j: a secret that the probe does not have is its own fault',
    async (auth) => {
      const target = await protectedBy(() => true)
      const run = await runOnce(aCheck('http', { url: target.url, auth }), { secret })
      expect(run.verdict).toBe('probe_fault')
      expect(run.error).toEqual({
        type: 'probe.secret_missing',
        message:
          'this probe has no secret NONE: none of the variables NONE, NONE_FILE and NONE_COMMAND is set',
      })
      expect(target.connections).toBe(0)
    },
  )

  test('what a server repeats of a login is masked', async () => {
    const target = await httpTarget((request, response) => {
      response.writeHead(403).end(`you sent ${request.headers.authorization}`)
    })
    const must = resolveExpectations('must', { body: 'welcome' })
    const auth = { basic: { username: 'ada', password: 'SHOP_PASSWORD' } }
    const run = await runOnce(aCheck('http', { url: target.url, auth, expectations: must }), {
      secret,
    })
    expect(run.error?.message).toContain('[secret SHOP_PASSWORD as login]')
  })
})

const totalWithin = (max: string) => resolveExpectations('must', { total: { max } })

type Answer = (response: ServerResponse, count: number) => void

/** A server that gives tokens, and keeps what it was asked. */
async function tokenServer(answer: Answer) {
  const asked: { request: IncomingMessage; form: URLSearchParams }[] = []
  const server = await httpTarget(async (request, response) => {
    asked.push({ request, form: new URLSearchParams(String(await readRequest(request))) })
    answer(response, asked.length)
  })
  return { ...server, asked }
}

const giving =
  (fields: Record<string, unknown>): Answer =>
  (response, count) => {
    const token = { access_token: `given-token-${count}`, token_type: 'Bearer', ...fields }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(token))
  }

const oauth2 = (tokenUrl: string) => ({
  oauth2: { tokenUrl, clientId: 'fire:watch', clientSecret: 'CLIENT_SECRET' },
})

const withToken = (url: string, tokenUrl: string, overrides: Partial<HttpCheck> = {}) =>
  aCheck('http', { url, auth: oauth2(tokenUrl), expectations, ...overrides })

describe('OAuth 2 client credentials', () => {
  test('asks as RFC 6749 has it, and the time of that is not the target’s', async () => {
    const server = await tokenServer((response, count) =>
      setTimeout(() => giving({ expires_in: 3600 })(response, count), 200),
    )
    const target = await protectedBy((sent) => sent === 'Bearer given-token-1')
    const auth = {
      oauth2: { ...oauth2(server.url).oauth2, scope: 'shop.read shop.write', audience: 'shop' },
    }
    const run = await runOnce(withToken(target.url, server.url, { auth }), { secret })

    expect(run.error).toBeUndefined()
    const [asked] = server.asked
    expect(Object.fromEntries(asked?.form ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'shop.read shop.write',
      audience: 'shop',
    })
    const login = Buffer.from(
      asked?.request.headers.authorization?.replace('Basic ', '') ?? '',
      'base64',
    ).toString()
    expect(login).toBe('fire%3Awatch:s3cret%2F%2B+value')
    expect(run.facts.tokenMs).toBeGreaterThanOrEqual(190)
    expect(phaseMs(run, 'firstByte')).toBeLessThan(190)
    expect(run.durationMs).toBeLessThan(190)
    expect(run.exchanges?.map(({ part, status }) => ({ part, status }))).toEqual([
      { part: 'access token', status: 200 },
      { part: undefined, status: 200 },
    ])
  })

  test('one token serves many runs, also those that need it at the same moment', async () => {
    const server = await tokenServer(giving({ expires_in: 3600 }))
    const target = await protectedBy((sent) => sent === 'Bearer given-token-1')
    const parts = { secret, tokens: createTokenCache() }
    const check = withToken(target.url, server.url)
    const runs = await Promise.all(Array.from({ length: 8 }, () => runOnce(check, parts)))
    const later = await runOnce(check, parts)
    expect([...runs, later].map(({ verdict }) => verdict)).toEqual(Array(9).fill('passed'))
    expect(server.asked).toHaveLength(1)
    expect(later.facts.tokenMs).toBeUndefined()
  })

  test.each([
    { why: 'as the server says, with a margin', fields: { expires_in: 100 }, goodS: 69, badS: 71 },
    { why: 'half of a short life', fields: { expires_in: 20 }, goodS: 9, badS: 11 },
    { why: 'a number in quotes', fields: { expires_in: '100' }, goodS: 69, badS: 71 },
    { why: 'five minutes when nothing is said', fields: {}, goodS: 269, badS: 271 },
    { why: 'five minutes for nonsense', fields: { expires_in: 'soon' }, goodS: 269, badS: 271 },
  ])('a token is used for $why', async ({ fields, goodS, badS }) => {
    const server = await tokenServer(giving(fields))
    const target = await protectedBy(() => true)
    const tokens = createTokenCache()
    const check = withToken(target.url, server.url)
    const clockAfter = (seconds: number) => ({
      ...systemClock,
      monotonic: () => systemClock.monotonic() + seconds * 1_000,
    })
    await runOnce(check, { secret, tokens })
    await runOnce(check, { secret, tokens, clock: clockAfter(goodS) })
    expect(server.asked).toHaveLength(1)
    await runOnce(check, { secret, tokens, clock: clockAfter(badS) })
    expect(server.asked).toHaveLength(2)
  })

  test('a kept token that is refused is forgotten, and another asked for once', async () => {
    const server = await tokenServer(giving({}))
    let good = 'Bearer given-token-1'
    const target = await protectedBy((sent) => sent === good)
    const parts = { secret, tokens: createTokenCache() }
    const check = withToken(target.url, server.url)
    await runOnce(check, parts)
    good = 'Bearer given-token-2' // The server was restarted, say, and knows no older ones.
    const run = await runOnce(check, parts)
    expect(run.verdict).toBe('passed')
    expect(run.exchanges?.map(({ status }) => status)).toEqual([401, 200, 200])
    expect(server.asked).toHaveLength(2)
    // Only the request that counts is measured.
    expect(phaseMs(run, 'firstByte')).toBeLessThanOrEqual(run.exchanges?.[2]?.ms ?? 0)
  })

  test.each([
    { kind: 'http', checkOf: withToken },
    {
      kind: 'api',
      checkOf: (url: string, tokenUrl: string) => {
        const request = { name: 'open', url, method: 'GET', headers: {}, auth: oauth2(tokenUrl) }
        return aCheck('api', { requests: [request], expectations: totalWithin('150ms') })
      },
    },
  ])(
    'the time of $kind is neither that of the token nor of the refused request',
    async ({ checkOf }) => {
      const server = await tokenServer((response, count) =>
        setTimeout(() => giving({})(response, count), 200),
      )
      let good = 'Bearer given-token-1'
      const target = await httpTarget((request, response) => {
        const isIn = request.headers.authorization === good
        setTimeout(() => response.writeHead(isIn ? 200 : 401).end(), isIn ? 0 : 200)
      })
      const parts = { secret, tokens: createTokenCache() }
      const check = checkOf(target.url, server.url)
      const first = await runOnce(check, parts)
      good = 'Bearer given-token-2'
      const second = await runOnce(check, parts)
      for (const run of [first, second]) {
        expect(run.verdict).toBe('passed')
        expect(run.durationMs).toBeLessThan(150)
      }
      expect(second.exchanges?.map(({ status }) => status)).toEqual([401, 200, 200])
    },
  )

  test('the time of a WebSocket is not that of the token', async () => {
    const server = await tokenServer((response, count) =>
      setTimeout(() => giving({})(response, count), 200),
    )
    const { port } = await upgradeTarget()
    const check = aCheck('websocket', {
      url: `ws://127.0.0.1:${port}/`,
      auth: oauth2(server.url),
      expectations: totalWithin('150ms'),
    })
    const run = await runOnce(check, { secret })
    expect(run.error).toBeUndefined()
    expect(run.durationMs).toBeLessThan(150)
    expect(run.facts.tokenMs).toBeGreaterThanOrEqual(190)
  })

  test('a new token that is refused is the answer', async () => {
    const server = await tokenServer(giving({}))
    const target = await protectedBy(() => false)
    const parts = { secret, tokens: createTokenCache() }
    const run = await runOnce(withToken(target.url, server.url), parts)
    expect(run.error?.message).toBe('status: expected 200, got 401')
    expect(server.asked).toHaveLength(1)
    await runOnce(withToken(target.url, server.url), parts)
    expect(server.asked).toHaveLength(2)
  })

  test.each<{ why: string; answer: Answer; message: string }>([
    {
      why: 'the client is not known',
      answer: (response) =>
        response
          .writeHead(401, { 'content-type': 'application/json' })
          .end('{"error":"invalid_client","error_description":"no such client"}'),
      message: 'the answer was 401, invalid_client, no such client',
    },
    {
      why: 'the server is broken',
      answer: (response) => response.writeHead(502).end('<html>Bad gateway'),
      message: 'the answer was 502',
    },
    {
      why: 'a page instead of a token',
      answer: (response) => response.end('<html>'),
      message: 'the answer was 200, but has no "access_token" that a header can carry',
    },
    {
      why: 'a token that would end its header',
      answer: giving({ access_token: 'a\r\nx: y' }),
      message: 'the answer was 200, but has no "access_token" that a header can carry',
    },
    {
      why: 'a token of another kind',
      answer: giving({ token_type: 'mac' }),
      message: 'the answer was 200, with a token of the type "mac"',
    },
    {
      why: 'a redirect, where no secret is sent to',
      answer: (response) => response.writeHead(302, { location: '/login' }).end(),
      message: 'the answer was 302',
    },
  ])('no token: $why', async ({ answer, message }) => {
    const server = await tokenServer(answer)
    const target = await protectedBy(() => true)
    const run = await runOnce(withToken(target.url, `${server.url}token`), { secret })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({
      type: 'auth.token',
      message: `no access token from ${server.url}token: ${message}`,
    })
    expect(target.connections).toBe(0)
    expect(run.phases).toEqual([])
  })

  test.each<{ why: string; url: () => Promise<string>; type: string; words: string }>([
    {
      why: 'nobody is there',
      url: async () => `http://127.0.0.1:${await freePort()}/`,
      type: 'connect.refused',
      words: 'refused',
    },
    {
      why: 'its name cannot be resolved',
      url: async () => 'http://tokens.invalid/',
      type: 'dns.',
      words: 'tokens.invalid',
    },
    {
      why: 'it speaks no TLS',
      url: async () => (await httpTarget(() => undefined)).url.replace('http:', 'https:'),
      type: 'tls.handshake',
      words: 'does not speak TLS',
    },
    {
      why: 'it says nothing until the deadline',
      url: async () => (await rawTarget(() => undefined)).url,
      type: 'timeout',
      words: 'no ',
    },
  ])('no token, by the network: $why', async ({ url, type, words }) => {
    const tokenUrl = await url()
    const target = await protectedBy(() => true)
    const startedAt = performance.now()
    const check = withToken(target.url, tokenUrl, { timeoutMs: 500 })
    const nameServers = [(await dnsTarget((query) => reply(query, { rcode: 2 }))).host]
    const run = await runOnce(check, { secret, nameServers })
    expect(performance.now() - startedAt).toBeLessThan(1_500)
    expect(run.error?.type).toContain(type)
    expect(run.error?.message).toContain(`no access token from ${tokenUrl}: `)
    expect(run.error?.message).toContain(words)
    expect(isRetried(run, { on: 'network', times: 1 }).isRetried).toBe(true)
  })

  test('who gives up takes nobody along who waits for the same token', async () => {
    const waiting: { response: ServerResponse; count: number }[] = []
    const server = await tokenServer((response, count) => waiting.push({ response, count }))
    const target = await protectedBy(() => true)
    const parts = { secret, tokens: createTokenCache() }
    const hasty = runOnce(withToken(target.url, server.url, { timeoutMs: 200 }), parts)
    await until('the first asks', () => server.asked.length === 1)
    const patient = runOnce(withToken(target.url, server.url), parts)
    expect((await hasty).error?.type).toBe('timeout')
    await until('the other asks itself', () => waiting.length === 2)
    for (const { response, count } of waiting) giving({})(response, count)
    expect((await patient).verdict).toBe('passed')
  })

  test('neither secret nor token is in a report, whatever the servers repeat', async () => {
    const server = await tokenServer(giving({}))
    const target = await httpTarget((request, response) => {
      response.writeHead(500).end(`${request.headers.authorization} is too old`)
    })
    const must = resolveExpectations('must', { body: 'welcome' })
    const check = withToken(target.url, server.url, { expectations: must })
    const run = await runOnce(check, { secret })
    expect(run.error?.message).toContain('Bearer [secret access token] is too old')
    expect(JSON.stringify(run)).not.toMatch(/given-token|s3cret/)
  })
})
