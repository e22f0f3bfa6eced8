import { describe, expect, test } from 'vitest'
import { aCheck } from '../../../support/builders.ts'
import { address, dnsTarget, reply } from '../../../support/dns-target.ts'
import { aRegion } from '../../../support/execute.ts'
import { freePort, httpTarget, rawTarget } from '../../../support/http-target.ts'
import {
  anAuthority,
  issue,
  keyPair,
  MS_PER_DAY,
  pemOf,
  tlsTarget,
} from '../../../support/tls-target.ts'

const isOk = [{ level: 'must' as const, subject: 'status', matcher: { equals: 200 } }]
const MS_PER_HOUR = 3_600_000

/** A name server that gives every name these addresses, or this code. */
const nameServer = ({ rcode = 0, addresses = ['127.0.0.1'] } = {}) =>
  dnsTarget((query) => {
    const [question] = query.questions ?? []
    const found = rcode === 0 && question?.type === 'A' ? addresses : []
    const answers = found.map((data) => ({ ...address(data), name: question?.name ?? '' }))
    return reply(query, { rcode, answers })
  })

const layersOf = ({
  diagnosis,
}: {
  diagnosis?: { layers: { layer: string; isFine: boolean }[] } | undefined
}) => diagnosis?.layers.map(({ layer, isFine }) => `${layer} ${isFine ? 'fine' : 'broken'}`)

describe('the broken layer is named in front of the error', () => {
  test('DNS: our resolver fails, another one answers', async () => {
    const [own, other] = [await nameServer({ rcode: 2 }), await nameServer()]
    const region = aRegion({ nameServers: [own.host], references: { resolvers: [other.host] } })
    const { run } = await region.execute(aCheck('http', { url: 'http://shop.test/' }))
    expect(run.error).toMatchObject({ type: 'dns.server_failure' })
    expect(run.error?.message).toMatch(
      new RegExp(`^DNS: SERVFAIL from ${own.host}, NOERROR from ${other.host}\\. `),
    )
    expect(run.diagnosis).toMatchObject({ firstBroken: 0 })
    expect(layersOf(run)).toEqual(['dns broken', 'dns fine'])
  })

  test('TCP: of two addresses none accepts', async () => {
    const server = await nameServer({ addresses: ['127.0.0.1', '127.0.0.2'] })
    const port = await freePort()
    const region = aRegion({ nameServers: [server.host] })
    const { run } = await region.execute(aCheck('http', { url: `http://shop.test:${port}/` }))
    expect(run.error?.message).toMatch(
      /^TCP: connection to 127\.0\.0\.\d:\d+ refused, 127\.0\.0\.\d:\d+ refused\. /,
    )
    expect(layersOf(run)).toEqual(['dns fine', 'tcp broken', 'tcp broken'])
  })

  test('TCP: one address refuses, the other accepts', async () => {
    const server = await nameServer({ addresses: ['127.0.0.1', '127.0.0.2'] })
    const page = await httpTarget((_, response) => response.end('ok'))
    const region = aRegion({ nameServers: [server.host] })
    const check = aCheck('http', { url: `http://shop.test:${page.port}/`, addresses: 'every' })
    const { run } = await region.execute(check)
    expect(run.verdict).toBe('failed')
    expect(run.error?.message).toContain(`127.0.0.2:${page.port} refused`)
    expect(run.error?.message).toContain(`127.0.0.1:${page.port} accepted`)
    expect(layersOf(run)).toContain('http fine')
  })

  test('TLS: the certificate expired three hours ago', async () => {
    const authority = await anAuthority()
    const leaf = await issue({
      issuer: authority,
      fromMs: -10 * MS_PER_DAY,
      untilMs: -3 * MS_PER_HOUR - 60_000,
    })
    const target = await tlsTarget(await keyPair(leaf, authority))
    const server = await nameServer()
    const url = `https://shop.test:${target.port}/`
    const region = aRegion({ nameServers: [server.host] })
    const { run } = await region.execute(aCheck('http', { url, trustedRoots: pemOf(authority) }))
    expect(run.error?.type).toBe('tls.expired')
    expect(run.error?.message).toMatch(/^TLS: .*certificate expired 3 h ago/)
    expect(layersOf(run)).toContain('tls broken')
    expect(run.facts.certificateDaysLeft).toBe(-1)
  })

  test('TLS: the server does not speak it', async () => {
    const page = await httpTarget((_, response) => response.end('ok'))
    const { run } = await aRegion().execute(aCheck('tls', { port: page.port, timeoutMs: 2_000 }))
    expect(run.error?.message).toMatch(/^TLS: /)
    expect(layersOf(run)).toEqual(['tcp fine', 'tls broken'])
  })

  test('HTTP: the server fails', async () => {
    const page = await httpTarget((_, response) => response.writeHead(503).end())
    const check = aCheck('http', { url: `${page.url}cart?token=hidden`, expectations: isOk })
    const { run } = await aRegion().execute(check)
    expect(run.error?.message).toMatch(/^HTTP: GET \/cart answered with 503\. status: expected 200/)
    expect(layersOf(run)).toEqual(['tcp fine', 'http broken'])
    expect(page.requests.at(-1)?.url).toBe('/cart')
  })

  test('HTTP: what answers is no web server', async () => {
    const page = await rawTarget(
      (socket) => void socket.once('data', () => socket.end('hello\r\n')),
    )
    const { run } = await aRegion().execute(aCheck('http', { url: page.url }))
    expect(run.error?.type).toBe('http.malformed')
    expect(run.error?.message).toMatch(/^HTTP: /)
  })

  test('of a dns check, its own server against another one', async () => {
    const [own, other] = [await nameServer({ rcode: 5 }), await nameServer()]
    const expectations = [
      { level: 'must' as const, subject: 'rcode', matcher: { equals: 'NOERROR' } },
    ]
    const region = aRegion({ references: { resolvers: [other.host] } })
    const { run } = await region.execute(aCheck('dns', { server: own.host, expectations }))
    expect(run.error?.message).toMatch(
      new RegExp(`^DNS: REFUSED from ${own.host}, NOERROR from ${other.host}\\. `),
    )
  })
})

