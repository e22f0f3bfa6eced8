import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { connectTo } from '../../../../src/probe/connect-to.ts'
import { resolveExpectations } from '../../../../src/protocol/expectation.ts'
import type { HttpCheck } from '../../../../src/protocol/kinds/http.ts'
import { aCheck } from '../../../support/builders.ts'
import { phaseMs, runOnce } from '../../../support/check-context.ts'
import { dnsTarget, reply } from '../../../support/dns-target.ts'
import { freePort, httpTarget } from '../../../support/http-target.ts'

const hasIpv6 = networkInterfaces().lo?.some(({ address }) => address === '::1') ?? false

const expecting = (written: Record<string, unknown>) => resolveExpectations('must', written)

const page = (body: string, address?: string, port?: number) =>
  httpTarget((_request, response) => void response.end(body), address, port)

const check = (
  url: string,
  addresses: HttpCheck['addresses'],
  overrides: Partial<HttpCheck> = {},
) =>
  aCheck('http', {
    url,
    ...(addresses && { addresses }),
    expectations: expecting({ status: 200 }),
    ...overrides,
  })

// A name of this machine has two addresses: 127.0.0.1 and ::1.
describe.skipIf(!hasIpv6)('the addresses of a name', () => {
  async function twins() {
    const four = await page('by four')
    const six = await page('by six', '::1', four.port)
    return { four, six, url: `http://shop.localhost:${four.port}/` }
  }

  test('any: the first that answers, and no other', async () => {
    const { four, six, url } = await twins()
    const run = await runOnce(check(url, 'any'))
    expect(run.verdict).toBe('passed')
    expect(four.connections + six.connections).toBe(1)
    expect(run.steps).toEqual([])
  })

  test.each([
    { addresses: 'ipv4', body: 'by four' },
    { addresses: 'ipv6', body: 'by six' },
  ] as const)('$addresses', async ({ addresses, body }) => {
    const { url } = await twins()
    const run = await runOnce(check(url, addresses, { expectations: expecting({ body }) }))
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
  })

  test.each(['both', 'every'] as const)('%s: each is asked, and told', async (addresses) => {
    const { four, six, url } = await twins()
    const run = await runOnce(check(url, addresses))
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect([four.connections, six.connections]).toEqual([1, 1])
    expect(run.facts.addresses).toEqual(['127.0.0.1', '::1'])
    expect(run.steps.map(({ name, status }) => `${name} ${status}`)).toEqual([
      '127.0.0.1 passed',
      '::1 passed',
    ])
    expect(run.exchanges?.map(({ part, address }) => `${part} ${address}`)).toEqual([
      `127.0.0.1 ${four.host}`,
      `::1 ${six.host}`,
    ])
    expect(run.assertions.map(({ part }) => part)).toEqual(['127.0.0.1', '::1'])
  })

  test('one that is dead does not hide behind one that answers', async () => {
    const four = await page('ok')
    const url = `http://shop.localhost:${four.port}/`
    expect((await runOnce(check(url, 'any'))).verdict).toBe('passed')
    const run = await runOnce(check(url, 'every'))
    expect(run.verdict).toBe('failed')
    expect(run.error?.type).toBe('connect.refused')
    expect(run.error?.message).toMatch(/^::1: connection to shop\.localhost:\d+ .*refused$/)
    expect(run.steps.map(({ status }) => status)).toEqual(['passed', 'failed'])
  })

  test('one that answers wrongly is named', async () => {
    const four = await page('Lamp')
    await page('sold out', '::1', four.port)
    const expectations = expecting({ body: 'Lamp' })
    const run = await runOnce(
      check(`http://shop.localhost:${four.port}/`, 'every', { expectations }),
    )
    expect(run.verdict).toBe('failed')
    expect(run.error?.message).toBe('::1: body: expected Lamp, got "sold out" (8 characters)')
  })

  test('each part follows its own redirects: at its address on the same host, as usual elsewhere', async () => {
    const other = await page('elsewhere')
    const rule = {
      from: { host: 'other.test', port: 80 },
      to: { host: '127.0.0.1', port: other.port },
    }
    const asked: string[] = []
    const answer = (address: string, port?: number) =>
      httpTarget(
        (request, response) => {
          asked.push(`${address} ${request.url}`)
          const location = request.url === '/' ? '/next' : 'http://other.test/'
          response.writeHead(302, { location }).end()
        },
        address,
        port,
      )
    const four = await answer('127.0.0.1')
    await answer('::1', four.port)
    const run = await runOnce(
      check(`http://shop.localhost:${four.port}/`, 'every', {
        expectations: expecting({ body: 'elsewhere', redirects: 2 }),
      }),
      { connectTo: connectTo([rule]) },
    )
    expect(run.error).toBeUndefined()
    expect(run.verdict).toBe('passed')
    expect(asked.toSorted()).toEqual(['127.0.0.1 /', '127.0.0.1 /next', '::1 /', '::1 /next'])
    expect(other.connections).toBe(2)
  })
})

