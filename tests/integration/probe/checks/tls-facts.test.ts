import { X509Certificate } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import { beforeAll, describe, expect, test } from 'vitest'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { TlsCheck } from '../../../../src/protocol/kinds/tls.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { movableClock } from '../../../support/movable-clock.ts'
import {
  anAuthority,
  type Issued,
  issue,
  type KeyKind,
  keyPair,
  MS_PER_DAY,
  pemOf,
  tlsTarget,
} from '../../../support/tls-target.ts'

const HOUR = 3_600_000

let authority: Issued
let between: Issued
let leaf: Issued

beforeAll(async () => {
  authority = await anAuthority('CN=Root', { untilMs: 900 * MS_PER_DAY + HOUR })
  between = await anAuthority('CN=Between', { issuer: authority, untilMs: 40 * MS_PER_DAY + HOUR })
  leaf = await issue({ issuer: between, hosts: ['shop.test', '*.shop.test'] })
})

const serving = async (options: TlsOptions = {}, one = leaf, ...chain: Issued[]) =>
  tlsTarget({ ...(await keyPair(one, ...chain)), ...options })

/** A check of the target by its address, for the name of the certificate. */
function look(
  { port }: { port: number },
  expected: Record<string, unknown> = {},
  overrides: Partial<TlsCheck> = {},
  parts: Parameters<typeof runOnce>[1] = {},
) {
  const check = aCheck('tls', {
    port,
    serverName: 'shop.test',
    expectations: resolveExpectations('must', expected),
    trustedRoots: pemOf(authority),
    ...overrides,
  })
  return runOnce(check, parts)
}

describe('what the certificate says', () => {
  const parsed = () => new X509Certificate(pemOf(leaf))
  type Row = [subject: string, good: () => unknown, bad: unknown, got: RegExp]
  const rows: Row[] = [
    ['daysLeft', () => ({ min: 100, max: 100 }), { min: 101 }, /at least 101, got 100$/],
    ['chainDaysLeft', () => 40, { min: 41 }, /at least 41, got 40: "CN=Between" ends on 20\d\d-/],
    ['verifiedDaysLeft', () => 40, { min: 41 }, /at least 41, got 40: "CN=Between" ends on 20/],
    ['trusted', () => true, false, /trusted: expected false, got true$/],
    ['hostNameMatches', () => true, false, /expected false, got true$/],
    ['protocol', () => 'TLSv1.3', 'TLSv1.2', /expected TLSv1.2, got TLSv1.3$/],
    ['issuer', () => 'CN=Between', { contains: 'Root' }, /got CN=Between$/],
    ['subject', () => 'CN=shop.test', 'CN=x', /got CN=shop.test$/],
    [
      'alternativeNames',
      () => ({ exact: ['*.shop.test', 'shop.test'] }),
      'x.test',
      /shop.test, \*/,
    ],
    ['serialNumber', () => parsed().serialNumber, '00', /expected 00, got [0-9A-F]+$/],
    ['fingerprint', () => parsed().fingerprint256, { matches: '^x' }, /got ([0-9A-F]{2}:){31}/],
    ['keyType', () => 'EC', 'RSA', /expected RSA, got EC$/],
    ['keyBits', () => 256, { min: 384 }, /at least 384, got 256$/],
    ['signature', () => 'ecdsa-with-SHA256', 'x', /got ecdsa-with-SHA256$/],
    ['cipher', () => ({ matches: '^TLS_' }), 'TLS_NONE', /expected TLS_NONE, got TLS_/],
    ['cipherBits', () => 256, { max: 128 }, /at most 128, got 256$/],
    ['keyExchange', () => 'X25519MLKEM768', 'X25519', /expected X25519, got X25519MLKEM768$/],
    ['alpn', () => ({ absent: true }), 'h2', /alpn: expected h2, got –$/],
    ['ocsp', () => 'none', 'good', /expected good, got none: the server staples no OCSP response$/],
    ['chainLength', () => 2, { min: 3 }, /at least 3, got 2$/],
    ['connect', () => ({ max: '5s' }), { min: '5s' }, /connect: expected at least 5000 ms/],
    ['tls', () => ({ max: '5s' }), { min: '5s' }, /tls: expected at least 5000 ms/],
    ['dns', () => ({ max: '5s' }), { min: '5s' }, /dns: expected at least 5000 ms/],
    ['total', () => ({ max: '5s' }), { min: '5s' }, /total: expected at least 5000 ms/],
  ]

  test.each(rows)('%s: passes when it is so, else fails and says what it is', async (...row) => {
    const [subject, good, bad, got] = row
    const target = await serving({}, leaf, between)
    const passed = await look(target, { [subject]: good() })
    expect(passed.error).toBeUndefined()
    expect(passed.verdict).toBe('passed')
    const failed = await look(target, { [subject]: bad })
    expect(failed.verdict).toBe('failed')
    expect(failed.error).toEqual({ type: 'assertion', message: expect.stringMatching(got) })
  })

  test('is told to people as well, and the measured phases are those of the one connection', async () => {
    const target = await serving({}, leaf, between)
    const run = await look(target)
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'tls'])
    expect(run.facts).toMatchObject({
      certificateDaysLeft: 100,
      chainDaysLeft: 40,
      verifiedDaysLeft: 40,
      chainLength: 2,
      chain: [
        expect.stringMatching(/^CN=shop.test, until 20/),
        expect.stringMatching(/^CN=Between/),
      ],
      keyType: 'EC',
      keyBits: 256,
      signature: 'ecdsa-with-SHA256',
      cipherBits: 256,
      keyExchange: 'X25519MLKEM768',
      ocsp: 'none',
      serialNumber: expect.stringMatching(/^[0-9A-F]+$/),
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    })
    expect(target.serverNames).toEqual(['shop.test'])
  })

  test('never comes of an old session', async () => {
    const target = await serving({ maxVersion: 'TLSv1.2' })
    for (let round = 0; round < 3; round++) await look(target)
    expect(target.serverNames).toHaveLength(6)
    expect(target.resumed).toBe(0)
  })
})

