import { beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import type { TlsCheck } from '../../../../src/protocol/kinds/tls.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { freePort, rawTarget, saying } from '../../../support/http-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  keyPair,
  MS_PER_DAY,
  pemOf,
  type TlsTarget,
  tlsTarget,
} from '../../../support/tls-target.ts'

const HOUR = 3_600_000
const implied = { trusted: true, hostNameMatches: true }

let authority: Issued
let stranger: Issued

beforeAll(async () => {
  authority = await anAuthority()
  stranger = await anAuthority('CN=Stranger')
})

/** A check of `shop.test`, which is at the target. */
function runTls(target: { port: number }, written = {}, overrides: Partial<TlsCheck> = {}) {
  const check = aCheck('tls', {
    host: 'shop.test',
    expectations: resolveExpectations('must', { ...implied, ...written }),
    trustedRoots: pemOf(authority),
    ...overrides,
  })
  const rule = {
    from: { host: 'shop.test', port: 443 },
    to: { host: '127.0.0.1', port: target.port },
  }
  return runOnce(check, { connectTo: connectTo([rule]) })
}

function runHttps(target: { port: number }, overrides: Partial<HttpCheck> = {}) {
  const check = aCheck('http', {
    url: 'https://shop.test/',
    expectations: resolveExpectations('must', { status: 200, body: 'ok' }),
    trustedRoots: pemOf(authority),
    ...overrides,
  })
  const rule = {
    from: { host: 'shop.test', port: 443 },
    to: { host: '127.0.0.1', port: target.port },
  }
  return runOnce(check, { connectTo: connectTo([rule]) })
}

const serving = async (leaf: Issued, ...chain: Issued[]): Promise<TlsTarget> =>
  tlsTarget(await keyPair(leaf, ...chain))

describe('a good certificate', () => {
  test('passes, and the run shows it', async () => {
    const target = await serving(
      await issue({ issuer: authority, hosts: ['shop.test', '*.shop.test'] }),
    )
    const run = await runTls(target, {
      daysLeft: { min: 14 },
      protocol: ['TLSv1.2', 'TLSv1.3'],
      issuer: { contains: 'Test authority' },
      connect: { max: '5s' },
      tls: { max: '5s' },
      total: { max: '5s' },
    })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'tls'])
    expect(run.facts).toMatchObject({
      certificateDaysLeft: 100,
      validTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      issuer: 'CN=Test authority',
      subject: 'CN=shop.test',
      alternativeNames: ['shop.test', '*.shop.test'],
      protocol: 'TLSv1.3',
      cipher: expect.stringMatching(/^TLS_/),
      trusted: true,
      hostNameMatches: true,
    })
    expect(run.facts).not.toHaveProperty('authorizationError')
    expect(target.serverNames).toEqual(['shop.test'])
    expect(target.failures).toEqual([])
  })

  test('for the name that the check asks for instead of the host', async () => {
    const target = await serving(await issue({ issuer: authority, hosts: ['www.shop.test'] }))
    expect((await runTls(target)).verdict).toBe('failed')
    expect((await runTls(target, {}, { serverName: 'www.shop.test' })).verdict).toBe('passed')
    expect(target.serverNames).toEqual(['shop.test', 'www.shop.test'])
  })

  test('signed by an intermediate that the server sends along', async () => {
    const between = await anAuthority('CN=Between', { issuer: authority })
    const target = await serving(await issue({ issuer: between }), between)
    expect((await runTls(target)).verdict).toBe('passed')
  })

  test('that ends too soon fails by the days', async () => {
    const target = await serving(await issue({ issuer: authority, untilMs: 5 * MS_PER_DAY + HOUR }))
    const run = await runTls(target, { daysLeft: { min: 14 } })
    expect(run.error).toEqual({
      type: 'assertion',
      message: 'daysLeft: expected at least 14, got 5',
    })
  })
})

type BadCertificate = {
  why: string
  serve: () => Promise<TlsTarget>
  type: string
  message: RegExp
  facts: Record<string, unknown>
}