describe('one address', () => {
  test('is every address of itself', async () => {
    const target = await page('ok', '127.0.0.2')
    const run = await runOnce(check(target.url, 'every'))
    expect(run.verdict).toBe('passed')
    expect(run.steps.map(({ name }) => name)).toEqual(['127.0.0.2'])
  })

  test('of the wrong family is none', async () => {
    const target = await page('ok')
    const run = await runOnce(check(target.url, 'ipv6'))
    expect(run.error).toEqual({
      type: 'dns.no_answer',
      message: '127.0.0.1 has no IPv6 address',
    })
  })

  test('that a rule says is the one that is measured', async () => {
    const target = await page('ok', '127.0.0.3')
    const rule = {
      from: { host: 'shop.test', port: 80 },
      to: { host: '127.0.0.3', port: target.port },
    }
    const run = await runOnce(check('http://shop.test/', 'every'), { connectTo: connectTo([rule]) })
    expect(run.error).toBeUndefined()
    expect(run.steps.map(({ name }) => name)).toEqual(['127.0.0.3'])
  })

  test('of a proxy is what is measured where there is one', async () => {
    const port = await freePort()
    const proxy = { url: `http://127.0.0.4:${port}` }
    const run = await runOnce(check('http://shop.test/', 'every', { proxy }))
    expect(run.error?.type).toBe('connect.refused')
    expect(run.steps.map(({ name }) => name)).toEqual(['127.0.0.4'])
  })
})

describe('the addresses that a name server gives', () => {
  /** A name server that knows `shop.test`; nothing when it does not answer that type. */
  const knowing = (four: string[], six: string[] | undefined) =>
    dnsTarget((query) => {
      const isFour = query.questions?.[0]?.type === 'A'
      const type = isFour ? 'A' : 'AAAA'
      return (
        (isFour ? four : six) &&
        reply(query, {
          answers: (isFour ? four : (six ?? [])).map((data) => ({
            type,
            name: 'shop.test',
            ttl: 60,
            data,
          })),
        })
      )
    })
  const range = (prefix: string, from: number, count: number) =>
    Array.from({ length: count }, (_, i) => `${prefix}${from + i}`)

  test('take a time that is in each part, and in its total', async () => {
    // The other family is waited for, and that takes 50 ms.
    const { host } = await knowing(['127.0.0.1'], undefined)
    const { port } = await page('ok')
    const limits = expecting({ dns: { max: '40ms' }, total: { max: '40ms' } })
    const run = await runOnce(
      check(`http://shop.test:${port}/`, 'every', { expectations: limits }),
      { nameServers: [host] },
    )
    expect(run.assertions).toMatchObject([
      { subject: 'dns', held: false },
      { subject: 'total', held: false },
    ])
    expect(run.phases.map(({ name }) => name)).toEqual(['dns', 'connect', 'firstByte', 'download'])
    expect(phaseMs(run, 'dns')).toBeGreaterThan(40)
    expect(run.steps[0]?.ms).toBeGreaterThan(40)
    expect(run.durationMs).toBeGreaterThan(40)
    expect(run.exchanges?.[0]?.startMs).toBeGreaterThan(40)
  })

  test('every: more than six are too many, and the run says which are left out', async () => {
    const { host } = await knowing(range('127.0.0.', 2, 8), [])
    const port = await freePort()
    const run = await runOnce(check(`http://shop.test:${port}/`, 'every'), { nameServers: [host] })
    expect(run.steps.map(({ name }) => name)).toEqual(range('127.0.0.', 2, 6))
    expect(run.log).toContain(
      'shop.test has 8 addresses, of which 6 are looked at; left out: 127.0.0.8, 127.0.0.9',
    )
  })

  test('both: one of each family, however many the other one has', async () => {
    const { host } = await knowing(range('127.0.0.', 2, 7), range('::', 1, 7))
    const port = await freePort()
    const run = await runOnce(check(`http://shop.test:${port}/`, 'both'), { nameServers: [host] })
    expect(run.steps.map(({ name }) => name)).toEqual(['127.0.0.2', '::1'])
  })

  test('are not known when the probe stops before they came', async () => {
    const stop = new AbortController()
    const { host } = await dnsTarget(() => void stop.abort())
    const run = await runOnce(check('http://shop.test/', 'every'), {
      nameServers: [host],
      stopSignal: stop.signal,
    })
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.interrupted' } })
  })
})
