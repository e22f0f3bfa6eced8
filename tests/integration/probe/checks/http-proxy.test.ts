import { beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { freePort, httpTarget, rawTarget, saying } from '../../../support/http-target.ts'
import { http2Target } from '../../../support/http2-target.ts'
import { proxyTarget } from '../../../support/proxy-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  type KeyPair,
  keyPair,
  pemOf,
  tlsTarget,
} from '../../../support/tls-target.ts'

let authority: Issued
let shop: KeyPair
let proxyPair: KeyPair

beforeAll(async () => {
  authority = await anAuthority()
  shop = await keyPair(await issue({ issuer: authority }))
  proxyPair = await keyPair(await issue({ issuer: authority, hosts: ['proxy.test'] }))
})

const expecting = (written: Record<string, unknown>) => resolveExpectations('must', written)

const plain = (proxy: HttpCheck['proxy'], overrides: Partial<HttpCheck> = {}) =>
  aCheck('http', {
    url: 'http://shop.test/cart',
    expectations: expecting({ status: 200, body: 'ok' }),
    ...(proxy && { proxy }),
    ...overrides,
  })

const secure = (proxy: HttpCheck['proxy'], overrides: Partial<HttpCheck> = {}) =>
  plain(proxy, { url: 'https://shop.test/', trustedRoots: pemOf(authority), ...overrides })

const page = () => httpTarget((_request, response) => void response.end('ok'))

const namedProxy = (port: number, protocol = 'http') => ({
  proxy: { url: `${protocol}://proxy.test:3128` },
  parts: {
    connectTo: connectTo([
      { from: { host: 'proxy.test', port: 3128 }, to: { host: '127.0.0.1', port } },
    ]),
  },
})

describe('through a proxy', () => {
  test('plain http is asked with the whole address', async () => {
    const target = await page()
    const proxy = await proxyTarget({ to: target.port })
    const run = await runOnce(plain({ url: proxy.url }))
    expect(run.error).toBeUndefined()
    expect(proxy.asked).toEqual(['GET http://shop.test/cart'])
    expect(target.requests[0]?.headers.host).toBe('shop.test')
    expect(run.facts).toMatchObject({
      address: `127.0.0.1:${proxy.port}`,
      proxy: `127.0.0.1:${proxy.port}`,
      finalUrl: 'http://shop.test/cart',
    })
    expect(phaseMs(run, 'proxy')).toBeUndefined()
  })

  test('https goes through a tunnel, whose time has a phase', async () => {
    const target = await tlsTarget(shop)
    const proxy = await proxyTarget({ to: target.port })
    const run = await runOnce(
      secure({ url: proxy.url }, { expectations: expecting({ body: 'ok', proxy: { max: '5s' } }) }),
    )
    expect(run.error).toBeUndefined()
    expect(proxy.asked).toEqual(['CONNECT shop.test:443'])
    expect(target.serverNames).toEqual(['shop.test'])
    expect(target.heard[0]).toMatch(/^GET \/ HTTP\/1\.1\r\nhost: shop\.test\r\n/)
    expect(target.heard[0]).not.toContain('proxy')
    expect(run.phases.map(({ name }) => name)).toEqual([
      'dns',
      'connect',
      'proxy',
      'tls',
      'firstByte',
      'download',
    ])
  })

  test('HTTP/2 goes through a tunnel as well, also without TLS', async () => {
    const target = await http2Target((stream) => {
      stream.respond({})
      stream.end('ok')
    })
    const proxy = await proxyTarget({ to: target.port })
    const run = await runOnce(plain({ url: proxy.url }, { httpVersion: '2' }))
    expect(run.error).toBeUndefined()
    expect(proxy.asked).toEqual(['CONNECT shop.test:80'])
    expect(run.facts.httpVersion).toBe('2')
  })

  test('that is spoken to over TLS, which is no time of the target', async () => {
    const target = await tlsTarget(shop)
    const { port } = await proxyTarget({ to: target.port, tls: proxyPair })
    const { proxy, parts } = namedProxy(port, 'https')
    const run = await runOnce(secure(proxy), parts)
    expect(run.error).toBeUndefined()
    expect(phaseMs(run, 'proxy')).toBeGreaterThan(0)
    expect(phaseMs(run, 'tls')).toBeGreaterThan(0)
  })

  test('over TLS, plain http', async () => {
    const target = await page()
    const { port, asked } = await proxyTarget({ to: target.port, tls: proxyPair })
    const { proxy, parts } = namedProxy(port, 'https')
    const run = await runOnce(plain(proxy, { trustedRoots: pemOf(authority) }), parts)
    expect(run.error).toBeUndefined()
    expect(asked).toEqual(['GET http://shop.test/cart'])
    expect(phaseMs(run, 'tls')).toBeUndefined()
  })

  test('redirects go through it, too', async () => {
    const target = await httpTarget((request, response) => {
      if (request.url === '/cart') response.writeHead(302, { location: 'http://other.test/' }).end()
      else response.end('ok')
    })
    const proxy = await proxyTarget({ to: target.port })
    expect((await runOnce(plain({ url: proxy.url }))).error).toBeUndefined()
    expect(proxy.asked).toEqual(['GET http://shop.test/cart', 'GET http://other.test/'])
  })
})

