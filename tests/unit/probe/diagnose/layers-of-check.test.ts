import { expect, test } from 'vitest'
import { planDiagnosis } from '../../../../src/probe/diagnose/layers-of-check.ts'
import type { ProbedCheck } from '../../../../src/protocol/check.ts'
import { aCheck } from '../../../support/builders.ts'

const failure = { error: { type: 'timeout' as const, message: '' }, facts: {} }

/** Which layers are looked at: `tcp tls http`. */
function layersOf(check: ProbedCheck, facts: Record<string, unknown> = {}) {
  const plan = planDiagnosis(check, { ...failure, facts })
  if (!plan) return 'nothing'
  if (plan.kind === 'question') return 'question'
  const { tcp, tls, http } = plan.layers
  return ['dns', tcp && 'tcp', tls && 'tls', http && 'http'].filter(Boolean).join(' ')
}

const clientCertificate = { certificate: 'pem', key: 'KEY' }

test.each([
  { why: 'http', check: aCheck('http', { url: 'http://shop.test/' }), layers: 'dns tcp http' },
  {
    why: 'https',
    check: aCheck('http', { url: 'https://shop.test/' }),
    layers: 'dns tcp tls http',
  },
  {
    why: 'https with a client certificate',
    check: aCheck('http', { url: 'https://shop.test/', clientCertificate }),
    layers: 'dns tcp',
  },
  {
    why: 'http through a proxy',
    check: aCheck('http', { url: 'https://shop.test/', proxy: { url: 'http://proxy.test:3128' } }),
    layers: 'dns tcp',
  },
  {
    why: 'http through a proxy over TLS',
    check: aCheck('http', { url: 'https://shop.test/', proxy: { url: 'https://proxy.test' } }),
    layers: 'dns tcp tls',
  },
  { why: 'api', check: aCheck('api'), layers: 'dns tcp http' },
  {
    why: 'wss',
    check: aCheck('websocket', { url: 'wss://shop.test/' }),
    layers: 'dns tcp tls http',
  },
  { why: 'tls', check: aCheck('tls'), layers: 'dns tcp tls' },
  { why: 'tcp', check: aCheck('tcp'), layers: 'dns tcp' },
  { why: 'tcp over tls', check: aCheck('tcp', { tls: true }), layers: 'dns tcp tls' },
  { why: 'grpc', check: aCheck('grpc'), layers: 'dns tcp' },
  { why: 'smtp', check: aCheck('smtp'), layers: 'dns tcp' },
  { why: 'smtp over tls', check: aCheck('smtp', { security: 'tls' }), layers: 'dns tcp tls' },
  { why: 'postgres', check: aCheck('postgres', { security: 'verify' }), layers: 'dns tcp' },
  { why: 'icmp', check: aCheck('icmp'), layers: 'dns' },
  { why: 'dns', check: aCheck('dns'), layers: 'question' },
  { why: 'dns over tls', check: aCheck('dns', { transport: 'tls' }), layers: 'nothing' },
  { why: 'journey', check: aCheck('journey'), layers: 'nothing' },
])('$why: $layers', ({ check, layers }) => {
  expect(layersOf(check)).toBe(layers)
})

test('what the policy refuses is not tried in another way', () => {
  const error = { type: 'connect.forbidden' as const, message: '' }
  expect(planDiagnosis(aCheck('http'), { error, facts: {} })).toBeUndefined()
})

test('it is looked at where the run got to, without what may be secret', () => {
  const check = aCheck('http', { url: 'https://user:pass@shop.test/a/{{TOKEN}}?key=1#x' })
  const plan = planDiagnosis(check, failure)
  expect(plan).toMatchObject({ layers: { http: new URL('https://shop.test/') } })
  const after = planDiagnosis(check, { ...failure, facts: { finalUrl: 'http://other.test:81/b' } })
  expect(after).toMatchObject({ layers: { endpoint: { host: 'other.test', port: 81 } } })
})

test('the name that a check says is for its own address, not for where it was sent', () => {
  const check = aCheck('http', { url: 'https://192.0.2.1/', serverName: 'shop.test' })
  const nameAfter = (finalUrl?: string) => {
    const plan = planDiagnosis(check, { ...failure, facts: finalUrl ? { finalUrl } : {} })
    return plan?.kind === 'layers' ? plan.layers.tls?.serverName : undefined
  }
  expect(nameAfter()).toBe('shop.test')
  expect(nameAfter('https://192.0.2.1/b')).toBe('shop.test')
  expect(nameAfter('https://192.0.2.1:8443/b')).toBe('shop.test')
  expect(nameAfter('https://other.test/')).toBe('other.test')
})