describe('keys and signatures', () => {
  // What OpenSSL would not serve otherwise.
  const weak = { ciphers: 'DEFAULT:@SECLEVEL=0' }
  const kinds: [KeyKind, Record<string, unknown>][] = [
    ['P-256', { keyType: 'EC', keyBits: 256, signature: 'ecdsa-with-SHA256' }],
    ['P-384', { keyType: 'EC', keyBits: 384 }],
    ['RSA-2048', { keyType: 'RSA', keyBits: 2_048 }],
    ['RSA-1024', { keyType: 'RSA', keyBits: 1_024 }],
    ['Ed25519', { keyType: 'ED25519', keyBits: 256 }],
  ]
  test.each(kinds)('%s', async (keyKind, expected) => {
    const one = await issue({ issuer: authority, keyKind })
    expect((await look(await serving(weak, one), expected)).error).toBeUndefined()
  })

  test('signed by RSA', async () => {
    const root = await anAuthority('CN=RSA root', { keyKind: 'RSA-2048' })
    const target = await serving({}, await issue({ issuer: root }))
    const expected = { signature: 'sha256WithRSAEncryption', trusted: true }
    const run = await look(target, expected, { trustedRoots: pemOf(root) })
    expect(run.error).toBeUndefined()
  })

  test('a key that is too short is seen, and not trusted, because clients refuse it', async () => {
    const target = await serving(weak, await issue({ issuer: authority, keyKind: 'RSA-1024' }))
    const run = await look(target, { trusted: true })
    expect(run.facts).toMatchObject({ keyBits: 1_024, trusted: false, verifiedDaysLeft: 100 })
    expect(run.error).toEqual({
      type: 'tls.untrusted',
      message: expect.stringMatching(
        /not accepted: EE certificate key too weak \(issuer CN=Root\)$/,
      ),
    })
  })

  test('so is a signature by SHA-1', async () => {
    const root = await anAuthority('CN=RSA root', { keyKind: 'RSA-2048' })
    const target = await serving({}, await issue({ issuer: root, hash: 'SHA-1' }))
    const run = await look(target, { trusted: true }, { trustedRoots: pemOf(root) })
    expect(run.facts).toMatchObject({ signature: 'sha1WithRSAEncryption', trusted: false })
    expect(run.error?.type).toBe('tls.untrusted')
    expect(run.error?.message).toMatch(/signature digest algorithm too weak/)
  })
})

