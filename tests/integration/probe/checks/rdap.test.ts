import type { Socket } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { anyAddress, publicAddresses } from '../../../../src/probe/network/address-policy.ts'
import { createDomainRegistry } from '../../../../src/probe/network/domain-registration.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { TlsCheck } from '../../../../src/protocol/kinds/tls.ts'
import { systemClock } from '../../../../src/runtime/system-clock.ts'
import { aCheck } from '../../../support/builders.ts'
import { runOnce } from '../../../support/check-context.ts'
import { drip, rawTarget, saying } from '../../../support/http-target.ts'
import { rdapTarget, registration } from '../../../support/rdap-target.ts'
import {
  anAuthority,
  type Issued,
  issue,
  keyPair,
  MS_PER_DAY,
  pemOf,
  tlsTarget,
} from '../../../support/tls-target.ts'

const HOUR = 3_600_000
const inDays = (days: number) => new Date(Date.now() + days * MS_PER_DAY + HOUR)

let authority: Issued
let pair: { cert: string; key: string }

beforeAll(async () => {
  authority = await anAuthority()
  pair = await keyPair(await issue({ issuer: authority, hosts: ['www.shop.test'] }))
})

/** As a run gives them. */
const partsOf = () => ({
  context: {
    clock: systemClock,
    connectTo: connectTo([]),
    policy: anyAddress,
    signal: AbortSignal.timeout(5_000),
  },
  limitMs: 5_000,
})

type Parts = Parameters<typeof runOnce>[1]

async function look(
  overrides: Partial<TlsCheck>,
  parts: Parts = {},
  expected: Record<string, unknown> = { domainDaysLeft: { min: 30 } },
) {
  const { port } = await tlsTarget(pair)
  const rule = { from: { host: 'www.shop.test', port: 443 }, to: { host: '127.0.0.1', port } }
  const check = aCheck('tls', {
    host: 'www.shop.test',
    trustedRoots: pemOf(authority),
    expectations: resolveExpectations('must', { trusted: true, ...expected }),
    ...overrides,
  })
  return runOnce(check, { connectTo: connectTo([rule]), ...parts })
}

describe('the registration of a domain', () => {
  test('is found by the name, then its parents, and is in no measured time', async () => {
    const registry = await rdapTarget({ 'shop.test': { body: registration(inDays(90)) } })
    const run = await look({ rdapServer: registry.url })
    expect(run.error).toBeUndefined()
    expect(registry.asked).toEqual(['/rdap/domain/www.shop.test', '/rdap/domain/shop.test'])
    expect(run.facts).toMatchObject({
      domain: 'shop.test',
      domainDaysLeft: 90,
      domainUntil: expect.stringMatching(/^20\d\d-/),
    })
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'tls'])
  })

  test('that ends too soon fails by the days, with the date', async () => {
    const registry = await rdapTarget({ 'shop.test': { body: registration(inDays(12)) } })
    const run = await look({ rdapServer: registry.url })
    expect(run.error).toEqual({
      type: 'assertion',
      message: expect.stringMatching(
        /^domainDaysLeft: expected at least 30, got 12: the registration of shop.test ends on 20/,
      ),
    })
  })

  test('is asked for only where it is expected', async () => {
    const registry = await rdapTarget({})
    const run = await look({ rdapServer: registry.url }, {}, {})
    expect(run.verdict).toBe('passed')
    expect(registry.asked).toEqual([])
  })

  test("is found by IANA's list, which is kept, as the answer is", async () => {
    const registry = await rdapTarget({ 'shop.test': { body: registration(inDays(90)) } })
    const domains = createDomainRegistry({ bootstrapUrl: registry.bootstrapUrl })
    for (let round = 0; round < 3; round++)
      expect((await look({}, { domains })).error).toBeUndefined()
    expect(registry.asked).toEqual([
      '/dns.json',
      '/rdap/domain/www.shop.test',
      '/rdap/domain/shop.test',
    ])
  })

  test('is followed where the registry sends on', async () => {
    const second = await rdapTarget({ 'shop.test': { body: registration(inDays(90)) } })
    const location = `${second.url}/domain/shop.test`
    const first = await rdapTarget({ 'shop.test': { status: 302, location } })
    expect((await look({ rdapServer: first.url })).error).toBeUndefined()
  })
})

type Registry = { why: string; serve: () => Promise<string>; message: RegExp }

/** The registry's word about the domain. */
const answers: Registry[] = [
  {
    why: 'knows no such domain',
    serve: async () => (await rdapTarget({})).url,
    message: /knows no registration of www\.shop\.test$/,
  },
  {
    why: 'does not say when it ends',
    serve: async () => (await rdapTarget({}, { body: '{"events":[]}' })).url,
    message: /does not say when www\.shop\.test expires$/,
  },
]

