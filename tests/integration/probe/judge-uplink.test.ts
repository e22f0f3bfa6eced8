import { describe, expect, test } from 'vitest'
import { aCheck } from '../../support/builders.ts'
import { address, dnsTarget, reply } from '../../support/dns-target.ts'
import { aRegion } from '../../support/execute.ts'
import { freePort, httpTarget } from '../../support/http-target.ts'

const accepting = () => httpTarget((_, response) => response.end('ok'))
const deadAddress = async () => `127.0.0.1:${await freePort()}`

/** Finds the names that it knows; fails for every other, or altogether. */
const nameServer = (known: readonly string[]) =>
  dnsTarget((query) => {
    const [question] = query.questions ?? []
    if (!question || !known.includes(question.name)) return reply(query, { rcode: 2 })
    const answers = question.type === 'A' ? [{ ...address('127.0.0.1'), name: question.name }] : []
    return reply(query, { answers })
  })

describe('who is blamed for a connection that fails', () => {
  test.each([
    { target: 'up', references: 'up', verdict: 'passed' },
    { target: 'up', references: 'down', verdict: 'passed' },
    { target: 'down', references: 'up', verdict: 'failed' },
    { target: 'down', references: 'down', verdict: 'probe_fault' },
  ])(
    'target $target, references $references: $verdict',
    async ({ target, references, verdict }) => {
      const [page, reference] = [await accepting(), await accepting()]
      const region = aRegion({
        references: { addresses: [references === 'up' ? reference.host : await deadAddress()] },
      })
      const url = target === 'up' ? page.url : `http://${await deadAddress()}/`
      const { run } = await region.execute(aCheck('http', { url }))
      expect(run.verdict).toBe(verdict)
      expect(region.counts.networkDown).toBe(verdict === 'probe_fault' ? 1 : 0)
      if (verdict !== 'probe_fault') return
      expect(run.error?.type).toBe('probe.uplink')
      expect(run.error?.message).toContain('none of its reference addresses accepts a connection')
      expect(run.diagnosis).toBeUndefined()
    },
  )
})

describe('who is blamed for a name that is not found', () => {
  test.each([
    { target: 'known', resolver: 'answers', verdict: 'passed', known: ['shop.test', 'ref.test'] },
    { target: 'unknown', resolver: 'answers', verdict: 'failed', known: ['ref.test'] },
    { target: 'unknown', resolver: 'fails for every name', verdict: 'probe_fault', known: [] },
  ])('target $target, resolver $resolver: $verdict', async ({ verdict, known }) => {
    const [page, server] = [await accepting(), await nameServer(known)]
    const region = aRegion({ nameServers: [server.host], references: { names: ['ref.test'] } })
    const { run } = await region.execute(
      aCheck('http', { url: `http://shop.test:${page.port}/`, timeoutMs: 4_000 }),
    )
    expect(run.verdict).toBe(verdict)
    if (verdict === 'probe_fault') expect(run.error?.message).toContain('ref.test')
  })

  test('a resolver that is dead is ours, and it is said what was tried', async () => {
    const server = await dnsTarget(() => undefined)
    const region = aRegion({ nameServers: [server.host], references: { names: ['ref.test'] } })
    const check = aCheck('http', { url: 'http://shop.test/', timeoutMs: 300 })
    const { run } = await region.execute(check)
    expect(run).toMatchObject({ verdict: 'probe_fault', error: { type: 'probe.uplink' } })
    expect(run.error?.message).toContain('ref.test: no answer within 2 s')
  })
})

test('runs that fail together ask the references once', async () => {
  const reference = await accepting()
  const region = aRegion({ references: { addresses: [reference.host] } })
  const url = `http://${await deadAddress()}/`
  const runs = await Promise.all(
    Array.from({ length: 20 }, () => region.execute(aCheck('http', { url }))),
  )
  expect(runs.map(({ run }) => run.verdict)).toEqual(Array(20).fill('failed'))
  expect(reference.connections).toBe(1)
})

test('a wrong answer is the target’s, without a look at the references', async () => {
  const [page, reference] = [await accepting(), await accepting()]
  const region = aRegion({ references: { addresses: [reference.host] } })
  const expectations = [{ level: 'must' as const, subject: 'status', matcher: { equals: 204 } }]
  const { run } = await region.execute(aCheck('http', { url: page.url, expectations }))
  expect(run.verdict).toBe('failed')
  expect(reference.connections).toBe(0)
})