describe('a proxy with a login', () => {
  const login = { username: 'probe', password: 'PROXY_PASSWORD' }
  const secret = (name: string) => (name === 'PROXY_PASSWORD' ? 'pr0xy-canary' : undefined)

  test('gets it with every request, and the target and the run do not', async () => {
    const target = await page()
    const proxy = await proxyTarget({ to: target.port, login: 'probe:pr0xy-canary' })
    const run = await runOnce(plain({ url: proxy.url, ...login }), { secret })
    expect(run.error).toBeUndefined()
    expect(proxy.logins).toEqual(['probe:pr0xy-canary'])
    expect(JSON.stringify(run)).not.toContain('pr0xy-canary')
    expect(JSON.stringify(run)).not.toContain(btoa('probe:pr0xy-canary'))
  })

  test('gets it with CONNECT', async () => {
    const target = await tlsTarget(shop)
    const proxy = await proxyTarget({ to: target.port, login: 'probe:pr0xy-canary' })
    const run = await runOnce(secure({ url: proxy.url, ...login }), { secret })
    expect(run.error).toBeUndefined()
    expect(target.heard.join()).not.toContain('roxy')
  })

  test('gets it from the address', async () => {
    const target = await page()
    const { port, logins } = await proxyTarget({ to: target.port, login: 'probe:l@mp' })
    await runOnce(plain({ url: `http://probe:l%40mp@127.0.0.1:${port}` }))
    expect(logins).toEqual(['probe:l@mp'])
  })

  test('without its secret nothing is asked, and it is the probe that is at fault', async () => {
    const proxy = await proxyTarget({ to: 1 })
    const run = await runOnce(plain({ url: proxy.url, ...login }))
    expect(run.verdict).toBe('probe_fault')
    expect(run.error).toEqual({
      type: 'probe.secret_missing',
      message: `this probe does not have PROXY_PASSWORD, the password for the proxy 127.0.0.1:${proxy.port}`,
    })
    expect(proxy.asked).toEqual([])
  })

  test.each(['http', 'https'])('that refuses it is what failed (%s)', async (protocol) => {
    const target = await page()
    const proxy = await proxyTarget({ to: target.port, login: 'probe:another' })
    const make = protocol === 'http' ? plain : secure
    const run = await runOnce(make({ url: proxy.url, ...login }), { secret })
    expect(run.error?.type).toBe('proxy.refused')
    expect(run.error?.message).toMatch(
      /^the proxy 127\.0\.0\.1:\d+ does not (connect to|ask) shop\.test:(80|443): it answered 407 /,
    )
  })
})

describe('a proxy that fails', () => {
  test('refuses the target', async () => {
    const proxy = await proxyTarget({ to: 1, refuses: 403 })
    const run = await runOnce(secure({ url: proxy.url }))
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({
      type: 'proxy.refused',
      message: `the proxy 127.0.0.1:${proxy.port} does not connect to shop.test:443: it answered 403 Not Today`,
    })
  })

  test('is not there', async () => {
    const port = await freePort()
    const run = await runOnce(secure({ url: `http://127.0.0.1:${port}` }))
    expect(run.error).toEqual({
      type: 'connect.refused',
      message: `the proxy: connection to 127.0.0.1:${port} refused`,
    })
  })

  test('says nothing', async () => {
    const proxy = await rawTarget(() => undefined)
    const run = await runOnce(secure({ url: proxy.url }, { timeoutMs: 300 }))
    expect(run.error).toEqual({
      type: 'timeout',
      message: `no answer from the proxy ${proxy.host} to CONNECT within 300 ms`,
    })
  })

  test('speaks no HTTP', async () => {
    const proxy = await saying('SSH-2.0-OpenSSH_9.9\r\n')
    const run = await runOnce(secure({ url: proxy.url }))
    expect(run.error?.type).toBe('http.malformed')
    expect(run.error?.message).toContain(proxy.host)
  })

  test('answers CONNECT with headers without end', async () => {
    const proxy = await saying(`HTTP/1.1 200 OK\r\n${'x-long: yyyyyyyyyyyy\r\n'.repeat(20_000)}`)
    const run = await runOnce(secure({ url: proxy.url }))
    expect(run.error?.type).toBe('http.too_large')
  })

  test('shows a certificate for another host', async () => {
    const { port, asked } = await proxyTarget({ to: 1, tls: shop })
    const { proxy, parts } = namedProxy(port, 'https')
    const run = await runOnce(secure(proxy), parts)
    expect(run.error?.type).toBe('tls.host_name')
    expect(run.error?.message).toContain('the proxy: proxy.test:3128')
    expect(asked).toEqual([])
  })

  test('is at an address that the region may not connect to', async () => {
    const proxy = await proxyTarget({ to: 1 })
    const run = await runOnce(secure({ url: proxy.url }), { policy: publicAddresses })
    expect(run.error?.type).toBe('connect.forbidden')
    expect(proxy.asked).toEqual([])
  })

  test.each(['http://10.0.0.1/', 'https://[::1]/'])(
    'is not asked for %s where only public addresses are allowed',
    async (url) => {
      const { port, asked } = await proxyTarget({ to: 1 })
      const { proxy, parts } = namedProxy(port)
      const run = await runOnce(plain(proxy, { url }), { ...parts, policy: publicAddresses })
      expect(run.error?.type).toBe('connect.forbidden')
      expect(asked).toEqual([])
    },
  )
})