const bad: BadCertificate[] = [
  {
    why: 'expired',
    serve: async () => serving(await issue({ issuer: authority, untilMs: -3.5 * HOUR })),
    type: 'tls.expired',
    message: /certificate expired 3 h ago \(valid until 20\d\d-[^)]+Z\)$/,
    facts: {
      certificateDaysLeft: -1,
      trusted: false,
      hostNameMatches: true,
      authorizationError: 'CERT_HAS_EXPIRED',
    },
  },
  {
    why: 'not valid yet',
    serve: async () => serving(await issue({ issuer: authority, fromMs: 2.5 * HOUR })),
    type: 'tls.not_yet_valid',
    message: /certificate becomes valid in 2 h \(valid from /,
    facts: { certificateDaysLeft: 100, trusted: false },
  },
  {
    why: 'self-signed',
    serve: async () => serving(await issue()),
    type: 'tls.untrusted',
    message: /the certificate is self-signed \(issuer CN=shop\.test\)$/,
    facts: { certificateDaysLeft: 100, trusted: false, subject: 'CN=shop.test' },
  },
  {
    why: 'of an authority that nobody knows',
    serve: async () => serving(await issue({ issuer: stranger }), stranger),
    type: 'tls.untrusted',
    message: /its authority is not trusted \(issuer CN=Stranger\)$/,
    facts: { trusted: false, issuer: 'CN=Stranger' },
  },
  {
    why: 'without its intermediate',
    serve: async () => {
      const between = await anAuthority('CN=Between', { issuer: authority })
      return serving(await issue({ issuer: between }))
    },
    type: 'tls.untrusted',
    message: /the chain lacks the intermediate "CN=Between" that signed the certificate, and no/,
    facts: { trusted: false, certificateDaysLeft: 100 },
  },
  {
    why: 'of an intermediate that has expired',
    serve: async () => {
      const between = await anAuthority('CN=Between', {
        issuer: authority,
        untilMs: -2.5 * MS_PER_DAY,
      })
      return serving(await issue({ issuer: between }), between)
    },
    type: 'tls.expired',
    message: /the authority's certificate "CN=Between" expired 2 d ago/,
    facts: { certificateDaysLeft: 100, trusted: false },
  },
  {
    why: 'signed by a certificate that may not sign',
    serve: async () => {
      const leaf = await issue({ issuer: authority, name: 'CN=No authority' })
      return serving(await issue({ issuer: leaf }), leaf)
    },
    type: 'tls.untrusted',
    message: /who may sign others|may not sign others|not include certificate signing/,
    facts: { trusted: false },
  },
  {
    why: 'made for clients',
    serve: async () => serving(await issue({ issuer: authority, isForClients: true })),
    type: 'tls.untrusted',
    message: /not made for servers/,
    facts: { trusted: false },
  },
  {
    why: 'for another host',
    serve: async () => serving(await issue({ issuer: authority, hosts: ['other.test'] })),
    type: 'tls.host_name',
    message: /the certificate is for other\.test, not for shop\.test$/,
    facts: { trusted: true, hostNameMatches: false, certificateDaysLeft: 100 },
  },
  {
    why: 'with a thousand names, none of them ours',
    serve: async () =>
      serving(
        await issue({
          issuer: authority,
          hosts: Array.from({ length: 1_000 }, (_, i) => `${i}.test`),
        }),
      ),
    type: 'tls.host_name',
    message: /is for 0\.test, 1\.test, 2\.test, 3\.test, 4\.test and more, not for shop\.test$/,
    facts: { hostNameMatches: false },
  },
]