test('where every layer works by itself, the message stays, and the layers are told', async () => {
  const page = await httpTarget((_, response) => response.end('ok'))
  const expectations = [{ level: 'must' as const, subject: 'body', matcher: { contains: 'Lamp' } }]
  const { run } = await aRegion().execute(aCheck('http', { url: page.url, expectations }))
  expect(run.error?.message).toMatch(/^body: expected/)
  expect(run.diagnosis?.firstBroken).toBeUndefined()
  expect(layersOf(run)).toEqual(['tcp fine', 'http fine'])
})

test('a run that passes is not looked at', async () => {
  const page = await httpTarget((_, response) => response.end('ok'))
  const { run } = await aRegion().execute(aCheck('http', { url: page.url }))
  expect(run.diagnosis).toBeUndefined()
  expect(page.connections).toBe(1)
})

test('a target that accepts and says nothing costs a bounded time, outside the measured one', async () => {
  const silent = await rawTarget(() => undefined)
  const startedAt = performance.now()
  const check = aCheck('http', { url: silent.url, timeoutMs: 300 })
  const { run } = await aRegion().execute(check)
  expect(performance.now() - startedAt).toBeLessThan(300 + 1_500 + 500)
  expect(run.durationMs).toBeLessThan(500)
  expect(run.error?.type).toBe('timeout')
  expect(run.error?.message).toMatch(/^HTTP: no answer in time\. no first byte/)
})

test('when many fail at once, a few are looked at, and the others say that they were not', async () => {
  const page = await httpTarget((_, response) => response.writeHead(500).end())
  const region = aRegion()
  const check = aCheck('http', { url: page.url, expectations: isOk })
  const runs = await Promise.all(Array.from({ length: 30 }, () => region.execute(check)))
  const skipped = runs.filter(({ run }) => run.log.some((line) => line.startsWith('not diagnosed')))
  expect(skipped.length).toBeGreaterThan(0)
  expect(region.counts.diagnosesSkipped).toBe(skipped.length)
  expect(runs.filter(({ run }) => run.diagnosis).length).toBe(30 - skipped.length)
})

test('connect-to rules hold for the diagnosis as well', async () => {
  const port = await freePort()
  const rule = { from: { host: 'shop.test', port: 80 }, to: { host: '127.0.0.1', port } }
  const { run } = await aRegion({ policy: 'public', connectToRules: [rule] }).execute(
    aCheck('http', { url: 'http://shop.test/' }),
  )
  expect(run.error?.message).toMatch(new RegExp(`^TCP: connection to 127.0.0.1:${port} refused`))
})