describe('what was agreed on', () => {
  const agreed: [string, TlsOptions, Record<string, unknown>][] = [
    ['X25519', { ecdhCurve: 'X25519' }, { keyExchange: 'X25519' }],
    ['P-256', { ecdhCurve: 'P-256' }, { keyExchange: 'P-256' }],
    [
      'TLS 1.2, P-256',
      { maxVersion: 'TLSv1.2', ecdhCurve: 'P-256' },
      { keyExchange: 'P-256', protocol: 'TLSv1.2', cipher: { matches: '^TLS_ECDHE_ECDSA_WITH_' } },
    ],
    [
      'AES-128',
      { ciphers: 'TLS_AES_128_GCM_SHA256' },
      { cipher: 'TLS_AES_128_GCM_SHA256', cipherBits: 128 },
    ],
    ['ChaCha', { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }, { cipherBits: 256 }],
    ['HTTP/1.1', { ALPNProtocols: ['http/1.1'] }, { alpn: 'http/1.1' }],
  ]
  test.each(agreed)('%s', async (_name, options, expected) => {
    const run = await look(await serving(options), { ...expected })
    expect(run.error).toBeUndefined()
  })

  test('the protocols that the check offers', async () => {
    const target = await serving({ ALPNProtocols: ['h2', 'http/1.1'] })
    const run = await look(target, { alpn: 'h2' }, { alpn: ['h2', 'http/1.1'] })
    expect(run.error).toBeUndefined()
    expect(target.protocols).toEqual(['h2'])
  })

  test('an RSA key exchange', async () => {
    const one = await issue({ issuer: authority, keyKind: 'RSA-2048' })
    const target = await serving({ maxVersion: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256' }, one)
    const run = await look(target, { keyExchange: 'RSA', cipherBits: 128 })
    expect(run.error).toBeUndefined()
  })

  test.each(['TLSv1', 'TLSv1.1'] as const)(
    '%s is seen, and what clients of today make of it',
    async (version) => {
      const old = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' }
      const target = await serving(old)
      const run = await look(target, { protocol: { min: 'TLSv1.2' } })
      expect(run.error?.message).toBe(`protocol: expected TLSv1.2 or TLSv1.3, got ${version}`)
      expect(run.facts).toMatchObject({
        protocol: version,
        certificateDaysLeft: 100,
        trusted: false,
      })
      expect((await look(target, { trusted: true })).error).toEqual({
        type: 'tls.handshake',
        message: expect.stringMatching(
          new RegExp(
            `^a client of today gets no handshake: .+ \\(with an old one it agrees on ${version}\\)$`,
          ),
        ),
      })
    },
  )

  test('with TLS 1.2 a client is asked for by a second connection, outside the measured time', async () => {
    const target = await serving({ maxVersion: 'TLSv1.2' }, leaf, between)
    const run = await look(target, { trusted: true, protocol: { min: 'TLSv1.2' } })
    expect(run.error).toBeUndefined()
    expect(target.serverNames).toEqual(['shop.test', 'shop.test'])
    const phases = run.phases.reduce((sum, { ms }) => sum + ms, 0)
    expect(run.durationMs).toBeGreaterThanOrEqual(phaseMs(run, 'tls') ?? 0)
    expect(phases).toBeLessThanOrEqual(run.durationMs)
  })
})

describe('the chain', () => {
  test('sent out of order, with one too many and with its root, is counted as it came', async () => {
    const odd = await anAuthority('CN=Odd', { untilMs: 3 * MS_PER_DAY + HOUR })
    const target = await serving({}, leaf, odd, authority, between)
    const run = await look(target, { trusted: true, chainLength: 4, chainDaysLeft: 3 })
    expect(run.error).toBeUndefined()
    // What nobody needs is not in the chain that clients build.
    expect(run.facts).toMatchObject({ verifiedDaysLeft: 40 })
  })

  test('through a cross-signed authority: clients end it where they trust', async () => {
    const oldRoot = await anAuthority('CN=Old root', { untilMs: -30 * MS_PER_DAY })
    const crossed = await anAuthority('CN=Root', {
      issuer: oldRoot,
      keys: authority.keys,
      untilMs: -30 * MS_PER_DAY + HOUR,
    })
    const target = await serving({}, leaf, between, crossed)
    const run = await look(target, {
      trusted: true,
      verifiedDaysLeft: 40,
      chainDaysLeft: { min: 0 },
    })
    expect(run.facts).toMatchObject({ trusted: true, verifiedDaysLeft: 40, chainDaysLeft: -30 })
    expect(run.error).toEqual({
      type: 'tls.expired',
      message: expect.stringMatching(/at least 0, got -30: "CN=Root" ended on 20/),
    })
  })

  test('without its intermediate: named, with what is known of the rest', async () => {
    const run = await look(await serving(), { trusted: true })
    expect(run.error).toEqual({
      type: 'tls.untrusted',
      message:
        'the chain lacks the intermediate "CN=Between" that signed the certificate, and no trusted authority has that name',
    })
    expect(run.facts).toMatchObject({ chainDaysLeft: 100, chainLength: 1 })
    expect(run.facts).not.toHaveProperty('verifiedDaysLeft')
    expect((await look(await serving(), { verifiedDaysLeft: { min: 0 } })).verdict).toBe('failed')
  })

  test('with one intermediate of two', async () => {
    const lower = await anAuthority('CN=Lower', { issuer: between })
    const target = await serving({}, await issue({ issuer: lower }), lower)
    const run = await look(target, { trusted: true })
    expect(run.error?.message).toMatch(
      /^the chain lacks the intermediate "CN=Between" that signed "CN=Lower"/,
    )
  })
})

describe('days', () => {
  /** Node reads whole seconds. */
  const end = () => new X509Certificate(pemOf(leaf)).validToDate.getTime()
  const offsets: [string, () => number, number][] = [
    ['exactly ten days before', () => end() - 10 * MS_PER_DAY, 10],
    ['one millisecond later', () => end() - 10 * MS_PER_DAY + 1, 9],
    ['half an hour ahead', () => systemClock.now() + HOUR / 2, 100],
    ['two hours ahead', () => systemClock.now() + 2 * HOUR, 99],
    ['an hour behind', () => systemClock.now() - HOUR, 100],
    ['a day behind', () => systemClock.now() - MS_PER_DAY, 101],
    ['one millisecond after the end', () => end() + 1, -1],
    ['a day after the end', () => end() + MS_PER_DAY, -1],
  ]
  test.each(offsets)('by a clock that is %s', async (_name, now, daysLeft) => {
    const target = await serving({}, leaf, between)
    const run = await look(target, { daysLeft }, {}, { clock: movableClock(now()) })
    expect(run.error).toBeUndefined()
  })
})

describe('a client certificate', () => {
  const asking = async (clients: Issued) =>
    serving({
      requestCert: true,
      rejectUnauthorized: true,
      ca: pemOf(clients),
      maxVersion: 'TLSv1.2',
    })

  test('is shown where the server asks for one; its key is a secret', async () => {
    const client = await keyPair(await issue({ issuer: authority, isForClients: true }))
    const certificate = { certificate: client.cert, key: 'SHOP_KEY' }
    const target = await asking(authority)
    const run = await look(
      target,
      {},
      { clientCertificate: certificate },
      { secret: () => client.key },
    )
    expect(run.error).toBeUndefined()
    expect((await look(target)).error?.type).toMatch(/^(tls\.handshake|connect\.reset)$/)
  })

  test.each([
    ['is missing', undefined, /does not have the secret SHOP_KEY/],
    [
      'is no key',
      'abc',
      /the secret SHOP_KEY is not the private key of the client certificate, as PEM/,
    ],
  ])('a key that %s is the fault of the probe', async (_name, key, message) => {
    const client = await keyPair(await issue({ issuer: authority, isForClients: true }))
    const certificate = { certificate: client.cert, key: 'SHOP_KEY' }
    const target = await asking(authority)
    const run = await look(target, {}, { clientCertificate: certificate }, { secret: () => key })
    expect(run.verdict).toBe('probe_fault')
    expect(run.error).toEqual({
      type: 'probe.secret_missing',
      message: expect.stringMatching(message),
    })
  })
})

describe('which addresses', () => {
  test.each(['ipv4', 'any'] as const)('%s', async (addresses) => {
    const target = await serving()
    const run = await look(target, { daysLeft: 100 }, { host: 'localhost', addresses })
    expect(run.error).toBeUndefined()
    expect(run.facts).toMatchObject({ address: `127.0.0.1:${target.port}` })
  })

  test('ipv6, where the server is not', async () => {
    const run = await look(await serving(), {}, { host: 'localhost', addresses: 'ipv6' })
    expect(run.error?.type).toMatch(/^(connect\.|probe\.network|dns\.no_answer)/)
  })

  test.each(['every', 'both'] as const)('%s: each has its own verdict', async (addresses) => {
    const run = await look(await serving(), { daysLeft: 100 }, { host: '127.0.0.1', addresses })
    expect(run.error).toBeUndefined()
    expect(run.facts).toMatchObject({ addresses: ['127.0.0.1'] })
    expect(run.assertions).toEqual([expect.objectContaining({ part: '127.0.0.1', held: true })])
  })
})
