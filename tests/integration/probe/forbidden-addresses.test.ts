import { describe, expect, test } from 'vitest'
import type { AddressPolicy } from '../../../src/probe/network/address-policy.ts'
import type { ProbedCheck } from '../../../src/protocol/check.ts'
import { aCheck } from '../../support/builders.ts'
import { address, dnsTarget, reply } from '../../support/dns-target.ts'
import { aRegion } from '../../support/execute.ts'
import { httpTarget } from '../../support/http-target.ts'

/** Gives one address after the other, and the last one for ever. */
async function changingNames(addresses: readonly string[]) {
  let asked = 0
  return dnsTarget((query) => {
    const [question] = query.questions ?? []
    if (question?.type !== 'A') return reply(query)
    const data = addresses[Math.min(asked++, addresses.length - 1)] ?? ''
    return reply(query, { answers: [{ ...address(data), name: question.name }] })
  })
}

/** A server on this machine that must never be reached. */
const inside = () => httpTarget((_, response) => response.end('secret'))

describe('a region that connects to public addresses only refuses this machine', () => {
  const kinds: [string, (port: number, host: string) => ProbedCheck][] = [
    ['http', (port, host) => aCheck('http', { url: `http://${host}:${port}/` })],
    ['tls', (port, host) => aCheck('tls', { host, port })],
    ['dns', (port, host) => aCheck('dns', { server: `${host}:${port}` })],
  ]

  test.each(kinds)('%s, by address', async (_, checkOf) => {
    const target = await inside()
    const { run } = await aRegion({ policy: 'public' }).execute(checkOf(target.port, '127.0.0.1'))
    expect(run).toMatchObject({ verdict: 'failed', error: { type: 'connect.forbidden' } })
    expect(run.error?.message).toContain('127.0.0.1')
    expect(run.diagnosis).toBeUndefined()
    expect(target.connections).toBe(0)
  })

  test.each(kinds)('%s, by a name that resolves there', async (_, checkOf) => {
    const [target, names] = [await inside(), await changingNames(['127.0.0.1'])]
    const region = aRegion({ policy: 'public', nameServers: [names.host] })
    const { run } = await region.execute(checkOf(target.port, 'inside.test'))
    expect(run.error).toMatchObject({
      type: 'connect.forbidden',
      message: expect.stringContaining('127.0.0.1'),
    })
    expect(target.connections).toBe(0)
  })

  test.each(['127.1', '2130706433', '0x7f000001', '[::ffff:127.0.0.1]', 'localhost', '0'])(
    'http, written as %s',
    async (host) => {
      const target = await inside()
      const check = aCheck('http', { url: `http://${host}:${target.port}/` })
      const { run } = await aRegion({ policy: 'public' }).execute(check)
      expect(run.error?.type).toBe('connect.forbidden')
      expect(target.connections).toBe(0)
    },
  )

  test('http, through a proxy there', async () => {
    const target = await inside()
    const proxy = { url: `http://127.0.0.1:${target.port}` }
    const check = aCheck('http', { url: 'http://shop.test/', proxy })
    const { run } = await aRegion({ policy: 'public' }).execute(check)
    expect(run.verdict).not.toBe('passed')
    expect(target.connections).toBe(0)
  })
})

describe('where the first address was allowed', () => {
  // The rule lets the first request reach this machine, as a public server that answers for itself.
  const outsideAt = (port: number) => [
    { from: { host: 'outside.test', port: 80 }, to: { host: '127.0.0.1', port } },
  ]

  test.each(['http://127.0.0.1:%/', 'http://2130706433:%/', 'http://inside.test:%/'])(
    'a redirect to %s is refused',
    async (location) => {
      const [target, names] = [await inside(), await changingNames(['127.0.0.1'])]
      const to = location.replace('%', String(target.port))
      const outside = await httpTarget((_, response) =>
        response.writeHead(302, { location: to }).end(),
      )
      const region = aRegion({
        policy: 'public',
        nameServers: [names.host],
        connectToRules: outsideAt(outside.port),
      })
      const { run } = await region.execute(aCheck('http', { url: 'http://outside.test/' }))
      expect(run.error?.type).toBe('connect.forbidden')
      expect(outside.connections).toBe(1)
      expect(target.connections).toBe(0)
    },
  )

  test('a name that leads elsewhere the second time is refused then', async () => {
    const target = await httpTarget((_, response) => response.end('secret'), '127.0.0.2')
    const outside = await httpTarget((_, response) =>
      response.writeHead(302, { location: `http://rebinding.test:${target.port}/` }).end(),
    )
    const names = await changingNames(['127.0.0.1', '127.0.0.2'])
    // As if the first address were one of the Internet.
    const policy: AddressPolicy = {
      name: 'public',
      problem: (found: string) => (found === '127.0.0.2' ? 'a private address' : undefined),
    }
    const region = aRegion({ policy, nameServers: [names.host] })
    const check = aCheck('http', { url: `http://rebinding.test:${outside.port}/` })
    const { run } = await region.execute(check)
    expect(run.error?.type).toBe('connect.forbidden')
    expect(run.error?.message).toContain('127.0.0.2')
    expect(outside.connections).toBe(1)
    expect(target.connections).toBe(0)
  })
})