describe('a bad certificate', () => {
  test.each(bad)(
    '$why: the tls check fails, with all facts',
    async ({ serve, type, message, facts }) => {
      const run = await runTls(await serve())
      expect(run.verdict).toBe('failed')
      expect(run.error).toEqual({ type, message: expect.stringMatching(message) })
      expect(run.facts).toMatchObject({ issuer: expect.any(String), protocol: 'TLSv1.3', ...facts })
      expect(phaseMs(run, 'tls')).toBeGreaterThan(0)
    },
  )

  test.each(bad)(
    '$why: the http check fails, and sends nothing',
    async ({ serve, type, message }) => {
      const target = await serve()
      const run = await runHttps(target)
      expect(run.verdict).toBe('failed')
      expect(run.error).toEqual({ type, message: expect.stringMatching(message) })
      expect(run.error?.message).toMatch(/^shop\.test:443: /)
      expect(run.facts).toHaveProperty('certificateDaysLeft')
      expect(target.heard).toEqual([])
    },
  )

  test('is what was expected: passes', async () => {
    const target = await serving(await issue())
    expect((await runTls(target, { trusted: false })).verdict).toBe('passed')
  })

  test('expired, and only the days are looked at', async () => {
    const target = await serving(await issue({ issuer: authority, untilMs: -3.5 * HOUR }))
    const run = await runTls(target, { trusted: false, daysLeft: { min: 0 } })
    expect(run.error?.type).toBe('tls.expired')
  })
})

describe('https', () => {
  test('passes with a trusted certificate, with the phase of TLS and the days left', async () => {
    const target = await serving(await issue({ issuer: authority }))
    const run = await runHttps(target)
    expect(run.error).toBeUndefined()
    expect(run.phases.map(({ name }) => name)).toEqual([
      'dns',
      'connect',
      'tls',
      'firstByte',
      'download',
    ])
    expect(run.facts).toMatchObject({ certificateDaysLeft: 100, status: 200 })
    expect(target.heard[0]).toMatch(/^GET \/ HTTP\/1\.1\r\nhost: shop\.test\r\n/i)
  })

  test('does not trust the authority of another check', async () => {
    const target = await serving(await issue({ issuer: authority }))
    expect((await runHttps(target)).verdict).toBe('passed')
    const run = await runHttps(target, { trustedRoots: pemOf(stranger) })
    expect(run.error?.type).toBe('tls.untrusted')
  })

  test('makes a full handshake each time', async () => {
    const target = await serving(await issue({ issuer: authority }))
    for (let round = 0; round < 3; round++) await runHttps(target)
    expect(target.serverNames).toHaveLength(3)
  })
})

describe('no handshake', () => {
  test('nobody listens', async () => {
    const run = await runTls({ port: await freePort() })
    expect(run.error?.type).toBe('connect.refused')
    expect(run.error?.message).toContain('shop.test:443')
  })

  test('the server does not speak TLS', async () => {
    const run = await runTls(await saying('220 mail.test ESMTP\r\n'))
    expect(run.error?.type).toBe('tls.handshake')
    expect(run.error?.message).toContain('shop.test:443 does not speak TLS')
  })

  test('the server speaks only what is too old', async () => {
    const pair = await keyPair(await issue({ issuer: authority }))
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
    const run = await runTls(await tlsTarget({ ...pair, ...old }))
    expect(run.error?.type).toBe('tls.handshake')
    expect(run.error?.message).toMatch(
      /^a client of today gets no handshake: .*version \(with an old one it agrees on TLSv1\.1\)$/,
    )
    expect(run.facts).toMatchObject({ protocol: 'TLSv1.1', certificateDaysLeft: 100 })
  })

  test('the server wants a certificate of ours', async () => {
    const pair = await keyPair(await issue({ issuer: authority }))
    const run = await runTls(
      await tlsTarget({
        ...pair,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion: 'TLSv1.2',
      }),
    )
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toMatch(/^(tls\.handshake|connect\.reset)$/)
  })

  test('the server hangs up', async () => {
    const run = await runTls(
      await rawTarget((socket) => socket.once('data', () => socket.destroy())),
    )
    expect(run.error?.type).toBe('connect.reset')
  })

  test('the server says nothing', async () => {
    const run = await runTls(await rawTarget(() => undefined), {}, { timeoutMs: 200 })
    expect(run.error).toEqual({
      type: 'tls.handshake',
      message: 'no TLS handshake with shop.test:443 within 200 ms',
    })
  })
})
