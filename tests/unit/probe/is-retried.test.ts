import { expect, test } from 'vitest'
import { isRetried } from '../../../src/probe/is-retried.ts'
import { RunErrorType, type Verdict } from '../../../src/protocol/run.ts'

const network = { on: 'network', times: 1 } as const
const any = { on: 'any', times: 1 } as const
const failed = (type: RunErrorType) => ({
  verdict: 'failed' as const,
  error: { type, message: type },
})

test.each([
  'dns.timeout',
  'dns.server_failure',
  'connect.refused',
  'connect.reset',
  'connect.timeout',
  'connect.unreachable',
  'timeout',
  'tls.handshake',
  'proxy.refused',
  'websocket.closed',
  'icmp.no_answer',
] as const)('%s is repeated as a failure of the network', (type) => {
  expect(isRetried(failed(type), network)).toEqual({
    isRetried: true,
    because: `${type} is a failure of the network`,
  })
})

test.each([
  'assertion',
  'tls.expired',
  'tls.untrusted',
  'tls.host_name',
  'connect.forbidden',
  'http.malformed',
  'smtp.refused',
  'postgres.not_ready',
  'postgres.login',
  'auth.token',
  'journey.step',
] as const)('%s is an answer: repeated only when every failure is', (type) => {
  expect(isRetried(failed(type), network).isRetried).toBe(false)
  expect(isRetried(failed(type), any).isRetried).toBe(true)
})

test('what the probe could not do is never repeated, nor what was only degraded or passed', () => {
  for (const verdict of ['passed', 'degraded', 'probe_fault'] satisfies Verdict[])
    for (const retry of [network, any])
      for (const type of RunErrorType.options)
        expect(isRetried({ verdict, error: { type, message: '' } }, retry).isRetried).toBe(false)
})

test('every decision has a reason in words', () => {
  for (const type of RunErrorType.options)
    for (const retry of [network, any]) expect(isRetried(failed(type), retry).because).not.toBe('')
})