/** Nothing that the domain could do anything about. */
const outages: Registry[] = [
  {
    why: 'answers 500',
    serve: async () => (await rdapTarget({}, { status: 500 })).url,
    message: /answered 500 about www\.shop\.test$/,
  },
  {
    why: 'is asked too often',
    serve: async () => (await rdapTarget({}, { status: 429 })).url,
    message: /answered 429 about www\.shop\.test$/,
  },
  {
    why: 'answers no JSON',
    serve: async () => (await rdapTarget({}, { body: '<html>' })).url,
    message: /answered no JSON/,
  },
  {
    why: 'answers JSON that is not of RDAP',
    serve: async () => (await rdapTarget({}, { body: '{"events":"none"}' })).url,
    message: /is none of RDAP$/,
  },
  {
    why: 'answers without end',
    serve: async () => (await rdapTarget({}, { body: 'x'.repeat(3 * 1024 * 1024) })).url,
    message: /larger than is read$/,
  },
  {
    why: 'sends in a circle',
    serve: async () => (await rdapTarget({}, { status: 302, location: '/rdap/domain/x' })).url,
    message: /redirects more than 3 times$/,
  },
  {
    why: 'sends on without saying where to',
    serve: async () => (await rdapTarget({}, { status: 302 })).url,
    message: /redirects \(302\) without saying where to$/,
  },
  {
    why: 'sends to a file',
    serve: async () => (await rdapTarget({}, { status: 302, location: 'file:///etc/hosts' })).url,
    message: /redirects to file:$/,
  },
  {
    why: 'does not speak HTTP',
    serve: async () => (await saying('220 hello\r\n\r\n')).url,
    message: /no answer by RDAP/,
  },
  {
    why: 'is not there',
    serve: async () => 'http://127.0.0.1:1/',
    message: /connection to 127\.0\.0\.1:1 refused/,
  },
]

const slowly = (socket: Socket) => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n')
  drip(socket)
}

describe('a registry that', () => {
  test.each(answers)('$why breaks only that expectation', async ({ serve, message }) => {
    const run = await look({ rdapServer: await serve() })
    expect(run.verdict).toBe('failed')
    expect(run.error).toEqual({ type: 'rdap.failed', message: expect.stringMatching(message) })
    expect(run.error?.message).toMatch(/^domainDaysLeft: /)
    expect(run.facts).toMatchObject({ certificateDaysLeft: 100, trusted: true })
    expect(run.assertions.map(({ subject, held }) => [subject, held])).toEqual([
      ['trusted', true],
      ['domainDaysLeft', false],
    ])
  })

  test.each(outages)('$why leaves only that unknown', async ({ serve, message }) => {
    const run = await look({ rdapServer: await serve() })
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(run.facts).toMatchObject({ certificateDaysLeft: 100, trusted: true })
    expect(run.assertions).toMatchObject([
      { subject: 'trusted', held: true },
      {
        subject: 'domainDaysLeft',
        actual: '–',
        held: false,
        excluded: expect.stringMatching(message),
      },
    ])
    expect(run.log.join('\n')).toMatch(/^domainDaysLeft: no answer by RDAP: /m)
  })

  test('is not there excuses nothing else', async () => {
    const expected = { domainDaysLeft: { min: 30 }, daysLeft: { min: 1_000 } }
    const run = await look({ rdapServer: 'http://127.0.0.1:1/' }, {}, expected)
    expect(run.error?.message).toMatch(/^daysLeft: expected at least 1000, got 100/)
  })

  test('is not there makes no run degraded, and nothing is known to be absent', async () => {
    const expectations = [
      ...resolveExpectations('should', { domainDaysLeft: { min: 30 } }),
      ...resolveExpectations('must', { domainDaysLeft: { absent: true } }),
    ]
    const run = await look({ rdapServer: 'http://127.0.0.1:1/', expectations })
    expect(run.verdict).toBe('passed')
    expect(run.assertions.map(({ held }) => held)).toEqual([false, false])
  })

  test.each([
    ['says nothing', () => rawTarget(() => undefined)],
    ['says it byte by byte', () => rawTarget(slowly)],
  ])('%s ends with the time of the run', async (_why, serve) => {
    const startedAt = performance.now()
    const run = await look({ rdapServer: (await serve()).url, timeoutMs: 600 })
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    expect(run.verdict).toBe('passed')
    expect(run.assertions).toMatchObject([
      { subject: 'trusted', held: true },
      { held: false, excluded: expect.stringMatching(/^no answer before the time/) },
    ])
    expect(run.facts).toMatchObject({ trusted: true })
  })

  test('nobody lists', async () => {
    const list = await rdapTarget({})
    const domains = createDomainRegistry({ bootstrapUrl: list.bootstrapUrl })
    const listed = domains.find('www.shop.example', undefined, partsOf())
    await expect(listed).rejects.toMatchObject({
      type: 'rdap.failed',
      message: 'no registry is known to tell about www.shop.example by RDAP',
    })
    await expect(domains.find('127.0.0.1', undefined, partsOf())).rejects.toThrow(/no domain name/)
  })

  test("is asked by the region's address policy", async () => {
    const registry = await rdapTarget({ 'shop.test': { body: registration(inDays(90)) } })
    const run = await look({ rdapServer: registry.url }, { policy: publicAddresses })
    expect(run.verdict).toBe('passed')
    expect(run.assertions[1]?.excluded).toMatch(
      /is this machine, and probes of this region connect to public/,
    )
    expect(registry.asked).toEqual([])
  })
})
