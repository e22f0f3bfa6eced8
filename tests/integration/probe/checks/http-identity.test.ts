import { beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { tlsContext } from '../../../../src/probe/network/tls-context.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { httpTarget } from '../../../support/http-target.ts'
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
let client: KeyPair
let stranger: KeyPair

beforeAll(async () => {
  authority = await anAuthority()
  shop = await keyPair(await issue({ issuer: authority }))
  client = await keyPair(await issue({ name: 'CN=probe', issuer: authority, isForClients: true }))
  stranger = await keyPair(await issue({ name: 'CN=stranger', isForClients: true }))
})

const forClients = () =>
  tlsTarget({ ...shop, ca: pemOf(authority), requestCert: true, rejectUnauthorized: true })

const run = (
  port: number,
  overrides: Partial<HttpCheck> = {},
  secret: (name: string) => string | undefined = () => undefined,
) =>
  runOnce(
    aCheck('http', {
      url: 'https://shop.test/',
      trustedRoots: pemOf(authority),
      expectations: resolveExpectations('must', { status: 200 }),
      ...overrides,
    }),
    {
      secret,
      connectTo: connectTo(
        ['shop.test', 'other.test'].map((host) => ({
          from: { host, port: 443 },
          to: { host: '127.0.0.1', port },
        })),
      ),
    },
  )

describe('a client certificate', () => {
  const as = ({ cert }: KeyPair) => ({
    clientCertificate: { certificate: cert, key: 'CLIENT_KEY' },
  })

  test('opens the door, and its key is nowhere', async () => {
    const target = await forClients()
    const outcome = await run(target.port, as(client), () => client.key)
    expect(outcome.error).toBeUndefined()
    expect(outcome.verdict).toBe('passed')
    expect(JSON.stringify(outcome)).not.toContain(client.key.split('\n')[1])
  })

  test.each([
    { why: 'none', given: () => ({}) },
    { why: 'one of somebody else', given: () => as(stranger) },
  ])('$why: the door stays shut', async ({ given }) => {
    const target = await forClients()
    const outcome = await run(target.port, given(), () => stranger.key)
    expect(outcome.verdict).toBe('failed')
    expect(outcome.error?.type).toMatch(/^(tls\.handshake|connect\.reset)$/)
    expect(target.heard).toEqual([])
  })

  test.each([
    {
      why: 'there is none',
      key: undefined,
      words: /^this probe does not have the secret CLIENT_KEY/,
    },
    { why: 'it is no PEM', key: 'no key', words: /^the secret CLIENT_KEY is not the private key/ },
    {
      why: 'it is of another',
      key: 'stranger',
      words: /^the secret CLIENT_KEY is not the private key/,
    },
  ])('without its key the probe is at fault: $why', async ({ key, words }) => {
    const target = await forClients()
    const outcome = await run(target.port, as(client), () =>
      key === 'stranger' ? stranger.key : key,
    )
    expect(outcome.verdict).toBe('probe_fault')
    expect(outcome.error?.type).toBe('probe.secret_missing')
    expect(outcome.error?.message).toMatch(words)
    expect(JSON.stringify(outcome)).not.toContain('BEGIN')
  })

  test('is not shown to whom a redirect leads to', async () => {
    const others = await forClients()
    const target = await httpTarget((_request, response) => {
      response.writeHead(302, { location: 'https://other.test/' }).end()
    })
    const url = target.url
    const outcome = await run(others.port, { ...as(client), url }, () => client.key)
    expect(outcome.verdict).toBe('failed')
    expect(others.heard).toEqual([])
  })
})

describe('the name of the server', () => {
  test('may be another than the host', async () => {
    const target = await tlsTarget(shop)
    const url = `https://127.0.0.1:${target.port}/`
    const outcome = await run(target.port, { url, serverName: 'shop.test' })
    expect(outcome.error).toBeUndefined()
    expect(target.serverNames).toEqual(['shop.test'])
    expect(target.heard[0]).toContain(`host: 127.0.0.1:${target.port}`)
  })

  test('must be in the certificate', async () => {
    const target = await tlsTarget(shop)
    const outcome = await run(target.port, { serverName: 'other.test' })
    expect(outcome.error?.type).toBe('tls.host_name')
    expect(target.heard).toEqual([])
  })

  test('is not that of whom a redirect leads to', async () => {
    const others = await tlsTarget(shop)
    const target = await httpTarget((_request, response) => {
      response.writeHead(302, { location: 'https://shop.test/' }).end()
    })
    const outcome = await run(others.port, { url: target.url, serverName: 'wrong.test' })
    expect(outcome.error).toBeUndefined()
    expect(others.serverNames).toEqual(['shop.test'])
  })
})

test('an authority of the check is trusted by this check only', async () => {
  const target = await tlsTarget(shop)
  expect((await run(target.port)).verdict).toBe('passed')
  const { trustedRoots: _, ...untrusting } = aCheck('http', { url: 'https://shop.test/' })
  const rule = {
    from: { host: 'shop.test', port: 443 },
    to: { host: '127.0.0.1', port: target.port },
  }
  const outcome = await runOnce(untrusting, { connectTo: connectTo([rule]) })
  expect(outcome.error?.type).toBe('tls.untrusted')
})

test('what is trusted is read once for each set, and only so many sets are kept', () => {
  const trustedRoots = pemOf(authority)
  const clientCertificate = { certificate: client.cert, key: 'CLIENT_KEY' }
  const identified = { trustedRoots, clientCertificate, secret: () => client.key }
  const plain = tlsContext('modern', { trustedRoots })
  expect(tlsContext('modern', { trustedRoots })).toBe(plain)
  expect(tlsContext('anything', { trustedRoots })).not.toBe(plain)
  const known = tlsContext('modern', identified)
  expect(known).not.toBe(plain)
  expect(tlsContext('modern', identified)).toBe(known)
  for (let i = 0; i < 70; i++) tlsContext('modern', { trustedRoots: ' '.repeat(i) })
  expect(tlsContext('modern', identified)).not.toBe(known)
})
